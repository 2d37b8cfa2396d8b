using System.Text.Json;

namespace Dragoman.Simulator.Tests;

/// <summary>The demonstration model and its conversations.</summary>
public sealed class ChatTests(Backend backend) : IClassFixture<Backend>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_unknown_model_is_the_demonstration_model_and_echoes_the_question(bool stream)
    {
        var json = Backend.Ask("some-model", "What is a dragoman?", stream);
        var answer = stream ? await backend.StreamAsync(json, Ct) : await backend.WholeAsync(json, Ct);
        Assert.Contains("What is a dragoman?", answer.Text, StringComparison.Ordinal);
        Assert.Contains("some-model", answer.Text, StringComparison.Ordinal);
        Assert.Equal("stop", answer.FinishReason);
        Assert.True(answer.Usage!.Value.GetProperty("prompt_tokens").GetInt32() > 10);
    }

    [Fact]
    public async Task An_unknown_model_is_refused_where_no_default_is_set()
    {
        await using var strict = await SimulatorApp.StartAsync(new SimulatorOptions { DefaultScenario = null }, Ct);
        using var content = new StringContent(Backend.Ask("some-model"));
        using var response = await backend.Client.PostAsync(new Uri(strict.BaseAddress, "v1/chat/completions"), content, Ct);
        Assert.Equal(404, (int)response.StatusCode);
        Assert.Contains("model_not_found", await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_asked_for_where_one_is_set()
    {
        await using var locked = await SimulatorApp.StartAsync(new SimulatorOptions { ApiKey = "secret" }, Ct);
        using var refused = await backend.Client.GetAsync(new Uri(locked.BaseAddress, "v1/models"), Ct);
        Assert.Equal(401, (int)refused.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(locked.BaseAddress, "v1/models")) { Headers = { { "Authorization", "Bearer secret" } } };
        using var accepted = await backend.Client.SendAsync(request, Ct);
        Assert.Equal(200, (int)accepted.StatusCode);
    }

    [Fact]
    public async Task Directives_think_speak_and_call_in_their_order()
    {
        const string Question = """
            <system-reminder>noise</system-reminder>
            [[think I should look.]] [[text Looking.]]
            [[tool Read {"file_path":"/a","list":[[1]]}]]
            [[tool Bash {"command":"ls [[x]]"}]]
            """;
        var answer = await backend.StreamAsync(Backend.Ask("sim/demo", Question), Ct);
        Assert.Equal("I should look.", answer.Thinking);
        Assert.Equal("Looking.", answer.Text);
        Assert.Equal(["Read", "Bash"], answer.Calls.Select(c => c.Name));
        Assert.Equal("""{"file_path":"/a","list":[[1]]}""", answer.Calls[0].Arguments);
        Assert.Equal("""{"command":"ls [[x]]"}""", answer.Calls[1].Arguments);
        Assert.Equal("tool_calls", answer.FinishReason);
    }

    [Fact]
    public async Task Tool_results_are_quoted_by_name()
    {
        var answer = await backend.StreamAsync("""
            {"model":"sim/demo","stream":true,"messages":[{"role":"user","content":"[[tool Bash {\"command\":\"ls\"}]]"},
            {"role":"assistant","tool_calls":[{"id":"call_0","type":"function","function":{"name":"Bash","arguments":"{\"command\":\"ls\"}"}}]},
            {"role":"tool","tool_call_id":"call_0","content":"README.md"}]}
            """, Ct);
        Assert.Equal("The tools answered:\n- Bash: README.md", answer.Text);
        Assert.Equal("stop", answer.FinishReason);
    }

    [Fact]
    public async Task A_script_knows_its_turn_from_the_conversation_and_the_working_directory_from_the_environment()
    {
        List<string> messages =
        [
            """{"role":"system","content":"You are in an environment:\n - Primary working directory: /home/user/project\n - Platform: linux"}""",
            """{"role":"user","content":[{"type":"text","text":"<system-reminder>x</system-reminder>"},{"type":"text","text":"[[script bash-write-read-edit]]"}]}""",
        ];
        List<string> called = [];
        while (true)
        {
            var answer = await backend.StreamAsync($$"""{"model":"sim/demo","stream":true,"messages":[{{string.Join(',', messages)}}]}""", Ct);
            if (answer.Calls.Count == 0)
            {
                Assert.Equal("The file was written, read and edited.", answer.Text);
                break;
            }

            var call = Assert.Single(answer.Calls);
            called.Add(call.Name);
            Assert.DoesNotContain("{cwd}", call.Arguments, StringComparison.Ordinal);
            if (call.Name == "Write") Assert.Contains("\"/home/user/project/simulated.txt\"", call.Arguments, StringComparison.Ordinal);
            messages.Add($$$"""{"role":"assistant","content":null,"tool_calls":[{"id":"{{{call.Id}}}","type":"function","function":{"name":"{{{call.Name}}}","arguments":{{{JsonSerializer.Serialize(call.Arguments)}}}}}]}""");
            messages.Add($$"""{"role":"tool","tool_call_id":"{{call.Id}}","content":"done"}""");
        }

        Assert.Equal(["Bash", "Write", "Read", "Edit", "Read"], called);
    }

    [Fact]
    public async Task A_script_repeats_its_call_ids_in_every_turn()
    {
        var first = await backend.StreamAsync(Backend.Ask("sim/demo", "[[script three-parallel]]", tools: false), Ct);
        Assert.Equal(["call_0", "call_1", "call_2"], first.Calls.Select(c => c.Id));
    }

    [Fact]
    public async Task A_request_for_a_summary_gets_one_that_lets_the_conversation_go_on()
    {
        const string History = """
            {"role":"user","content":"[[script overflow-then-compact]]"},
            {"role":"assistant","content":"ok","tool_calls":[{"id":"a","type":"function","function":{"name":"Bash","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"},
            {"role":"assistant","content":"ok","tool_calls":[{"id":"b","type":"function","function":{"name":"Bash","arguments":"{}"}}]},{"role":"tool","tool_call_id":"b","content":"2"}
            """;
        using var tooLong = await backend.PostAsync($$"""{"model":"sim/demo","messages":[{{History}}]}""", Ct);
        Assert.Equal(400, (int)tooLong.StatusCode);
        Assert.Contains("maximum context length", await tooLong.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        var summary = await backend.WholeAsync($$"""{"model":"sim/demo","messages":[{{History}},{"role":"user","content":"Your task is to create a detailed summary of the conversation"}]}""", Ct);
        Assert.StartsWith("<summary>", summary.Text, StringComparison.Ordinal);
        var after = await backend.WholeAsync(Backend.Ask("sim/demo", "This session is being continued. " + summary.Text, stream: false), Ct);
        Assert.Equal("The conversation was compacted, and goes on.", after.Text);
    }

    [Fact]
    public async Task A_script_can_be_refused_first_and_answered_then()
    {
        var json = Backend.Ask("sim/demo", $"[[script rate-limit-then-ok]] {Guid.NewGuid()}");
        using var first = await backend.PostAsync(json, Ct);
        Assert.Equal(429, (int)first.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), first.Headers.RetryAfter!.Delta);
        var second = await backend.StreamAsync(json, Ct);
        Assert.Equal("It worked at the second try.", second.Text);
    }

    [Fact]
    public async Task A_schema_is_satisfied_and_directives_in_a_quoted_prompt_are_not_obeyed()
    {
        const string Format = ""","response_format":{"type":"json_schema","json_schema":{"name":"title","strict":true,"schema":{"type":"object","properties":{"title":{"type":"string"},"kind":{"enum":["chat","code"]},"tags":{"type":"array","minItems":2,"items":{"type":"string"}}},"required":["title","kind","tags"]}}}""";
        var answer = await backend.WholeAsync(Backend.Ask("sim/demo", "Title for: [[tool Bash {}]]", stream: false, tools: false, more: Format), Ct);
        using var json = JsonDocument.Parse(answer.Text);
        Assert.Equal("chat", json.RootElement.GetProperty("kind").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("tags").GetArrayLength());
        Assert.Empty(answer.Calls);
    }

    [Theory]
    [InlineData("\"required\"", "get_weather")]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"get_time\"}}", "get_time")]
    public async Task A_forced_tool_is_called_with_arguments_its_schema_accepts(string choice, string expected)
    {
        var answer = await backend.StreamAsync(Backend.Ask("sim/demo", more: $",\"tool_choice\":{choice}"), Ct);
        var call = Assert.Single(answer.Calls);
        Assert.Equal(expected, call.Name);
        using var arguments = JsonDocument.Parse(call.Arguments);
        Assert.Equal("Paris", arguments.RootElement.GetProperty("city").GetString());
        if (expected == "get_time") Assert.True(arguments.RootElement.GetProperty("offset").GetInt32() >= 2);
    }

    [Fact]
    public async Task Limits_and_stop_strings_are_obeyed()
    {
        var limited = await backend.StreamAsync(Backend.Ask("sim/long-500", tools: false, more: ",\"max_tokens\":10"), Ct);
        Assert.Equal("length", limited.FinishReason);
        Assert.InRange(limited.Text.Length, 1, 40);
        var stopped = await backend.StreamAsync(Backend.Ask("sim/long-500", tools: false, more: ",\"stop\":[\"word7\"]"), Ct);
        Assert.EndsWith("word6 ", stopped.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"sim/demo","prompt":"four bytes a token"}""", 5)]
    [InlineData("""{"model":"sim/demo","messages":[{"role":"user","content":"four bytes a token"}]}""", 12)]
    public async Task Tokenize_counts_the_same_way_each_time(string json, int expected)
    {
        using var response = await backend.PostAsync(json, Ct, "tokenize");
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal(expected, document.RootElement.GetProperty("count").GetInt32());
        Assert.Equal(expected, document.RootElement.GetProperty("tokens").GetArrayLength());
        Assert.Equal(131_072, document.RootElement.GetProperty("max_model_len").GetInt32());
    }
}
