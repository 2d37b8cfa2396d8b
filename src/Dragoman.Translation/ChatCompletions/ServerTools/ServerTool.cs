using Dragoman.Protocol.Anthropic;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>A server tool that the client listed, with its parameters (anthropic-messages.md section 7.2).</summary>
public sealed record ServerTool
{
    /// <summary>What it does.</summary>
    public required ServerToolKind Kind { get; init; }

    /// <summary>How often it may run in this turn of the assistant; null for no limit of the client's.</summary>
    public long? MaxUses { get; init; }

    /// <summary>How often it was run in the turn that this request goes on with.</summary>
    public int Used { get; init; }

    /// <summary>It may be called in this answer; a model that calls it all the same is told so.</summary>
    public bool MayRun { get; init; } = true;

    /// <summary>Only these domains and paths; empty for all.</summary>
    public IReadOnlyList<string> AllowedDomains { get; init; } = [];

    /// <summary>All but these domains and paths. Never given together with <see cref="AllowedDomains"/>.</summary>
    public IReadOnlyList<string> BlockedDomains { get; init; } = [];

    /// <summary>Of a search: where the user is; null if unknown.</summary>
    public UserLocation? UserLocation { get; init; }

    /// <summary>Of a fetch: most tokens of a page that are wanted; null for no limit of the client's.</summary>
    public long? MaxContentTokens { get; init; }

    /// <summary>Of a fetch: a page that was fetched before may be given again.</summary>
    public bool UseCache { get; init; } = true;
}

/// <summary><c>user_location</c>, of type <c>approximate</c>.</summary>
/// <param name="City">The city; null if unknown, as all here.</param>
/// <param name="Region">The region or state.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="TimeZone">IANA name.</param>
public sealed record UserLocation(string? City, string? Region, string? Country, string? TimeZone);

/// <summary>Which server tools the gateway runs, and what their translation needs.</summary>
public sealed record ServerToolOffer
{
    /// <summary>Searches can be run.</summary>
    public bool WebSearch { get; init; }

    /// <summary>Pages can be fetched.</summary>
    public bool WebFetch { get; init; }

    /// <summary>Why searches cannot be run and what to do about it, put behind the tool's type: <c>is not … Add … to the configuration.</c></summary>
    public string WebSearchRefusal { get; init; } = "is not supported by this gateway";

    /// <summary>Key that what later turns need of search results is sealed with; the same for all backends.</summary>
    public ReadOnlyMemory<byte> SealKey { get; init; }
}

/// <summary>A call of a server tool that waits to be run.</summary>
/// <param name="Id">Of its block.</param>
/// <param name="Tool">What is called.</param>
/// <param name="Input">A JSON object, as the model wrote it: nothing in it is sure.</param>
public sealed record ServerToolCall(string Id, ServerTool Tool, ReadOnlyMemory<byte> Input);

/// <summary>What became of a call.</summary>
public abstract record ServerToolOutcome;

/// <summary>A search found this.</summary>
/// <param name="Pages">Best first.</param>
public sealed record FoundPages(IReadOnlyList<FoundPage> Pages) : ServerToolOutcome;

/// <summary>One result of a search.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Url">Its address.</param>
/// <param name="Age">How old it is, in words; null if unknown.</param>
/// <param name="Snippet">What of it the model is shown.</param>
public sealed record FoundPage(string Title, string Url, string? Age, string Snippet);

/// <summary>A fetch brought this.</summary>
/// <param name="Url">Where it was in the end.</param>
/// <param name="Title">Its title; null if it has none.</param>
/// <param name="Text">Its text.</param>
/// <param name="RetrievedAt">When, as RFC 3339.</param>
public sealed record FetchedPage(string Url, string? Title, string Text, string? RetrievedAt) : ServerToolOutcome;

/// <summary>It failed: a result block like any other, and the model goes on.</summary>
/// <param name="ErrorCode">The real service's word.</param>
public sealed record ServerToolFailure(string ErrorCode) : ServerToolOutcome;

/// <summary>How far an answer has come that several upstream answers make together.</summary>
/// <param name="Blocks">Blocks that the client was told of.</param>
/// <param name="Usage">Counts so far, server tools included.</param>
public readonly record struct MessageProgress(int Blocks, Usage Usage);
