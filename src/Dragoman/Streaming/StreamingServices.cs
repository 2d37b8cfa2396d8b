using Dragoman.Configuration;

namespace Dragoman.Streaming;

/// <summary>What every answer needs.</summary>
/// <param name="Options">Time-outs and limits.</param>
/// <param name="Time">The clock.</param>
/// <param name="Shutdown">Ends open answers when the grace time of a stop is over.</param>
internal sealed record StreamingServices(GatewayOptions Options, TimeProvider Time, CancellationToken Shutdown);
