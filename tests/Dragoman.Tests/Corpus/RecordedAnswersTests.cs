using System.Text;
using System.Text.Json;
using Dragoman.Testing;

namespace Dragoman.Tests.Corpus;

/// <summary>What many vendors really answered, through the whole gateway, to a client that streams and to one that does not.</summary>
public sealed class RecordedAnswersTests(RecordedAnswersGateway fixture) : IClassFixture<RecordedAnswersGateway>
{
    public static TheoryData<string, bool> Cases()
    {
        var cases = new TheoryData<string, bool>();
        foreach (var name in RecordedAnswer.Names())
        {
            cases.Add(name, false);
            cases.Add(name, true);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_client_is_told_what_the_backend_said(string name, bool stream)
    {
        Assert.SkipWhen(name.Length == 0, SharedData.SkipReason);
        var recorded = RecordedAnswer.Load(name);
        var answer = await fixture.AskAsync(recorded, stream, TestContext.Current.CancellationToken);
        if (answer.Streamed) Assert.Empty(StreamGrammar.Read(answer.Body).Violations);

        if (recorded.Expected.GetProperty("error").ValueKind == JsonValueKind.Object)
        {
            AssertError(recorded, answer);
            return;
        }

        if (answer.Error is { } error)
        {
            Assert.True(MayBeRefused(recorded), $"An answer became an error: {answer.Status} {error}");
            return;
        }

        Assert.Equal(200, answer.Status);
        var (text, thinking) = SplitThinkTags(recorded.Expected);
        var refusal = recorded.Expected.GetProperty("refusal").GetString();
        Assert.Equal(string.Concat(text, refusal).Trim(), answer.Text.Trim());
        if (refusal is not null) Assert.Equal("refusal", answer.StopReason);
        Assert.Equal(Squeeze(thinking), Squeeze(answer.Thinking));
        Assert.All(answer.Blocks, block => Assert.True(block.Type is not "text" || block.Text.Length > 0, "an empty text block"));
        Assert.All(answer.Blocks, block => Assert.True(block.Type is not "thinking" || block.Signature!.Length > 0, "a thinking block without signature"));
        AssertToolUses(recorded.Expected, answer);
        AssertUsage(recorded.Expected, answer);
    }

    private static void AssertError(RecordedAnswer recorded, ClientAnswer answer)
    {
        var error = Assert.NotNull(answer.Error);
        var type = error.GetProperty("type").GetString();
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        // An error inside an answer has a status of its own, or none: any honest word will do.
        if (recorded.Status < 400) return;
        var expected = recorded.Status switch
        {
            400 when error.GetProperty("message").GetString()!.StartsWith("model: ", StringComparison.Ordinal) => (404, "not_found_error"),
            400 or 422 => (400, "invalid_request_error"),
            // Our credential, not the caller's.
            401 or 403 => (502, "api_error"),
            404 => (404, "not_found_error"),
            429 => (429, "rate_limit_error"),
            _ => (recorded.Status, "api_error"),
        };
        Assert.Equal(expected, (answer.Status, type));
    }

    private static void AssertToolUses(JsonElement expected, ClientAnswer answer)
    {
        var calls = expected.GetProperty("tool_calls").EnumerateArray().ToList();
        var uses = answer.ToolUses;
        // A call that the length limit cut off is left out, or stays cut off: nothing is invented. (failures.md B7)
        var cut = calls.Count > 0 && (!Finished(calls[^1]) || (answer.StopReason == "max_tokens" && calls[^1].GetProperty("arguments_raw").GetString()!.Length == 0));
        if (cut && uses.Count == calls.Count - 1) calls.RemoveAt(calls.Count - 1);
        Assert.Equal(calls.Select(call => call.GetProperty("name").GetString()), uses.Select(use => use.Name));
        Assert.Equal(uses.Count, uses.Select(use => use.Id).Distinct().Count());
        Assert.All(uses, use => Assert.Matches("^[a-zA-Z0-9_-]{1,256}$", use.Id!));
        foreach (var (call, use) in calls.Zip(uses))
        {
            if (!Finished(call)) continue;
            using var input = JsonDocument.Parse(use.Text);
            // No arguments, however they are spelt, are an empty object. (failures.md B6)
            var expectedInput = call.GetProperty("arguments") is { ValueKind: JsonValueKind.Object } told ? told : JsonElement.Parse("{}");
            Assert.True(JsonElement.DeepEquals(expectedInput, input.RootElement), $"Expected {expectedInput}, got {use.Text}");
        }

        if (uses.Count > 0) Assert.Contains(answer.StopReason, new[] { "tool_use", "max_tokens", "refusal" });
    }

    private static void AssertUsage(JsonElement expected, ClientAnswer answer)
    {
        var usage = expected.GetProperty("usage");
        if (usage.ValueKind != JsonValueKind.Object) return;
        long Told(string name) => answer.Usage.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;
        long? Counted(string name) => usage.GetProperty(name) is { ValueKind: JsonValueKind.Number } value ? (long)value.GetDouble() : null;

        var input = Told("input_tokens") + Told("cache_read_input_tokens") + Told("cache_creation_input_tokens");
        // Some leave cached tokens out of their prompt count.
        if (Counted("prompt") is { } prompt) Assert.True(input == prompt || input == prompt + Counted("cached"), $"{input} input tokens for {usage}");
        // Some leave reasoning out of their completion count.
        var output = Told("output_tokens");
        if (Counted("completion") is { } completion) Assert.True(output == completion || output == completion + Counted("reasoning"), $"{output} output tokens for {usage}");
    }

    /// <summary>Nothing came, or it was cut off: an error is as right as what there is.</summary>
    private static bool MayBeRefused(RecordedAnswer recorded)
    {
        var expected = recorded.Expected;
        var nothing = expected.GetProperty("text").GetString()!.Length == 0 && expected.GetProperty("tool_calls").GetArrayLength() == 0;
        return nothing || expected.GetProperty("finish_reason").ValueKind == JsonValueKind.Null && !Encoding.UTF8.GetString(recorded.Body).Contains("[DONE]", StringComparison.Ordinal);
    }

    private static bool Finished(JsonElement call) => call.GetProperty("arguments_valid_json").GetBoolean();

    /// <summary>Thinking that a backend wrote into the text, between tags at its beginning, belongs to the thinking.</summary>
    private static (string Text, string Thinking) SplitThinkTags(JsonElement expected)
    {
        var (text, thinking) = (expected.GetProperty("text").GetString()!, expected.GetProperty("reasoning").GetString()!);
        if (thinking.Length > 0 || !text.TrimStart().StartsWith("<think>", StringComparison.Ordinal)) return (text, thinking);
        var rest = text.TrimStart()["<think>".Length..];
        var end = rest.IndexOf("</think>", StringComparison.Ordinal);
        return end < 0 ? ("", rest) : (rest[(end + "</think>".Length)..], rest[..end]);
    }

    /// <summary>Blank space between two pieces of thinking may go.</summary>
    private static string Squeeze(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
