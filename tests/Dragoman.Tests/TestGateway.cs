using System.Net;
using System.Text;
using System.Text.Json;
using Dragoman.Configuration;
using Dragoman.Routing;
using Dragoman.Testing;

namespace Dragoman.Tests;

/// <summary>A gateway in this process, on a real socket, in front of a scripted backend.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly RunningGateway _gateway;

    private TestGateway(RunningGateway gateway)
    {
        _gateway = gateway;
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = gateway.Address, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Calls the gateway.</summary>
    public HttpClient Http { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address => _gateway.Address;

    /// <summary>Where requests go just now.</summary>
    public ModelRouter Router => _gateway.Snapshots.Current.Router;

    /// <summary>Tests that are not about trying again see each failure as it comes, and at once.</summary>
    private static readonly RetryOptions Once = new() { Attempts = 1 };

    public static Task<TestGateway> StartAsync(
        ScriptedBackend backend, Func<GatewayOptions, GatewayOptions>? configure = null, TimeProvider? time = null, Stream? log = null) =>
        StartAsync(backend.As("generic"), configure, time, log);

    public static async Task<TestGateway> StartAsync(
        BackendOptions backend, Func<GatewayOptions, GatewayOptions>? configure = null, TimeProvider? time = null, Stream? log = null)
    {
        var options = new GatewayOptions { Urls = "http://127.0.0.1:0", Backends = [backend], Log = new LogOptions { Requests = false }, Retry = Once };
        return new(await GatewayApp.StartAsync(configure?.Invoke(options) ?? options, time, log: log, cancellation: TestContext.Current.CancellationToken));
    }

    /// <summary>A small request.</summary>
    public static string Request(bool stream = false, string model = "claude-test", string extra = "") =>
        $$"""{"model":"{{model}}","max_tokens":64{{(stream ? ""","stream":true""" : "")}}{{extra}},"messages":[{"role":"user","content":"Hi"}]}""";

    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    /// <summary>Posts a request; returns when the headers of the answer are there.</summary>
    public Task<HttpResponseMessage> PostAsync(string body, string path = "/v1/messages", CancellationToken? cancellation = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(body) };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation ?? TestContext.Current.CancellationToken);
    }

    /// <summary>Loads another configuration while requests are running.</summary>
    public void Reload(Func<GatewayOptions, GatewayOptions> change) => _gateway.Snapshots.Change(change(_gateway.Snapshots.Current.Options));

    /// <summary>The gateway itself.</summary>
    public RunningGateway Running => _gateway;

    public Task StopAsync() => _gateway.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        try
        {
            await _gateway.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // Streams that a test left open do not matter any more.
        }

        await _gateway.DisposeAsync();
    }
}

/// <summary>Makes a scripted backend known to a gateway.</summary>
internal static class ScriptedBackends
{
    public static BackendOptions As(this ScriptedBackend backend, string dialect, string name = "scripted") =>
        new() { Name = name, Url = BackendOptions.ParseUrl(backend.Address.ToString()), Dialect = dialect, ApiKey = "sk-upstream-secret" };
}

/// <summary>Looks at answers.</summary>
internal static class Answers
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        return document.RootElement.Clone();
    }

    /// <summary>Checks that the answer is an error as the client API has it, and returns its message.</summary>
    public static async Task<string> ErrorAsync(this HttpResponseMessage response, HttpStatusCode status, string type)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var body = JsonDocument.Parse(text).RootElement;
        Assert.Equal("error", body.GetProperty("type").GetString());
        Assert.Equal(type, body.GetProperty("error").GetProperty("type").GetString());
        var id = Assert.Single(response.Headers.GetValues("request-id"));
        Assert.StartsWith("req_", id, StringComparison.Ordinal);
        Assert.Equal(id, body.GetProperty("request_id").GetString());
        return body.GetProperty("error").GetProperty("message").GetString()!;
    }
}

/// <summary>Chunks of a backend's stream.</summary>
internal static class Chunks
{
    public const string Role = """{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}""";
    public const string Stop = """{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
    public const string Usage = """{"id":"c","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":2,"total_tokens":13}}""";

    public static string Text(string text) => $$$"""{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"{{{text}}}"}}]}""";

    public static string Whole(string text) =>
        $$$"""{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"{{{text}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":2,"total_tokens":13}}""";
}

/// <summary>Reads server-sent events one at a time, as they arrive.</summary>
internal sealed class EventReader(Stream stream) : IDisposable
{
    private readonly StreamReader _lines = new(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, bufferSize: 1);

    /// <summary>The next event; null at the end.</summary>
    public async Task<(string Event, string Data)?> NextAsync()
    {
        string name = "", data = "";
        while (await _lines.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data += line[6..];
            else if (line.Length == 0 && (name.Length > 0 || data.Length > 0)) return (name, data);
        }

        return null;
    }

    /// <summary>Reads until an event of that name has come, and returns its data.</summary>
    public async Task<string> UntilAsync(string name)
    {
        while (await NextAsync() is { } next)
        {
            if (next.Event == name) return next.Data;
        }

        throw new InvalidDataException($"The stream ended without {name}.");
    }

    /// <summary>All that is left.</summary>
    public async Task<List<(string Event, string Data)>> RestAsync()
    {
        var events = new List<(string, string)>();
        while (await NextAsync() is { } next) events.Add(next);
        return events;
    }

    public void Dispose() => _lines.Dispose();

    public static async Task<EventReader> OfAsync(HttpResponseMessage response) =>
        new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
}
