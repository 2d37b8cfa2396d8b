namespace Dragoman.Configuration;

/// <summary>Somebody who may call the gateway.</summary>
internal sealed record CallerKeyOptions
{
    /// <summary>How logs, limits and accounts call them.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the key, as 64 hexadecimal digits. The key itself is nowhere.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Model names they may ask for, with <c>*</c> for any characters. Empty: all.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>From then on the key is refused; null: never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>What the accounting record shall say of them, such as a team.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>How much they may use; null sets no bound.</summary>
    public UsageLimitOptions? Limits { get; init; }
}

/// <summary>Callers that come with a token of an identity provider.</summary>
internal sealed record JwtOptions
{
    /// <summary>Who must have issued it; its keys are found at <c>{issuer}/.well-known/openid-configuration</c> unless <see cref="Jwks"/> is
    /// set.</summary>
    public required string Issuer { get; init; }

    /// <summary>For whom it must have been issued.</summary>
    public required string Audience { get; init; }

    /// <summary>Address of the issuer's keys, for issuers without discovery.</summary>
    public Uri? Jwks { get; init; }

    /// <summary>The claim that names the caller.</summary>
    public string NameClaim { get; init; } = "sub";

    /// <summary>The claim that lists the models they may ask for; null: all.</summary>
    public string? ModelsClaim { get; init; }

    /// <summary>How much each of them may use; null sets no bound.</summary>
    public UsageLimitOptions? Limits { get; init; }
}

/// <summary>How much a caller or a route may use. Null: no bound. Tokens count prompt and answer, cached ones included.</summary>
internal sealed record UsageLimitOptions
{
    /// <summary>Requests that may begin in a minute.</summary>
    public long? RequestsPerMinute { get; init; }

    /// <summary>Requests that may be open at once.</summary>
    public long? ConcurrentRequests { get; init; }

    /// <summary>Tokens a minute, prompt and answer.</summary>
    public long? TokensPerMinute { get; init; }

    /// <summary>Prompt tokens a minute.</summary>
    public long? InputTokensPerMinute { get; init; }

    /// <summary>Answer tokens a minute.</summary>
    public long? OutputTokensPerMinute { get; init; }

    /// <summary>Tokens a day (UTC), prompt and answer.</summary>
    public long? TokensPerDay { get; init; }

    /// <summary>Tokens a calendar month (UTC), prompt and answer.</summary>
    public long? TokensPerMonth { get; init; }

    /// <summary>Prompt tokens a day (UTC).</summary>
    public long? InputTokensPerDay { get; init; }

    /// <summary>Prompt tokens a calendar month (UTC).</summary>
    public long? InputTokensPerMonth { get; init; }

    /// <summary>Answer tokens a day (UTC).</summary>
    public long? OutputTokensPerDay { get; init; }

    /// <summary>Answer tokens a calendar month (UTC).</summary>
    public long? OutputTokensPerMonth { get; init; }

    /// <summary>Money a day (UTC), in the currency of the prices.</summary>
    public decimal? MoneyPerDay { get; init; }

    /// <summary>Money a calendar month (UTC), in the currency of the prices.</summary>
    public decimal? MoneyPerMonth { get; init; }
}

/// <summary>What a million tokens of a model cost, in any one currency.</summary>
internal sealed record PriceOptions
{
    /// <summary>The model as the backend knows it; <c>*</c> stands for any characters. First match counts.</summary>
    public required string Model { get; init; }

    /// <summary>Only for this backend; null: for all.</summary>
    public string? Backend { get; init; }

    /// <summary>Prompt tokens that no cache held.</summary>
    public decimal Input { get; init; }

    /// <summary>Prompt tokens read from a cache; null: as <see cref="Input"/>.</summary>
    public decimal? CachedRead { get; init; }

    /// <summary>Prompt tokens written to a cache; null: as <see cref="Input"/>.</summary>
    public decimal? CachedWrite { get; init; }

    /// <summary>Answer tokens.</summary>
    public decimal Output { get; init; }
}

/// <summary>Where limits are counted.</summary>
internal sealed record LimitStoreOptions
{
    /// <summary>Address of a Redis or Valkey server that replicas share, such as <c>redis:6379</c> with further options behind commas; null
    /// counts in this process.</summary>
    public string? Redis { get; init; }

    /// <summary>Set before every name in it, so that several gateways can share a server.</summary>
    public string Prefix { get; init; } = "dragoman:";

    /// <summary>Longest wait for it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What happens to requests while it cannot be reached.</summary>
    public StoreDown IfDown { get; init; } = StoreDown.Allow;
}

/// <summary>What happens while the store of limits cannot be reached.</summary>
internal enum StoreDown
{
    /// <summary>Each process counts for itself.</summary>
    Allow,

    /// <summary>Requests that have limits are refused.</summary>
    Refuse,
}

/// <summary>Where each request's account goes.</summary>
internal sealed record AccountingOptions
{
    /// <summary>A file that one JSON line is added to for each request, or <c>-</c> for standard output; null keeps no accounts.</summary>
    public string? File { get; init; }
}
