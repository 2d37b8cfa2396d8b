using Dragoman.Configuration;
using Dragoman.Simulator;
using Dragoman.Tests.Corpus;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;
using RecordedRequest = Dragoman.Tests.Corpus.RecordedRequest;

namespace Dragoman.Tests.Scenarios;

/// <summary>What real clients send, in every dialect, to a backend that refuses whatever its API does not allow.</summary>
public sealed class EveryDialectTests
{
    // Beside the backend of the same name: what models of the vendor, or their templates, are strict about.
    private static readonly (string Dialect, string Scenario)[] Stricter =
    [
        ("generic", "sim/demo"),
        ("openai", "sim/max-completion-tokens-only"),
        ("azure-openai", "sim/azure"),
        ("vllm", "sim/strict-system-first"),
        ("sglang", "sim/strict-system-first"),
        ("llama.cpp", "sim/llamacpp"),
        ("llama.cpp", "sim/no-tool-choice-object"),
        ("ollama", "sim/no-image-urls"),
        ("ollama", "sim/no-tool-choice"),
        ("deepseek", "sim/deepseek-thinking"),
        ("moonshot", "sim/kimi-thinking"),
        ("mistral", "sim/strict-mistral"),
        ("xai", "sim/no-additional-properties"),
        ("gemini", "sim/no-schema-keywords"),
        ("together", "sim/demo"),
        ("fireworks", "sim/demo"),
    ];

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        var scenarios = SimulatorApp.Scenarios.Select(scenario => scenario.Name).ToHashSet();
        foreach (var dialect in Dialects.Names)
        {
            if (scenarios.Contains("sim/" + dialect)) cases.Add(dialect, "sim/" + dialect);
        }

        foreach (var (dialect, scenario) in Stricter) cases.Add(dialect, scenario);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task No_strict_backend_finds_fault_with_what_reaches_it(string dialect, string scenario)
    {
        SharedData.Require("corpus/anthropic-requests");
        var ct = TestContext.Current.CancellationToken;
        await using var simulator = await SimulatorApp.StartAsync(new SimulatorOptions(), ct);
        var backend = new BackendOptions { Name = "strict", Url = BackendOptions.ParseUrl(simulator.BaseAddress.ToString()), Dialect = dialect };
        await using var gateway = await TestGateway.StartAsync(backend, options => options with
        {
            Routes = [new ModelRouteOptions { Model = "*", To = [new ModelTargetOptions("strict", scenario)] }],
        });

        List<string> faults = [];
        foreach (var name in RecordedRequest.Names())
        {
            var recorded = RecordedRequest.Load(name);
            if (recorded.Body.Length == 0) continue;
            using var request = new HttpRequestMessage(HttpMethod.Post, recorded.Path);
            foreach (var (header, value) in recorded.Headers) request.Headers.TryAddWithoutValidation(header, value);
            request.Content = new ByteArrayContent(recorded.Body) { Headers = { { "content-type", "application/json" } } };
            using var response = await gateway.Http.SendAsync(request, ct);
            var answer = await ClientAnswer.ReadAsync(response, ct);
            if (answer.Error is not { } error) continue;
            // Our own refusals name a place in the client's request; those of the backend begin with its name.
            var message = error.GetProperty("message").GetString()!;
            if (answer.Status != 400 || message.StartsWith("strict:", StringComparison.Ordinal)) faults.Add($"{name}: {answer.Status} {message}");
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}
