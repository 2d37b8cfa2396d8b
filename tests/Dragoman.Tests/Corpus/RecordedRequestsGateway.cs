using System.Text.Json;

namespace Dragoman.Tests.Corpus;

/// <summary>A gateway in front of a backend that has the same short answer for everybody.</summary>
public sealed class RecordedRequestsGateway : IAsyncLifetime
{
    private const string Yes =
        """
        {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11},
         "choices":[{"index":0,"message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}]}
        """;

    private readonly HttpClient _client = new();
    private ReplayBackend? _backend;
    private RunningGateway? _gateway;

    public async ValueTask InitializeAsync()
    {
        _backend = await ReplayBackend.StartAsync(_ => RecordedAnswer.Of(Yes), TestContext.Current.CancellationToken);
        _gateway = await GatewayApp.StartAsync(RecordedAnswersGateway.PassingOn(_backend), cancellation: TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a recorded request; returns the answer and, where it came so far, what reached the backend.</summary>
    internal async Task<(ClientAnswer Answer, JsonElement? Upstream)> AskAsync(string name, RecordedRequest recorded, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(recorded.Body.Length > 0 ? HttpMethod.Post : HttpMethod.Get, new Uri(_gateway!.Address, recorded.Path.TrimStart('/')));
        foreach (var (header, value) in recorded.Headers) request.Headers.TryAddWithoutValidation(header, value);
        // Only the model's name is changed, so that each case finds its own request at the backend.
        if (recorded.Body.Length > 0) request.Content = new ByteArrayContent(WithModel(recorded.Body, name)) { Headers = { { "content-type", "application/json" } } };
        using var response = await _client.SendAsync(request, ct);
        var answer = await ClientAnswer.ReadAsync(response, ct);
        return (answer, _backend!.Requests.TryGetValue(name, out var received) ? received.Last() : null);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_gateway is not null) await _gateway.DisposeAsync();
        if (_backend is not null) await _backend.DisposeAsync();
    }

    private static byte[] WithModel(byte[] body, string model)
    {
        using var document = JsonDocument.Parse(body);
        using var changed = new MemoryStream();
        using (var writer = new Utf8JsonWriter(changed))
        {
            writer.WriteStartObject();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals("model")) writer.WriteString("model", model);
                else property.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return changed.ToArray();
    }
}
