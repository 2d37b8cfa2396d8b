using System.Text.Json;
using System.Text.Json.Nodes;
using Dragoman.Protocol.Anthropic;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Streams;

/// <summary>What real backends answered, compared with what a careful reader must know after reading it.</summary>
public sealed class RecordedAnswerTests
{
    public static IEnumerable<TheoryDataRow<string>> Streams() => Cases(".sse");

    public static IEnumerable<TheoryDataRow<string>> WholeAnswers() => Cases(".json", ".txt");

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Streams))]
    public void A_recorded_stream_is_told_to_the_client_without_loss(string name)
    {
        var folder = SharedData.Require("corpus/openai");
        var body = File.ReadAllBytes(Path.Combine(folder, name));
        var expected = Expected(folder, name);
        foreach (var dialect in new[] { Plain, Plain with { StreamToolArguments = true } })
        {
            var run = AnswerRun.Stream(body, Contexts.New(dialect));
            Compare(expected, run, run.Failure is null || run.HasStarted ? run.Reading : null);
        }
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(WholeAnswers))]
    public void A_recorded_whole_answer_is_told_to_the_client_without_loss(string name)
    {
        var folder = SharedData.Require("corpus/openai");
        var body = File.ReadAllBytes(Path.Combine(folder, name));
        var expected = Expected(folder, name);
        var status = (int?)Meta(folder, name)["status"] ?? 200;
        if (status >= 400)
        {
            var error = ErrorTranslator.Translate(status, body, new ErrorContext("claude-test", "local", 100, null, 1000));
            Assert.InRange(error.Status, 400, 599);
            Assert.DoesNotContain("://", error.Error.Message, StringComparison.Ordinal);
            return;
        }

        var run = AnswerRun.Synthesise(body, Contexts.New(Plain));
        Compare(expected, run, run.Failure is null || run.HasStarted ? run.Reading : null);

        var whole = AnswerRun.Whole(body, Contexts.New(Plain));
        Assert.Equal(run.Failure?.Error, whole.Failure?.Error);
        if (run.Failure is not null) return;
        var streamed = run.Reading.Message!;
        var message = JsonNode.Parse(whole.Output)!.AsObject();
        foreach (var block in message["content"]!.AsArray()) block!.AsObject().Remove("citations");
        Assert.Equal(streamed["content"]!.ToJsonString(), message["content"]!.ToJsonString());
        Assert.Equal(streamed["stop_reason"]!.ToJsonString(), message["stop_reason"]!.ToJsonString());
    }

    // Tags stay in the text, as in what the cases expect.
    private static Dialect Plain { get; } = Dialects.Generic with { ThinkTags = ThinkTags.Off };

    private static void Compare(JsonObject expected, AnswerRun run, StreamReading? reading)
    {
        if (reading is not null) Assert.Empty(reading.Violations);
        var mustFail = expected["error"] is JsonNode || (expected["finish_reason"] is null && reading?.IsComplete != true);
        if (expected["error"] is not null) Assert.NotNull(run.Failure);
        if (run.Failure is not null && !mustFail) Assert.Fail($"failed: {run.Failure.Error.Message}");
        if (run.Failure is not null || reading is null) return;
        Assert.Equal(Trimmed(expected["text"]) + Trimmed(expected["refusal"]), reading.Text.Trim());
        Assert.Equal(Trimmed(expected["reasoning"]), reading.Thinking.Trim());
        CompareCalls(expected["tool_calls"]?.AsArray() ?? [], reading, reading.StopReason == "max_tokens");
        CompareUsage(expected["usage"] as JsonObject, run.Usage);
    }

    private static void CompareCalls(JsonArray expected, StreamReading reading, bool cutOff)
    {
        var told = reading.Blocks.Where(block => block["type"]!.GetValue<string>() == "tool_use").ToArray();
        var whole = expected.OfType<JsonObject>().Where(call => !cutOff || (call["arguments_valid_json"]?.GetValue<bool>() == true && call["arguments_raw"]?.GetValue<string>() != "")).ToArray();
        if (!cutOff) Assert.Equal(whole.Length, told.Length);
        for (var i = 0; i < whole.Length; i++)
        {
            Assert.Equal(whole[i]["name"]!.GetValue<string>(), told[i]["name"]!.GetValue<string>());
            if (whole[i]["arguments"] is JsonObject arguments) Assert.Equal(Normal(arguments), Normal(told[i]["input"]!));
        }

        if (told.Length > 0 && !cutOff) Assert.Equal("tool_use", reading.StopReason);
    }

    private static void CompareUsage(JsonObject? expected, Usage usage)
    {
        if (expected?["prompt"] is not { } prompt)
        {
            Assert.True(usage.Estimated);
            return;
        }

        var cached = expected["cached"]?.GetValue<long>() ?? 0;
        if (cached <= prompt.GetValue<long>()) Assert.Equal(prompt.GetValue<long>(), usage.PromptTokens);
        Assert.Equal(cached, usage.CacheReadInputTokens);
        if (expected["completion"] is { } completion && expected["reasoning"] is null) Assert.Equal(completion.GetValue<long>(), usage.OutputTokens);
    }

    private static string Normal(JsonNode node) => JsonSerializer.Serialize(JsonSerializer.Deserialize<SortedDictionary<string, JsonElement>>(node.ToJsonString()));

    private static string Trimmed(JsonNode? text) => text?.GetValue<string>().Trim() ?? "";

    private static JsonObject Expected(string folder, string name) =>
        JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, Path.ChangeExtension(name, ".expect.json"))))!.AsObject();

    private static JsonObject Meta(string folder, string name) =>
        JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, Path.ChangeExtension(name, ".meta.json"))))!.AsObject();

    private static IEnumerable<TheoryDataRow<string>> Cases(params string[] extensions)
    {
        if (SharedData.Find("corpus/openai") is not { } folder) yield break;
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            if (extensions.Contains(Path.GetExtension(name)) && !name.EndsWith(".expect.json", StringComparison.Ordinal)
                && !name.EndsWith(".meta.json", StringComparison.Ordinal))
            {
                yield return name;
            }
        }
    }
}
