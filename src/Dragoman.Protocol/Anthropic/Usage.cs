namespace Dragoman.Protocol.Anthropic;

/// <summary>Token counts of one answer in the client API's terms (anthropic-messages.md section 10).</summary>
/// <param name="InputTokens">Prompt tokens that were neither read from nor written to a cache.</param>
/// <param name="CacheReadInputTokens">Prompt tokens read from a cache.</param>
/// <param name="CacheCreationInputTokens">Prompt tokens written to a cache.</param>
/// <param name="OutputTokens">All generated tokens, thinking included.</param>
/// <param name="ThinkingTokens">Those of <paramref name="OutputTokens"/> spent on thinking; null if unknown.</param>
/// <param name="Estimated">True if the backend counted nothing and these are our estimate.</param>
public readonly record struct Usage(
    long InputTokens,
    long CacheReadInputTokens,
    long CacheCreationInputTokens,
    long OutputTokens,
    long? ThinkingTokens = null,
    bool Estimated = false)
{
    /// <summary>The whole prompt: what the backend counted as prompt tokens.</summary>
    public long PromptTokens => InputTokens + CacheReadInputTokens + CacheCreationInputTokens;

    /// <summary>Searches and fetches that were run for the answer; null if it was offered neither.</summary>
    public ServerToolUsage? ServerTools { get; init; }

    /// <summary>The counts of two upstream answers that make one answer together.</summary>
    public Usage Plus(in Usage more) => new(
        InputTokens + more.InputTokens,
        CacheReadInputTokens + more.CacheReadInputTokens,
        CacheCreationInputTokens + more.CacheCreationInputTokens,
        OutputTokens + more.OutputTokens,
        ThinkingTokens is null && more.ThinkingTokens is null ? null : (ThinkingTokens ?? 0) + (more.ThinkingTokens ?? 0),
        Estimated || more.Estimated)
    {
        ServerTools = more.ServerTools ?? ServerTools,
    };
}

/// <summary>Server tools that were run for one answer. Those that failed do not count, as on the real service.</summary>
/// <param name="WebSearchRequests">Searches.</param>
/// <param name="WebFetchRequests">Fetches.</param>
public readonly record struct ServerToolUsage(long WebSearchRequests, long WebFetchRequests);
