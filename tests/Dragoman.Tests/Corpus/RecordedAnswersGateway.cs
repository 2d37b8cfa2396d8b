using System.Text.Json;
using System.Text.RegularExpressions;
using Dragoman.Configuration;

namespace Dragoman.Tests.Corpus;

/// <summary>A gateway in front of a backend that gives the recorded answers, each under its own name as model.</summary>
public sealed partial class RecordedAnswersGateway : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private ReplayBackend? _backend;
    private RunningGateway? _gateway;

    public async ValueTask InitializeAsync()
    {
        _backend = await ReplayBackend.StartAsync(RecordedAnswer.Load, TestContext.Current.CancellationToken);
        _gateway = await GatewayApp.StartAsync(PassingOn(_backend), cancellation: TestContext.Current.CancellationToken);
    }

    /// <summary>A gateway that sends every model's name to <paramref name="backend"/> as it is.</summary>
    internal static GatewayOptions PassingOn(ReplayBackend backend) => new()
    {
        Urls = "http://127.0.0.1:0",
        Backends = [new BackendOptions { Name = "replay", Url = BackendOptions.ParseUrl(backend.Url), Dialect = "generic" }],
        Routes = [new ModelRouteOptions { Model = "*", To = [new ModelTargetOptions("replay")] }],
        Log = new LogOptions { Requests = false },
    };

    internal async Task<ClientAnswer> AskAsync(RecordedAnswer recorded, bool stream, CancellationToken ct)
    {
        // The tools that the model calls are offered, so that their names and inputs are taken seriously.
        var tools = recorded.Expected.GetProperty("tool_calls").EnumerateArray().Select(call => call.GetProperty("name").GetString() ?? "").Distinct()
            .Where(name => ToolName().IsMatch(name))
            .Select(name => $$"""{"input_schema":{"type":"object"},"name":{{JsonString(name)}} }""");
        var body = $$"""
            {"model":{{JsonString(recorded.Name)}},"max_tokens":4000,"stream":{{(stream ? "true" : "false")}},"thinking":{"type":"adaptive"},
             "tools":[{{string.Join(',', tools)}}],"messages":[{"role":"user","content":"Go on."}]}
            """;
        using var content = new StringContent(body, null, "application/json");
        using var response = await _client.PostAsync(new Uri(_gateway!.Address, "v1/messages"), content, ct);
        return await ClientAnswer.ReadAsync(response, ct);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_gateway is not null) await _gateway.DisposeAsync();
        if (_backend is not null) await _backend.DisposeAsync();
    }

    private static string JsonString(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,128}$")]
    private static partial Regex ToolName();
}
