using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dragoman.Configuration;
using Dragoman.Protocol.Anthropic;
using Dragoman.Translation.ChatCompletions;
using Dragoman.WebSearch;

namespace Dragoman.ServerTools;

/// <summary>The server tools that the gateway runs itself, for backends that have none. One for each configuration.</summary>
internal sealed partial class WebTools : IAsyncDisposable
{
    private readonly WebSearcher _search;
    private readonly ILogger _log;

    public WebTools(GatewayOptions options, TimeProvider time, ILoggerFactory logs)
    {
        Options = options.WebSearch;
        _search = new(options.WebSearch, time, logs);
        _log = logs.CreateLogger("Dragoman.ServerTools");
        Offer = new()
        {
            WebSearch = _search.IsOn,
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
            return await SearchAsync(call, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failed(_log, call.Tool.Kind, e);
            return new ServerToolFailure("unavailable");
        }
    }

    public ValueTask DisposeAsync() => _search.DisposeAsync();

    private async Task<ServerToolOutcome> SearchAsync(ServerToolCall call, CancellationToken cancellation)
    {
        if (ArgumentOf(call, "query"u8) is not { } text) return new ServerToolFailure(SearchError.InvalidToolInput.Code());
        var location = call.Tool.UserLocation;
        var query = new SearchQuery(text)
        {
            Domains = FilterOf(call.Tool),
            Location = location is null ? null : new(location.City, location.Region, location.Country, location.TimeZone),
        };
        var outcome = await _search.SearchAsync(query, cancellation);
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

    [LoggerMessage(EventId = 70, Level = LogLevel.Error, Message = "Running {Tool} failed.")]
    private static partial void Failed(ILogger log, ServerToolKind tool, Exception e);
}
