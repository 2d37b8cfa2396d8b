using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dragoman.Configuration;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Dragoman.WebSearch.Providers;

/// <summary>A search tool of an MCP server, reached over streamable HTTP or started as a program.</summary>
/// <remarks>One connection serves all searches. It is made when the first one needs it, and anew after it broke.</remarks>
internal sealed class McpProvider(SearchProviderOptions options) : ISearchProvider
{
    private readonly SemaphoreSlim _connecting = new(1);
    private McpClient? _client;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(SearchQuery query, int count, CancellationToken cancellation)
    {
        McpClient? client = null;
        try
        {
            client = await ConnectAsync(cancellation);
            return Read(await client.CallToolAsync(new CallToolRequestParams { Name = options.Tool!, Arguments = ArgumentsOf(query, count) }, cancellation));
        }
        catch (McpProtocolException e)
        {
            throw new SearchProviderException(SearchError.Unavailable, $"refused to call its tool '{options.Tool}' (MCP error {(int)e.ErrorCode})");
        }
        catch (Exception e) when (e is not (OperationCanceledException or SearchProviderException))
        {
            // Whatever broke, the next search begins with a new connection.
            if (client is not null) await ForgetAsync(client);
            throw new SearchProviderException(SearchError.Unavailable, client is null ? "cannot be reached" : "lost its connection");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_client is { } client) await ForgetAsync(client);
        _connecting.Dispose();
    }

    private async Task<McpClient> ConnectAsync(CancellationToken cancellation)
    {
        await _connecting.WaitAsync(cancellation);
        try
        {
            return _client ??= await McpClient.CreateAsync(
                Transport(),
                new() { ClientInfo = new() { Name = "dragoman", Version = "1" }, InitializationTimeout = options.Timeout },
                cancellationToken: cancellation);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task ForgetAsync(McpClient client)
    {
        if (Interlocked.CompareExchange(ref _client, null, client) != client) return;
        try
        {
            await client.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or HttpRequestException or McpException or OperationCanceledException)
        {
            // It was broken already.
        }
    }

    private IClientTransport Transport()
    {
        if (options.Url is not { } url)
        {
            return new StdioClientTransport(new()
            {
                Name = "search",
                Command = options.Command!,
                Arguments = [.. options.Arguments],
                ShutdownTimeout = TimeSpan.FromSeconds(2),
            });
        }

        var headers = new Dictionary<string, string>(options.Headers, StringComparer.OrdinalIgnoreCase);
        if (options.ApiKey is { } key) headers.TryAdd("Authorization", $"Bearer {key}");
        var client = new HttpClient(new SocketsHttpHandler
        {
            // Its address is the operator's and may be private; nobody else sends us anywhere.
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !url.IsLoopback,
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            ActivityHeadersPropagator = null,
        })
        {
            // Each search has its own deadline.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        return new HttpClientTransport(
            new()
            {
                Endpoint = url,
                TransportMode = HttpTransportMode.StreamableHttp,
                ConnectionTimeout = options.Timeout,
                AdditionalHeaders = headers,
                EnableStandaloneGetStream = false,
            },
            client,
            loggerFactory: null,
            ownsHttpClient: true);
    }

    private Dictionary<string, JsonElement> ArgumentsOf(SearchQuery query, int count)
    {
        var arguments = new Dictionary<string, JsonElement> { [options.QueryArgument] = JsonSerializer.SerializeToElement(query.Text, ArgumentJson.Default.String) };
        if (options.CountArgument is { } name) arguments[name] = JsonSerializer.SerializeToElement(count, ArgumentJson.Default.Int32);
        return arguments;
    }

    private static IReadOnlyList<SearchHit> Read(CallToolResult result)
    {
        if (result.IsError is true) throw new SearchProviderException(SearchError.Unavailable, "reports that its tool failed");
        if (result.StructuredContent is { } structured && HitReading.ReadAny(structured) is { Count: > 0 } hits) return hits;
        return [.. result.Content.SelectMany(Read)];
    }

    private static IReadOnlyList<SearchHit> Read(ContentBlock block) => block switch
    {
        ResourceLinkBlock link => [new(link.Title ?? link.Name, link.Uri, null, link.Description)],
        EmbeddedResourceBlock { Resource: TextResourceContents text } => [new(null, text.Uri, null, text.Text)],
        TextContentBlock text => LinkText.Read(text.Text),
        _ => [],
    };
}

/// <summary>JSON of a tool's arguments.</summary>
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
internal sealed partial class ArgumentJson : JsonSerializerContext;
