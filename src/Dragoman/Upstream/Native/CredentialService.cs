using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Dragoman.Upstream.Native;

/// <summary>An answer of a service that lends credentials.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Body">Its body.</param>
internal readonly record struct CredentialAnswer(HttpStatusCode Status, byte[] Body)
{
    /// <summary>Tells nothing: the body is a secret.</summary>
    public override string ToString() => nameof(CredentialAnswer);
}

/// <summary>Calls the services that lend credentials.</summary>
internal sealed class CredentialService : IDisposable
{
    private const int LargestAnswer = 1 << 20;

    // A machine's own service answers at once or is not there, and then its address leads nowhere.
    private static readonly TimeSpan NearConnect = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FarConnect = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _near = Create(NearConnect, useProxy: false);
    private readonly HttpMessageInvoker _far = Create(FarConnect, useProxy: true);

    /// <summary>Calls a service of the machine or the cluster we run on; never through a proxy, which stands elsewhere.</summary>
    public Task<CredentialAnswer> CallNearAsync(HttpRequestMessage request, CancellationToken cancellation) => CallAsync(_near, request, cancellation);

    /// <summary>Calls a service on the network.</summary>
    public Task<CredentialAnswer> CallFarAsync(HttpRequestMessage request, CancellationToken cancellation) => CallAsync(_far, request, cancellation);

    /// <summary>Posts a form to a service on the network.</summary>
    public Task<CredentialAnswer> PostAsync(Uri address, CancellationToken cancellation, params (string Name, string Value)[] form) =>
        CallFarAsync(
            new(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))) },
            cancellation);

    /// <summary>Takes the token out of an OAuth answer: <c>access_token</c>, and <c>expires_in</c> seconds or <c>expires_on</c> the
    /// second.</summary>
    /// <exception cref="CredentialException">It holds none.</exception>
    public static Loan<string> ReadToken(CredentialAnswer answer, string service, DateTimeOffset now)
    {
        using var json = Parse(answer, service);
        var root = json.RootElement;
        if (answer.Status != HttpStatusCode.OK)
        {
            // OAuth's own words, such as invalid_grant. What stands beside them may name people and places.
            var word = Text(root, "error");
            throw new CredentialException($"{service} refused a token with status {(int)answer.Status}{(IsWord(word) ? $" ({word})" : "")}");
        }

        if (Text(root, "access_token") is not { Length: > 0 } token) throw new CredentialException($"{service} gave no token");
        if (Number(root, "expires_in") is { } seconds) return new(token, now.AddSeconds(seconds));
        return new(token, Number(root, "expires_on") is { } until ? DateTimeOffset.FromUnixTimeSeconds(until) : now.AddMinutes(5));
    }

    /// <summary>Reads a JSON object.</summary>
    /// <exception cref="CredentialException">It is none.</exception>
    public static JsonDocument Parse(CredentialAnswer answer, string service)
    {
        try
        {
            var json = JsonDocument.Parse(answer.Body);
            if (json.RootElement.ValueKind == JsonValueKind.Object) return json;
            json.Dispose();
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw new CredentialException($"{service}: expected a JSON object");
    }

    /// <summary>A member that is a string; null if there is none.</summary>
    public static string? Text(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
    }

    // Azure writes numbers as strings.
    private static long? Number(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value)
            ? value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number
            : long.TryParse(value.ValueKind == JsonValueKind.String ? value.GetString() : null, out var written) ? written
            : null
            : null;

    private static bool IsWord(string? text) => text is { Length: > 0 and <= 60 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static async Task<CredentialAnswer> CallAsync(HttpMessageInvoker http, HttpRequestMessage request, CancellationToken cancellation)
    {
        using (request)
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            limit.CancelAfter(Longest);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
            using var answer = await http.SendAsync(request, limit.Token);
            await answer.Content.LoadIntoBufferAsync(LargestAnswer, limit.Token);
            return new(answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(limit.Token));
        }
    }

    private static HttpMessageInvoker Create(TimeSpan connect, bool useProxy) => new(new SocketsHttpHandler
    {
        ConnectTimeout = connect,
        UseProxy = useProxy,
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
    });
}
