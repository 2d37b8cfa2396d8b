using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dragoman.Configuration;
using Dragoman.Documents;
using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;
using Dragoman.Translation.ChatCompletions;
using Dragoman.WebFetch;
using Dragoman.WebSearch;

namespace Dragoman.ServerTools;

/// <summary>The server tools that the gateway runs itself, for backends that have none. One for each configuration.</summary>
internal sealed partial class WebTools : IAsyncDisposable
{
    // Most gateways never need them, and a start should cost nothing for them.
    private readonly Lazy<WebSearcher> _search;
    private readonly Lazy<PageFetcher> _fetch;
    private readonly ILogger _log;

    public WebTools(GatewayOptions options, PdfText pdf, TimeProvider time, ILoggerFactory logs)
    {
        Options = options.WebSearch;
        _search = new(() => new(options.WebSearch, time, logs));
        _fetch = new(() => new(options.WebFetch, pdf, time));
        _log = logs.CreateLogger("Dragoman.ServerTools");
        Offer = new()
        {
            WebSearch = options.WebSearch.InOrder.Count > 0,
            WebFetch = options.WebFetch.Enabled,
            WebSearchRefusal = "needs a search service, and this gateway has none. Name one in its configuration, such as "
                + "web_search: { provider: searxng, url: http://127.0.0.1:8888 }",
            SealKey = SealKeyOf(options.SigningKey),
        };
    }

    /// <summary>What requests may list.</summary>
    public ServerToolOffer Offer { get; }

    /// <summary>How often, and whether at once.</summary>
    public WebSearchOptions Options { get; }

    /// <summary>Runs a call. Whatever goes wrong is an outcome.</summary>
    /// <param name="call">The call.</param>
    /// <param name="conversation">What the model has seen; read before the first wait only.</param>
    /// <param name="cancellation">Ends it at once.</param>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async Task<ServerToolOutcome> RunAsync(ServerToolCall call, MessagesRequest conversation, CancellationToken cancellation)
    {
        try
        {
            return call.Tool.Kind == ServerToolKind.WebFetch
                ? await FetchAsync(call, conversation, cancellation)
                : await SearchAsync(call, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failed(_log, call.Tool.Kind, ExceptionKinds.Of(e), e.StackTrace);
            return new ServerToolFailure("unavailable");
        }
    }

    /// <summary>Checks what a translation cannot know: whether domains are domains.</summary>
    /// <exception cref="GatewayException">One is not.</exception>
    public static void Check(MessagesRequest request, IReadOnlyList<ServerTool> tools)
    {
        foreach (var tool in tools)
        {
            if (DomainFilter.TryCreate(tool.AllowedDomains, tool.BlockedDomains, out _, out var fault)) continue;
            throw GatewayException.InvalidRequest($"{ServerToolRequests.PathOf(request, tool.Kind)}.{fault}");
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_fetch.IsValueCreated) _fetch.Value.Dispose();
        return _search.IsValueCreated ? _search.Value.DisposeAsync() : ValueTask.CompletedTask;
    }

    private async Task<ServerToolOutcome> FetchAsync(ServerToolCall call, MessagesRequest conversation, CancellationToken cancellation)
    {
        if (ArgumentOf(call, "url"u8) is not { } url) return new ServerToolFailure(FetchError.InvalidToolInput.Code());
        if (!KnownUrls.Of(conversation, Offer.SealKey.Span).Contains(url)) return new ServerToolFailure(FetchError.UrlNotInPriorContext.Code());
        var request = new FetchRequest(url)
        {
            Domains = FilterOf(call.Tool),
            MaxContentTokens = call.Tool.MaxContentTokens is { } most ? (int)Math.Min(most, int.MaxValue) : null,
            UseCache = call.Tool.UseCache,
        };
        return await _fetch.Value.FetchAsync(request, cancellation) switch
        {
            WebFetch.FetchedPage page => new Translation.ChatCompletions.FetchedPage(
                page.Url, page.Title, page.Text, page.RetrievedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
            FetchFailure failure => new ServerToolFailure(failure.Error.Code()),
            _ => new ServerToolFailure(FetchError.Unavailable.Code()),
        };
    }

    private async Task<ServerToolOutcome> SearchAsync(ServerToolCall call, CancellationToken cancellation)
    {
        if (ArgumentOf(call, "query"u8) is not { } text) return new ServerToolFailure(SearchError.InvalidToolInput.Code());
        var location = call.Tool.UserLocation;
        var query = new SearchQuery(text)
        {
            Domains = FilterOf(call.Tool),
            Location = location is null ? null : new(location.City, location.Region, location.Country, location.TimeZone),
        };
        var outcome = await _search.Value.SearchAsync(query, cancellation);
        if (outcome.Error is { } error) return new ServerToolFailure(error.Code());
        return new Translation.ChatCompletions.FoundPages(
            [.. outcome.Results.Select(static result => new FoundPage(result.Title, result.Url, result.PageAge, result.Snippet))]);
    }

    /// <summary>What a request's lists say; what of them is no domain was refused with the request.</summary>
    private static DomainFilter FilterOf(ServerTool tool) => DomainFilter.Of(tool.AllowedDomains, tool.BlockedDomains);

    private static string? ArgumentOf(ServerToolCall call, ReadOnlySpan<byte> name)
    {
        using var input = JsonDocument.Parse(call.Input);
        return input.RootElement.ValueKind == JsonValueKind.Object && input.RootElement.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    /// <summary>Replicas must open what others sealed. Without a signing key nothing is kept from those who know this program: they could show a
    /// model of theirs results that nobody found, as they could in any message.</summary>
    private static byte[] SealKeyOf(string? signingKey) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(signingKey ?? "dragoman"), outputLength: 32, info: "dragoman search results"u8.ToArray());

    [LoggerMessage(EventId = 70, Level = LogLevel.Error, Message = "Running {Tool} failed in an unforeseen way: {Kinds}\n{Place}")]
    private static partial void Failed(ILogger log, ServerToolKind tool, string kinds, string? place);
}
