namespace Dragoman.Simulator.Tests;

/// <summary>What a strict backend refuses, so that a translator's faults show.</summary>
public sealed class ValidationTests(Backend backend) : IClassFixture<Backend>
{
    private const string User = """{"role":"user","content":"hi"}""";
    private const string Call = """{"role":"assistant","content":null,"tool_calls":[{"id":"call_0","type":"function","function":{"name":"Read","arguments":"{}"}}]}""";
    private const string Result = """{"role":"tool","tool_call_id":"call_0","content":"ok"}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Faults => new()
    {
        { "not json", "could not parse" },
        { "[]", "must be a JSON object" },
        { Of("""{"role":"user","content":"half a pair: \ud83d"}"""), "could not parse" },
        { """{"messages":[]}""", "model" },
        { """{"model":"m"}""", "messages" },
        { """{"model":"m","messages":[]}""", "empty array" },
        { Of("""{"role":"human","content":"hi"}"""), "Invalid value: 'human'" },
        { Of("""{"role":"user"}"""), "content" },
        { Of("""{"role":"user","content":null}"""), "content" },
        { Of("""{"role":"user","content":[]}"""), "empty array" },
        { Of("""{"role":"user","content":[{"type":"image","source":{}}]}"""), "Invalid value: 'image'" },
        { Of("""{"role":"user","content":[{"type":"tool_result","tool_use_id":"x"}]}"""), "Invalid value: 'tool_result'" },
        { Of("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:undefined;base64,undefined"}}]}"""), "base64" },
        { Of(User, """{"role":"assistant"}"""), "content" },
        { Of(User, """{"role":"assistant","content":"x","tool_calls":[]}"""), "empty array" },
        { Of(User, Result), "must be a response" },
        { Of(User, Call, User), "did not have response messages: call_0" },
        { Of(User, Call), "did not have response messages: call_0" },
        { Of(User, Call, Result, Result), "not found" },
        { Of(User, Call, Result.Replace("call_0", "call_1", StringComparison.Ordinal)), "not found" },
        { Of(User, Call, """{"role":"tool","content":"ok"}"""), "tool_call_id" },
        { Of(User, Call, """{"role":"tool","tool_call_id":"call_0"}"""), "content" },
        { Of(User, Call, """{"role":"tool","tool_call_id":"call_0","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}"""), "Invalid value: 'image_url'" },
        { Of(User, Call.Replace("\"{}\"", "\"\"", StringComparison.Ordinal), Result), "JSON object" },
        { Of(User, Call.Replace("\"{}\"", "\"{\\\"a\\\":\"", StringComparison.Ordinal), Result), "JSON object" },
        { Of(User, Call.Replace("\"{}\"", "{}", StringComparison.Ordinal), Result), "JSON object" },
        { Of(User, Call.Replace("call_0", new string('x', 41), StringComparison.Ordinal), Result.Replace("call_0", new string('x', 41), StringComparison.Ordinal)), "maximum length 40" },
        { With("\"tools\":[]"), "empty array" },
        { With("\"tool_choice\":\"auto\""), "only allowed when 'tools'" },
        { With("\"parallel_tool_calls\":false"), "only allowed when 'tools'" },
        { With("\"stream_options\":{\"include_usage\":true}"), "only allowed when 'stream'" },
        { With("\"tools\":[{\"name\":\"Read\",\"input_schema\":{}}]"), "Supported values are: 'function'" },
        { With($"\"tools\":[{Tool(new string('n', 65))}]"), "maximum length 64" },
        { With($"\"tools\":[{Tool("a.b")}]"), "does not match pattern" },
        { With($"\"tools\":[{Tool("a")},{Tool("a")}]"), "Duplicate" },
        { With($"\"tools\":[{string.Join(',', Enumerable.Range(0, 129).Select(i => Tool($"t{i}")))}]"), "maximum length 128" },
        { With($"\"tools\":[{Tool("a")}],\"tool_choice\":\"any\""), "Invalid value: 'any'" },
        { With($"\"tools\":[{Tool("a")}],\"tool_choice\":{{\"type\":\"tool\",\"name\":\"a\"}}"), "tool_choice" },
        { With($"\"tools\":[{Tool("a")}],\"tool_choice\":{{\"type\":\"function\",\"function\":{{\"name\":\"b\"}}}}"), "not found" },
        { With("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":{\"type\":\"string\"}}}]"), "type 'object'" },
        { With("\"max_tokens\":0"), "minimum value" },
        { With("\"temperature\":2.5"), "maximum value" },
        { With("\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]"), "maximum length 4" },
        { With("\"stop\":[\"\"]"), "non-empty" },
        { With("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{}}}"), "name" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_is_refused_with_400_in_OpenAIs_shape(string json, string expected)
    {
        using var response = await backend.PostAsync(json, Ct);
        var body = await response.Content.ReadAsStringAsync(Ct);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.StartsWith("{\"error\":{\"message\":", body, StringComparison.Ordinal);
        Assert.Contains(expected, body, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, int> BrokenRules => new()
    {
        { "sim/strict-mistral", Of(User, Call.Replace("call_0", "abcdefghi", StringComparison.Ordinal), Result.Replace("call_0", "abcdefghi", StringComparison.Ordinal), User), 400 },
        { "sim/strict-mistral", Of(User, Call, Result), 400 },
        { "sim/strict-mistral", With("\"reasoning_effort\":\"high\""), 422 },
        { "sim/strict-alternation", Of(User, User), 400 },
        { "sim/strict-system-first", Of(User, """{"role":"system","content":"x"}"""), 400 },
        { "sim/max-completion-tokens-only", With("\"max_tokens\":5"), 400 },
        { "sim/max-tokens-only", With("\"max_completion_tokens\":5"), 400 },
        { "sim/no-stream-options", With("\"stream\":true,\"stream_options\":{}"), 400 },
        { "sim/no-images", Of("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}"""), 400 },
        { "sim/no-image-urls", Of("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}"""), 400 },
        { "sim/text-only", With($"\"tools\":[{Tool("a")}]"), 400 },
        { "sim/no-content-parts", Of("""{"role":"user","content":[{"type":"text","text":"hi"}]}"""), 422 },
        { "sim/no-tool-choice-required", With($"\"tools\":[{Tool("a")}],\"tool_choice\":\"required\""), 400 },
        { "sim/no-tool-choice-object", With($"\"tools\":[{Tool("a")}],\"tool_choice\":{{\"type\":\"function\",\"function\":{{\"name\":\"a\"}}}}"), 400 },
        { "sim/no-schema-keywords", With("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\",\"format\":\"uri\"}}}}}]"), 400 },
        { "sim/no-prefill", Of(User, """{"role":"assistant","content":"Sure"}"""), 400 },
        { "sim/deepseek-thinking", Of(User, Call, Result), 400 },
        { "sim/kimi-thinking", Of(User, Call.Replace("\"content\":null", "\"content\":null,\"reasoning_content\":\"\"", StringComparison.Ordinal), Result), 400 },
        { "sim/no-reasoning-content", Of(User, Call.Replace("\"content\":null", "\"content\":null,\"reasoning_content\":\"x\"", StringComparison.Ordinal), Result), 422 },
        { "sim/tools-gemini", Of(User, Call, Result), 400 },
        { "sim/openai", With("\"max_tokens\":5"), 400 },
    };

    [Theory]
    [MemberData(nameof(BrokenRules))]
    public async Task A_backend_with_a_rule_refuses_what_the_usual_one_takes(string model, string json, int status)
    {
        using var usual = await backend.PostAsync(json, Ct);
        Assert.Equal(200, (int)usual.StatusCode);
        using var strict = await backend.PostAsync(json.Replace("\"model\":\"m\"", $"\"model\":\"{model}\"", StringComparison.Ordinal), Ct);
        Assert.Equal(status, (int)strict.StatusCode);
    }

    [Theory]
    [InlineData("sim/deepseek-thinking", "reasoning_content\":\"\"")]
    [InlineData("sim/kimi-thinking", "reasoning_content\":\" \"")]
    public async Task Reasoning_that_came_back_is_accepted(string model, string reasoning)
    {
        var json = Of(User, Call.Replace("\"content\":null", $"\"content\":null,\"{reasoning}", StringComparison.Ordinal), Result).Replace("\"model\":\"m\"", $"\"model\":\"{model}\"", StringComparison.Ordinal);
        using var response = await backend.PostAsync(json, Ct);
        Assert.Equal(200, (int)response.StatusCode);
    }

    // failures.md G4
    [Theory]
    [InlineData("sim/window-8k", "This model's maximum context length is 8192 tokens. However, your messages resulted in")]
    [InlineData("sim/window-8k-vllm", "in the messages, 0 in the completion)", "you requested")]
    [InlineData("sim/window-8k-llamacpp", "exceed_context_size_error", "\"n_ctx\":8192")]
    public async Task A_prompt_that_is_too_long_is_refused_in_the_vendors_words(string model, params string[] expected)
    {
        using var fits = await backend.PostAsync(Backend.Ask(model), Ct);
        Assert.Equal(200, (int)fits.StatusCode);
        using var tooLong = await backend.PostAsync(Backend.Ask(model, new string('x', 40_000)), Ct);
        Assert.Equal(400, (int)tooLong.StatusCode);
        var body = await tooLong.Content.ReadAsStringAsync(Ct);
        Assert.All(expected, e => Assert.Contains(e, body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unknown_paths_are_404_in_OpenAIs_shape()
    {
        using var response = await backend.PostAsync("{}", Ct, "v1/messages");
        Assert.Equal(404, (int)response.StatusCode);
    }

    private static string Of(params string[] messages) => $$"""{"model":"m","messages":[{{string.Join(',', messages)}}]}""";

    private static string With(string members) => $$"""{"model":"m","messages":[{{User}}],{{members}}}""";

    private static string Tool(string name) => $$"""{"type":"function","function":{"parameters":{"type":"object","properties":{} },"name":"{{name}}"} }""";
}
