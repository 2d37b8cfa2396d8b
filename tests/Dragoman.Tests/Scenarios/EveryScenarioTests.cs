using System.Text;
using System.Text.Json;
using Dragoman.Simulator;
using Dragoman.Testing;
using Dragoman.Tests.Corpus;

namespace Dragoman.Tests.Scenarios;

/// <summary>Every deviation of the simulated backend's catalogue, through the whole gateway: whatever a backend does, the client is told
/// something legal, honest and harmless.</summary>
public sealed class EveryScenarioTests(SimulatedBackends backends) : IClassFixture<SimulatedBackends>
{
    // They end when the caller leaves, and no sooner; a comment is a sign of life, too.
    private static readonly string[] Endless = ["sim/endless", "sim/endless-thought", "sim/endless-tool", "sim/endless-fast", "sim/endless-comments"];

    // What was sent before the break is the whole answer, or the break is in something that does not matter.
    private static readonly string[] CompleteAllTheSame = ["sim/break-eof-after-finish", "sim/break-reset-after-finish"];

    // What these do to a stream they cannot do to a whole answer.
    private static readonly string[] DifferentWhole = ["sim/finish-then-text", "sim/framing-lone-surrogates"];

    public static TheoryData<string> Cases() =>
        [.. SimulatorApp.Scenarios.Select(scenario => scenario.Name).Where(name => !Endless.Contains(name) && !name.StartsWith("sim/bench-", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_client_gets_something_legal_and_honest(string scenario)
    {
        var ct = TestContext.Current.CancellationToken;
        var asked = (backends.AskAsync(scenario, stream: false, ct), backends.AskAsync(scenario, stream: true, ct));
        var (whole, streamed) = (await asked.Item1, await asked.Item2);

        foreach (var answer in (ClientAnswer[])[whole, streamed])
        {
            AssertHarmless(answer);
            AssertSound(answer);
        }

        if (streamed.Streamed) Assert.Empty(StreamGrammar.Read(streamed.Body).Violations);
        if (scenario.StartsWith("sim/break-", StringComparison.Ordinal) && !CompleteAllTheSame.Contains(scenario))
            Assert.True(streamed.Error is not null || MayBeRead(scenario), $"a broken answer was reported as {streamed.StopReason}");
        // A backend that stumbles only sometimes, or only in streams, gives two answers.
        if (whole.Error is not null || streamed.Error is not null || DifferentWhole.Contains(scenario)) return;
        Assert.Equal(Essence(whole), Essence(streamed));
    }

    /// <summary>No word of the backend's address or key, nor of our own insides.</summary>
    private void AssertHarmless(ClientAnswer answer)
    {
        var text = Encoding.UTF8.GetString(answer.Body);
        Assert.DoesNotContain(backends.BackendAuthority, text, StringComparison.Ordinal);
        Assert.All(SimulatedBackends.Secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        Assert.DoesNotContain("failed in a way it should not", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    private static void AssertSound(ClientAnswer answer)
    {
        if (answer.Error is { } error)
        {
            Assert.NotEmpty(error.GetProperty("type").GetString()!);
            Assert.NotEmpty(error.GetProperty("message").GetString()!);
            return;
        }

        Assert.Equal(200, answer.Status);
        Assert.NotNull(answer.StopReason);
        Assert.All(answer.Blocks, block => Assert.True(block.Type is not "text" || block.Text.Length > 0, "an empty text block"));
        Assert.All(answer.Blocks, block => Assert.True(block.Type is not "thinking" || block.Signature!.Length > 0, "a thinking block without signature"));
        Assert.Equal(answer.ToolUses.Count, answer.ToolUses.Select(use => use.Id).Distinct().Count());
        if (answer.StopReason == "max_tokens") return;
        Assert.Equal(answer.ToolUses.Count > 0, answer.StopReason == "tool_use");
        Assert.All(answer.ToolUses, use => Assert.Equal(JsonValueKind.Object, JsonElement.Parse(use.Text).ValueKind));
    }

    /// <summary>Rubbish between good events may be passed over, if the answer's end is there.</summary>
    private static bool MayBeRead(string scenario) => scenario is "sim/break-garbage-utf8" or "sim/break-types";

    /// <summary>What was said, by kind: a whole answer tells nothing of the order in which text and calls came, and some streams tell of a later call first.</summary>
    private static string Essence(ClientAnswer answer) =>
        $"""
        {answer.StopReason}
        {string.Concat(answer.Thinking.Where(c => !char.IsWhiteSpace(c)))}
        {answer.Text}
        {string.Join('\n', answer.ToolUses.Select(use => $"{use.Name} {use.Text}").Order(StringComparer.Ordinal))}
        """;
}
