using Dragoman.Translation.ChatCompletions;

namespace Dragoman.TokenCounting;

/// <summary>Answer to a count.</summary>
/// <param name="InputTokens">Tokens of the whole prompt; at least 1.</param>
/// <param name="Estimated">True if no tokenizer of the model's own counted them all. (failures.md F3)</param>
public readonly record struct TokenCount(long InputTokens, bool Estimated);

/// <summary>A prompt to count: a translated request and where it would go.</summary>
public sealed record CountRequest
{
    /// <summary>The request as the translator wrote it for the backend. Must stay untouched until the count is done or has thrown.</summary>
    public required ReadOnlyMemory<byte> Chat { get; init; }

    /// <summary>Its size, from the same translation.</summary>
    public required PromptSize Size { get; init; }

    /// <summary>How the backend counts.</summary>
    public required Dialect Dialect { get; init; }

    /// <summary>What is known of the backend's and model's prompts: <see cref="TokenCounter.Estimator"/>.</summary>
    public required PromptEstimator Estimator { get; init; }

    /// <summary>The backend's address as configured, <c>/v1</c> included.</summary>
    public required Uri Url { get; init; }

    /// <summary>Sends a request to the backend with its credential.</summary>
    public required Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Send { get; init; }

    /// <summary>For wording a refusal.</summary>
    public required ErrorContext ErrorContext { get; init; }
}

/// <summary>The backend refused to count, for a reason that would meet the real request too: a bad key, no money, too many requests. (failures.md F5)</summary>
public sealed class CountRefusedException(TranslatedError error) : Exception(error.Error.Message)
{
    /// <summary>What the caller is told.</summary>
    public TranslatedError Error { get; } = error;
}

/// <summary>A request that was kept to learn from when its usage is known: <see cref="TokenCounter.TrySample"/>.</summary>
public sealed class PromptSample
{
    internal PromptSample(byte[] chat) => Chat = chat;

    internal byte[] Chat { get; }
}

/// <summary>Limits of counting.</summary>
public sealed record TokenCountingOptions
{
    /// <summary>Counts by our own tokenizer that run at once. 0: half the processors, so that streams keep the other half. (failures.md F4)</summary>
    public int MaxConcurrent { get; init; }

    /// <summary>Counts that may wait for their turn; further ones are answered by size alone, at once.</summary>
    public int MaxWaiting { get; init; } = 64;

    /// <summary>Longest wait for a backend's own count; after it we estimate.</summary>
    public TimeSpan BackendTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a backend that has no tokenizer endpoint, or did not answer in time, is not asked again.</summary>
    public TimeSpan BackendRest { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Messages, tools and whole counts that are remembered, about 200 bytes each.</summary>
    public int CacheEntries { get; init; } = 20_000;

    /// <summary>Longest request that is kept to learn from, in bytes.</summary>
    public int MaxSampleBytes { get; init; } = 256 * 1024;
}
