using System.Text;
using System.Text.Json;

namespace Dragoman.Simulator.Tests;

/// <summary>Scenarios that stand for their families, in detail.</summary>
public sealed class ScenarioTests(Backend backend) : IClassFixture<Backend>
{
    private const string Weather = """{"city":"Paris"}""";
    private const string Time = """{"city":"Tokyo","offset":3}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> TwoCallScenarios => new(
        "parallel", "parallel-always", "interleaved", "interleaved-heads", "one-chunk", "chunk-per-call", "mistral", "gemini", "arguments-in-head", "no-index", "no-index-id-repeated", "index-zero", "index-zero-no-ids",
        "index-from-one", "empty-id-on-tails", "empty-name-on-tails", "nulls-on-tails", "id-repeated", "repeated-under-other-index", "name-after-arguments", "id-then-name",
        "empty-content-between", "ids-repeated", "ids-none", "ids-numeric", "ids-long", "ids-kimi", "empty-content", "orphan-fragments", "text-between");

    [Theory]
    [MemberData(nameof(TwoCallScenarios))]
    public async Task However_calls_are_spelled_they_are_the_same_two_calls(string name)
    {
        var answer = await backend.StreamAsync(Backend.Ask("sim/tools-" + name), Ct);
        Assert.Equal(["get_weather", "get_time"], answer.Calls.Select(c => c.Name));
        Assert.Equal([Weather, Time], answer.Calls.Select(c => c.Arguments));
    }

    // failures.md A4
    [Fact]
    public async Task Interleaved_calls_open_in_one_chunk_and_then_take_turns()
    {
        var answer = await backend.StreamAsync(Backend.Ask("sim/tools-interleaved"), Ct);
        var deltas = answer.Events.Where(e => e.GetProperty("choices").GetArrayLength() > 0).Select(e => e.GetProperty("choices")[0].GetProperty("delta"))
            .Where(d => d.TryGetProperty("tool_calls", out _)).Select(d => d.GetProperty("tool_calls").EnumerateArray().Select(c => c.GetProperty("index").GetInt32()).ToArray()).ToList();
        Assert.Equal([0, 1], deltas[0]);
        Assert.Equal([[0], [1], [0], [1]], deltas.Skip(1).Take(4));
    }

    // failures.md B15
    [Fact]
    public async Task Forbidden_parallel_calls_are_one_call_unless_the_scenario_disobeys()
    {
        const string One = ",\"parallel_tool_calls\":false";
        Assert.Single((await backend.StreamAsync(Backend.Ask("sim/tools-parallel", more: One), Ct)).Calls);
        Assert.Equal(2, (await backend.StreamAsync(Backend.Ask("sim/tools-parallel-always", more: One), Ct)).Calls.Count);
    }

    // failures.md B7, B8
    [Theory]
    [InlineData("sim/tools-arguments-truncated", """{"location":"Par""", "length")]
    [InlineData("sim/tools-arguments-two-objects", """{"city":"Paris"}{"city":"Tokyo"}""", "tool_calls")]
    public async Task Broken_arguments_are_broken_in_streams_and_whole_answers(string model, string arguments, string finish)
    {
        foreach (var stream in (bool[])[true, false])
        {
            var answer = stream ? await backend.StreamAsync(Backend.Ask(model), Ct) : await backend.WholeAsync(Backend.Ask(model, stream: false), Ct);
            Assert.Equal(arguments, Assert.Single(answer.Calls).Arguments);
            Assert.Equal(finish, answer.FinishReason);
        }
    }

    // failures.md B20
    [Theory]
    [InlineData("hermes", "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\":\"Paris\"}}\n</tool_call>")]
    [InlineData("qwen-xml", "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n</function>\n</tool_call>")]
    [InlineData("kimi", "<|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{\"city\":\"Paris\"}<|tool_call_end|>")]
    [InlineData("deepseek-v31", "<｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{\"city\":\"Paris\"}<｜tool▁call▁end｜>")]
    [InlineData("mistral", "[TOOL_CALLS][{\"name\": \"get_weather\", \"arguments\": {\"city\":\"Paris\"}}")]
    [InlineData("pythonic", "[get_weather(city=\"Paris\"), get_time(city=\"Tokyo\", offset=3)]")]
    public async Task A_leaked_call_stands_in_the_text_and_nowhere_else(string format, string expected)
    {
        foreach (var stream in (bool[])[true, false])
        {
            var json = Backend.Ask("sim/leak-" + format, stream: stream);
            var answer = stream ? await backend.StreamAsync(json, Ct) : await backend.WholeAsync(json, Ct);
            Assert.Contains(expected, answer.Text, StringComparison.Ordinal);
            Assert.Empty(answer.Calls);
            Assert.Equal("stop", answer.FinishReason);
        }
    }

    [Theory]
    [InlineData("content"), InlineData("plain"), InlineData("null-beside"), InlineData("empty-beside"), InlineData("first"), InlineData("role-null-content")]
    public async Task Reasoning_comes_before_the_text(string name)
    {
        var answer = await backend.StreamAsync(Backend.Ask("sim/reasoning-" + name), Ct);
        Assert.Equal("The user wants an answer. I will keep it short.", answer.Thinking);
        Assert.Equal("Hello from the simulated backend.", answer.Text);
    }

    // failures.md C3
    [Fact]
    public async Task Split_tags_never_stand_whole_in_a_chunk()
    {
        var answer = await backend.StreamAsync(Backend.Ask("sim/reasoning-tags-split"), Ct);
        Assert.StartsWith("<think>The user", answer.Text, StringComparison.Ordinal);
        Assert.EndsWith("</think>\n\nHello from the simulated backend.", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Events, e => e.GetRawText().Contains("<think>", StringComparison.Ordinal));
    }

    // failures.md E7
    [Theory]
    [InlineData("after-finish", true), InlineData("on-finish", true), InlineData("every-chunk", true), InlineData("twice", true), InlineData("x-groq", false), InlineData("in-choice", false), InlineData("absent", false)]
    public async Task Usage_stands_where_the_name_says(string name, bool topLevel)
    {
        var answer = await backend.StreamAsync(Backend.Ask("sim/usage-" + name), Ct);
        Assert.Equal(topLevel, answer.Usage is not null);
        if (topLevel) Assert.Equal(20, answer.Usage!.Value.GetProperty("completion_tokens").GetInt32());
        var events = string.Concat(answer.Events);
        Assert.Equal(name == "x-groq", events.Contains("x_groq", StringComparison.Ordinal));
        Assert.Equal(name == "absent", !events.Contains("\"prompt_tokens\":100", StringComparison.Ordinal));
    }

    // failures.md E3
    [Theory]
    [InlineData("cached", "\"cached_tokens\":60"), InlineData("moonshot", "\"cached_tokens\":60"), InlineData("deepseek", "\"prompt_cache_hit_tokens\":60"), InlineData("xai", "\"completion_tokens\":12")]
    public async Task Usage_is_spelled_as_the_name_says(string name, string expected)
    {
        foreach (var stream in (bool[])[true, false])
        {
            var json = Backend.Ask("sim/usage-" + name, stream: stream);
            var answer = stream ? await backend.StreamAsync(json, Ct) : await backend.WholeAsync(json, Ct);
            Assert.Contains(expected, answer.Usage!.Value.GetRawText(), StringComparison.Ordinal);
        }
    }

    public static TheoryData<string> Framings => new(
        "crlf", "cr", "no-space", "comments", "colon-only", "event-lines", "bom", "several-data-lines", "blank-lines", "no-done", "no-final-blank-line", "bytes-1", "bytes-7", "bytes-3", "bytes-7-crlf",
        "ascii", "all-in-one", "three-in-one", "azure", "named-done", "done-variants", "until-close", "close", "type-charset", "type-plain", "type-json", "type-none");

    // failures.md H1, H2, H3
    [Theory]
    [MemberData(nameof(Framings))]
    public async Task However_events_are_framed_the_text_is_the_same(string name)
    {
        var answer = await backend.StreamAsync(Backend.Ask("sim/framing-" + name), Ct);
        Assert.StartsWith("家族 👨‍👩‍👧‍👦 naïve", answer.Text, StringComparison.Ordinal);
        Assert.EndsWith("\u0001 </script> 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 end", answer.Text, StringComparison.Ordinal);
        Assert.Equal("stop", answer.FinishReason);
        Assert.Equal(name is not ("no-done" or "no-final-blank-line"), answer.Done);
    }

    // failures.md G3, G5
    [Theory]
    [InlineData("429", 429, "rate_limit_exceeded"), InlineData("429-quota", 429, "insufficient_quota"), InlineData("502-html", 502, "<h1>502 Bad Gateway</h1>"), InlineData("200", 200, "Upstream provider failed"), InlineData("gemini", 400, "INVALID_ARGUMENT")]
    public async Task An_error_has_its_status_and_shape(string name, int status, string expected)
    {
        using var response = await backend.PostAsync(Backend.Ask("sim/error-" + name), Ct);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(expected, await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        if (name == "429") Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter!.Delta);
    }

    // failures.md G8, G9
    [Fact]
    public async Task Streams_and_whole_answers_can_be_given_to_the_wrong_request()
    {
        using var whole = await backend.PostAsync(Backend.Ask("sim/error-json-for-stream"), Ct);
        Assert.Equal("application/json", whole.Content.Headers.ContentType!.MediaType);
        using var streamed = await backend.PostAsync(Backend.Ask("sim/error-stream-for-json", stream: false), Ct);
        Assert.Equal("text/event-stream", streamed.Content.Headers.ContentType!.MediaType);
    }

    // failures.md G1
    [Fact]
    public async Task A_mid_stream_error_follows_text_and_ends_the_stream()
    {
        using var response = await backend.PostAsync(Backend.Ask("sim/break-error-data"), Ct);
        var events = ReadAnswer.EventsOf(await response.Content.ReadAsStringAsync(Ct)).ToList();
        Assert.Contains("the ans", events[^2], StringComparison.Ordinal);
        using var error = JsonDocument.Parse(events[^1]);
        Assert.Equal("CUDA out of memory", error.RootElement.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task Load_answers_keep_their_bytes_and_their_event_count()
    {
        var bulk = await backend.StreamAsync("""{"model":"sim/bench-bulk-200","stream":true,"messages":[]}""", Ct);
        Assert.Equal(203, bulk.Events.Count); // The opening, 200 words, the finish, the usage.
        Assert.True(bulk.Done);
        var tool = await backend.StreamAsync("""{"model": "sim/bench-tool-215", "stream": true}""", Ct);
        using var arguments = JsonDocument.Parse(Assert.Single(tool.Calls).Arguments);
        Assert.Equal(219, tool.Events.Count);
        var whole = await backend.WholeAsync("""{"model":"sim/bench-small"}""", Ct);
        Assert.Equal("The quick brown fox jumps over the lazy dog.", whole.Text);
    }

    [Fact]
    public async Task Load_scenarios_are_not_mistaken_for_text_that_speaks_of_them()
    {
        var answer = await backend.WholeAsync(Backend.Ask("sim/text", "\"model\":\"sim/bench-small\" and \"stream\":true", stream: false), Ct);
        Assert.Equal("Hello from the simulated backend.", answer.Text);
    }

    [Fact]
    public async Task Concurrent_streams_keep_their_own_texts()
    {
        var texts = Enumerable.Range(0, 64).Select(i => new StringBuilder().Insert(0, $"caller {i} ", 40).ToString()).ToList();
        var answers = await Task.WhenAll(texts.Select(t => backend.StreamAsync(Backend.Ask("sim/echo", t, tools: false), Ct)));
        Assert.Equal(texts.Select(t => t.Trim()), answers.Select(a => a.Text));
    }
}
