using Dragoman.Protocol.Anthropic;
using Dragoman.Telemetry;

namespace Dragoman.Upstream;

/// <summary>What a caller wants, as it is said to one target after another.</summary>
/// <param name="Message">The request. Its memory is given back when the answer has begun.</param>
/// <param name="Headers">The caller's headers. Nothing of them goes on but what a schema names one by one. (failures.md D19)</param>
/// <param name="Telemetry">Takes what becomes known.</param>
internal sealed record CallerRequest(MessagesRequest Message, IHeaderDictionary Headers, RequestTelemetry Telemetry)
{
    /// <summary>The caller's session, for cache affinity; null if unknown.</summary>
    public string? SessionKey => Routing.SessionKey.Of(Headers);
}
