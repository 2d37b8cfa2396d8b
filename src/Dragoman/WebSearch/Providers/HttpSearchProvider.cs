using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Dragoman.Configuration;

namespace Dragoman.WebSearch.Providers;

/// <summary>A search service over HTTP: one request, one answer.</summary>
/// <remarks>Its address is the operator's and may be private: a SearXNG on loopback is usual. So that nobody else sends us anywhere, a
/// redirect is only followed on the same server.</remarks>
internal abstract class HttpSearchProvider : ISearchProvider
{
    // A page of results has some tens of kilobytes.
    private const int LargestAnswer = 4 << 20;

    private const int MostRedirects = 3;

    private readonly HttpMessageInvoker _client;

    /// <param name="options">As the operator described it.</param>
    /// <param name="vendor">Where everybody asks it; null: the operator names the server.</param>
    /// <param name="path">The path of searches, appended to an address that does not end in it.</param>
    protected HttpSearchProvider(SearchProviderOptions options, string? vendor, string path)
    {
        Address = AddressOf(options.Url ?? new Uri(vendor!), path);
        Options = options;
        _client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !Address.IsLoopback,
            AutomaticDecompression = DecompressionMethods.All,
            MaxResponseHeadersLength = 64,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            // A search tells nobody whose it is.
            ActivityHeadersPropagator = null,
        });
    }

    /// <summary>As the operator described it.</summary>
    protected SearchProviderOptions Options { get; }

    /// <summary>The address that is asked.</summary>
    protected Uri Address { get; }

    /// <summary>Longest query the service takes, in characters.</summary>
    protected virtual int MaxQueryLength => 2048;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(SearchQuery query, int count, CancellationToken cancellation)
    {
        if (query.Text.Length > MaxQueryLength) throw new SearchProviderException(SearchError.QueryTooLong, "takes no query of so many characters");
        try
        {
            using var answer = await SendAsync(query, count, cancellation);
            return Read(await ReadAsync(answer.Content, cancellation));
        }
        catch (HttpRequestException e)
        {
            throw new SearchProviderException(SearchError.Unavailable, $"cannot be reached ({e.HttpRequestError})");
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new SearchProviderException(SearchError.Unavailable, "broke off its answer");
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The request of a search, its key included.</summary>
    protected abstract HttpRequestMessage Request(SearchQuery query, int count);

    /// <summary>The hits of an answer with status 200.</summary>
    /// <exception cref="SearchProviderException">It says that there was no search.</exception>
    protected abstract IReadOnlyList<SearchHit> Read(ReadOnlyMemory<byte> answer);

    /// <summary>A <c>GET</c> with these parameters; those without a value are left out.</summary>
    protected HttpRequestMessage Get(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var pairs = new List<string>();
        foreach (var (name, value) in parameters)
        {
            if (value is not null) pairs.Add($"{name}={Uri.EscapeDataString(value)}");
        }

        return new(HttpMethod.Get, new UriBuilder(Address) { Query = string.Join('&', pairs) }.Uri);
    }

    /// <summary>A <c>POST</c> with a JSON object.</summary>
    /// <param name="write">Writes the object's members.</param>
    protected HttpRequestMessage Post(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new(HttpMethod.Post, Address) { Content = content };
    }

    /// <summary>A number as it stands in a query.</summary>
    protected static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static Uri AddressOf(Uri root, string path)
    {
        var given = root.AbsolutePath.TrimEnd('/');
        return given.EndsWith(path.TrimEnd('/'), StringComparison.OrdinalIgnoreCase) ? root : new UriBuilder(root) { Path = given + path }.Uri;
    }

    private async Task<HttpResponseMessage> SendAsync(SearchQuery query, int count, CancellationToken cancellation)
    {
        Uri? moved = null;
        for (var redirects = 0; ; redirects++)
        {
            using var request = Request(query, count);
            if (moved is not null) request.RequestUri = moved;
            request.Headers.TryAddWithoutValidation("Accept", "application/json, text/html;q=0.5");
            foreach (var (name, value) in Options.Headers)
            {
                request.Headers.Remove(name);
                request.Headers.TryAddWithoutValidation(name, value);
            }

            if (!request.Headers.Contains("User-Agent")) request.Headers.TryAddWithoutValidation("User-Agent", "Dragoman");
            var answer = await _client.SendAsync(request, cancellation);
            if (answer.StatusCode == HttpStatusCode.OK) return answer;
            using (answer)
            {
                moved = Redirect(request, answer);
                if (moved is null || redirects == MostRedirects) throw Refusal(answer);
            }
        }
    }

    private static Uri? Redirect(HttpRequestMessage request, HttpResponseMessage answer)
    {
        if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308) || request.Method != HttpMethod.Get || answer.Headers.Location is not { } location) return null;
        var from = request.RequestUri!;
        var to = new Uri(from, location);
        return to.Scheme == from.Scheme && to.Authority == from.Authority && to.UserInfo.Length == 0 ? to : null;
    }

    private static SearchProviderException Refusal(HttpResponseMessage answer) => (int)answer.StatusCode switch
    {
        // Tavily says with 432 and 433 that a plan is used up, others with 402.
        429 or 402 or 432 or 433 => new(SearchError.TooManyRequests, $"allows no further search now (status {(int)answer.StatusCode})") { RetryAfter = RetryAfterOf(answer) },
        400 or 422 => new(SearchError.InvalidToolInput, $"refused the search (status {(int)answer.StatusCode})"),
        414 => new(SearchError.QueryTooLong, "takes no query of so many characters (status 414)"),
        // DuckDuckGo's way to ask whether we are human.
        202 => new(SearchError.TooManyRequests, "did not search (status 202)"),
        401 => new(SearchError.Unavailable, "does not accept its key (status 401)"),
        403 => new(SearchError.Unavailable, "does not let us search (status 403): its key is wrong, or what was asked for is switched off there"),
        >= 300 and < 400 => new(SearchError.Unavailable, $"redirects (status {(int)answer.StatusCode}) to where its requests must not go"),
        503 => new(SearchError.Unavailable, "is out of service (status 503)") { RetryAfter = RetryAfterOf(answer) },
        var status => new(SearchError.Unavailable, $"answered with status {status}"),
    };

    private static TimeSpan? RetryAfterOf(HttpResponseMessage answer) => answer.Headers.RetryAfter?.Delta;

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        return await BoundedStream.ReadAsync(stream, LargestAnswer, cancellation);
    }
}
