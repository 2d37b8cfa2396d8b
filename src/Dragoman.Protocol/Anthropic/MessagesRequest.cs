using Dragoman.Protocol.Json;

namespace Dragoman.Protocol.Anthropic;

/// <summary>The body of <c>POST /v1/messages</c> and <c>/v1/messages/count_tokens</c>: a view, open to unknown fields.</summary>
public readonly struct MessagesRequest(JsonView root)
{
    /// <summary>The whole body.</summary>
    public JsonView Root => root;
}
