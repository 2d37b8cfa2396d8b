using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Dragoman.Simulator.Tests;

/// <summary>A simulated backend for the tests of one class, and a plain HTTP client before it.</summary>
public sealed class Backend : IAsyncLifetime
{
    private SimulatorServer? _server;

    public SimulatorServer Server => _server!;

    public HttpClient Client { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(30) };

    public async ValueTask InitializeAsync()
    {
        _server = await SimulatorApp.StartAsync(new SimulatorOptions { JournalSize = 1000 });
        Client.BaseAddress = _server.BaseAddress;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_server is not null) await _server.DisposeAsync();
    }

    public async Task<HttpResponseMessage> PostAsync(string json, CancellationToken ct, string path = "v1/chat/completions")
    {
        using var content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
    }

    /// <summary>A streamed answer, read by a small reader of its own.</summary>
    public async Task<ReadAnswer> StreamAsync(string json, CancellationToken ct)
    {
        using var response = await PostAsync(json, ct);
        Assert.Equal(200, (int)response.StatusCode);
        return ReadAnswer.OfStream(Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(ct)));
    }

    public async Task<ReadAnswer> WholeAsync(string json, CancellationToken ct)
    {
        using var response = await PostAsync(json, ct);
        Assert.Equal(200, (int)response.StatusCode);
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(ct));
        return ReadAnswer.OfWhole(document.RootElement.Clone());
    }

    /// <summary>A question to a model, with two tools on offer unless <paramref name="tools"/> is false.</summary>
    public static string Ask(string model, string question = "Hello?", bool stream = true, bool tools = true, string more = "") => $$"""
        {"model":{{JsonSerializer.Serialize(model)}},"stream":{{(stream ? "true" : "false")}}{{(stream ? ",\"stream_options\":{\"include_usage\":true}" : "")}},
        "messages":[{"role":"user","content":{{JsonSerializer.Serialize(question)}}}]{{(tools ? ",\"tools\":" + Tools : "")}}{{more}}}
        """;

    public const string Tools = """
        [{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}},
         {"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{"city":{"type":"string"},"offset":{"type":"integer","minimum":2}},"required":["city","offset"]}}}]
        """;
}
