using System.Net;
using System.Text.Json;
using Dragoman.Configuration;
using Dragoman.Testing;

namespace Dragoman.Tests.Upstream;

/// <summary>What goes to a backend, and what becomes of its failures.</summary>
public sealed class UpstreamTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    // failures.md O6, D20
    [Fact]
    public async Task A_whole_answer_comes_back_as_a_message_under_the_name_that_was_asked_for()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(model: "claude-opus-5-5"));
        var message = await response.JsonAsync();

        Assert.Equal("message", message.GetProperty("type").GetString());
        Assert.Equal("claude-opus-5-5", message.GetProperty("model").GetString());
        Assert.Equal("Hello", message.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("end_turn", message.GetProperty("stop_reason").GetString());
        Assert.Equal(11, message.GetProperty("usage").GetProperty("input_tokens").GetInt32());
        Assert.Matches("^msg_[0-9A-Za-z]{24}$", message.GetProperty("id").GetString());
        var call = Assert.Single(backend.Calls);
        Assert.Equal("/v1/chat/completions", call.Request.Path);
        Assert.Equal("model-a", JsonDocument.Parse(call.Request.Body).RootElement.GetProperty("model").GetString());
    }

    // failures.md D19
    [Fact]
    public async Task Nothing_of_the_callers_headers_reaches_the_backend()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(), headers: [("x-api-key", "sk-caller"), ("authorization", "Bearer sk-caller"), ("cookie", "a=b"), ("x-forwarded-for", "10.0.0.1"), ("anthropic-beta", "x")]);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var headers = Assert.Single(backend.Calls).Request.Headers;
        Assert.Equal("Bearer sk-upstream-secret", headers["authorization"]);
        Assert.Equal(["Authorization", "Content-Length", "Content-Type", "Host"], headers.Keys.Order(StringComparer.Ordinal));
    }

    // failures.md D13: both API versions, both credential headers, none, and unknown ones
    [Theory]
    [InlineData("anthropic-version", "2023-06-01")]
    [InlineData("anthropic-version", "2026-10-21")]
    [InlineData("anthropic-version", "1999-01-01")]
    [InlineData("x-api-key", "any")]
    [InlineData("authorization", "Bearer any")]
    [InlineData("x-unknown", "any")]
    public async Task Any_version_and_credential_is_taken(string name, string value)
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(extra: ",\"context_management\":{\"edits\":[]},\"never_heard_of\":1"), headers: (name, value));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    // failures.md G9
    [Fact]
    public async Task A_stream_to_a_request_for_a_whole_answer_becomes_a_message()
    {
        await using var backend = ScriptedBackend.Streaming(Chunks.Text("Hel"), Chunks.Text("lo"), Chunks.Stop, Chunks.Usage);
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request());

        Assert.Equal("Hello", (await response.JsonAsync()).GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Headers_tell_what_was_left_out_and_what_was_estimated()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello").Replace(",\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":2,\"total_tokens\":13}", "", StringComparison.Ordinal));
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(extra: ",\"top_k\":5"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("top_k", Assert.Single(response.Headers.GetValues("x-dragoman-dropped")), StringComparison.Ordinal);
        Assert.Equal("estimated", Assert.Single(response.Headers.GetValues("x-dragoman-usage")));
    }

    // failures.md D18
    [Fact]
    public async Task A_name_that_no_header_may_hold_does_no_harm()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(extra: ",\"温度 100%\":1"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("unknown", Assert.Single(response.Headers.GetValues("x-dragoman-dropped")));
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"bad thing"}}""", HttpStatusCode.BadRequest, "invalid_request_error")]
    [InlineData(401, """{"error":{"message":"wrong key sk-upstream-secret"}}""", HttpStatusCode.BadGateway, "api_error")]
    [InlineData(403, """{"error":{"message":"forbidden"}}""", HttpStatusCode.BadGateway, "api_error")]
    [InlineData(404, """{"error":{"message":"The model does not exist","code":"model_not_found"}}""", HttpStatusCode.NotFound, "not_found_error")]
    [InlineData(429, """{"error":{"message":"slow down"}}""", HttpStatusCode.TooManyRequests, "rate_limit_error")]
    [InlineData(500, "<html>oops</html>", HttpStatusCode.InternalServerError, "api_error")]
    [InlineData(502, "<html>bad gateway</html>", HttpStatusCode.BadGateway, "api_error")]
    [InlineData(503, "", (HttpStatusCode)529, "overloaded_error")]
    public async Task A_backends_error_comes_in_the_APIs_words_streamed_or_not(int status, string body, HttpStatusCode expected, string type) // failures.md G3, G7
    {
        foreach (var stream in new[] { false, true })
        {
            await using var backend = new ScriptedBackend(call => call.AnswerAsync(body, status, ("retry-after", "7")));
            await using var gateway = await TestGateway.StartAsync(backend);

            using var response = await gateway.PostAsync(TestGateway.Request(stream));

            var message = await response.ErrorAsync(expected, type);
            Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
            Assert.DoesNotContain(backend.Address.Authority, message, StringComparison.Ordinal);
            Assert.Equal("7", Assert.Single(response.Headers.GetValues("retry-after"))); // failures.md G5
            if (status is 401 or 403) Assert.Equal("false", Assert.Single(response.Headers.GetValues("x-should-retry")));
        }
    }

    // failures.md G4
    [Fact]
    public async Task A_full_window_is_said_in_words_that_make_clients_compact()
    {
        await using var backend = ScriptedBackend.Answering("""{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.","code":"context_length_exceeded"}}""", 400);
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));

        Assert.Equal("prompt is too long: 9001 tokens > 8192 maximum", await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error"));
    }

    // failures.md F8
    [Fact]
    public async Task A_prompt_that_clearly_does_not_fit_is_refused_before_it_is_sent()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        backend.Models = """{"data":[{"id":"small","max_model_len":1000}]}""";
        await using var gateway = await TestGateway.StartAsync(backend);
        var words = string.Join(' ', Enumerable.Repeat("several words of text", 2000));

        using var response = await gateway.PostAsync(TestGateway.Request(model: "small").Replace("Hi", words, StringComparison.Ordinal));

        Assert.Matches("^prompt is too long: [0-9]+ tokens > 1000 maximum$", await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error"));
        Assert.Empty(backend.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_filtered_prompt_is_answered_as_a_refusal(bool stream)
    {
        await using var backend = ScriptedBackend.Answering("""{"error":{"message":"The response was filtered","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", 400);
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(stream));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"stop_reason\":\"refusal\"", await response.Content.ReadAsStringAsync(Now), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_backend_that_cannot_be_reached_is_a_502_without_its_address(bool stream)
    {
        var gone = ScriptedBackend.Answering("{}");
        var address = gone.Address;
        await gone.DisposeAsync();
        await using var gateway = await TestGateway.StartAsync(new BackendOptions { Name = "gone", Url = BackendOptions.ParseUrl(address.ToString()) });

        using var response = await gateway.PostAsync(TestGateway.Request(stream));

        var message = await response.ErrorAsync(HttpStatusCode.BadGateway, "api_error");
        Assert.Contains("'gone'", message, StringComparison.Ordinal);
        Assert.DoesNotContain(address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), message, StringComparison.Ordinal);
    }

    // failures.md G14
    [Fact]
    public async Task A_pooled_connection_that_died_costs_no_error()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend);
        using (var first = await gateway.PostAsync(TestGateway.Request())) Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        backend.CloseIdleConnections();
        using var second = await gateway.PostAsync(TestGateway.Request());

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_closes_before_any_answer_is_tried_once_more_and_no_more(bool recovers)
    {
        var calls = 0;
        await using var backend = new ScriptedBackend(call =>
        {
            if (Interlocked.Increment(ref calls) > 1 && recovers) return call.AnswerAsync(Chunks.Whole("Hello"));
            call.Close();
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request());

        Assert.Equal(2, calls);
        if (recovers) Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        else await response.ErrorAsync(HttpStatusCode.BadGateway, "api_error");
    }

    [Fact]
    public async Task Connections_are_used_again_after_streams_and_whole_answers()
    {
        await using var backend = new ScriptedBackend(call => call.Request.Text.Contains("\"stream\":true", StringComparison.Ordinal)
            ? call.StreamAsync(Chunks.Text("Hi"), Chunks.Stop, Chunks.Usage)
            : call.AnswerAsync(Chunks.Whole("Hi")));
        await using var gateway = await TestGateway.StartAsync(backend);

        for (var i = 0; i < 6; i++)
        {
            using var response = await gateway.PostAsync(TestGateway.Request(stream: i % 2 == 0));
            await response.Content.ReadAsStringAsync(Now);
        }

        Assert.Equal(6, backend.Calls.Count);
        Assert.InRange(backend.Connections, 1, 2);
    }

    // failures.md E2, C5
    [Fact]
    public async Task A_refused_parameter_is_left_out_at_once_and_from_then_on()
    {
        await using var backend = new ScriptedBackend(call => call.Request.Text.Contains("temperature", StringComparison.Ordinal)
            ? call.AnswerAsync("""{"error":{"message":"Unsupported parameter: 'temperature' is not supported with this model.","type":"invalid_request_error","param":"temperature","code":"unsupported_parameter"}}""", 400)
            : call.AnswerAsync(Chunks.Whole("Hello")));
        await using var gateway = await TestGateway.StartAsync(backend);

        using var first = await gateway.PostAsync(TestGateway.Request(extra: ",\"temperature\":0.5"));
        using var second = await gateway.PostAsync(TestGateway.Request(extra: ",\"temperature\":0.5"));

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal([true, false, false], backend.Calls.Select(call => call.Request.Text.Contains("temperature", StringComparison.Ordinal)));
        using var ready = await gateway.Http.GetAsync("/readyz", Now);
        Assert.Contains("model-a: does not take temperature", await ready.Content.ReadAsStringAsync(Now), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lessons_end()
    {
        var parameters = new[] { "temperature", "top_p", "stop" };
        await using var backend = new ScriptedBackend(call =>
        {
            var refused = parameters.FirstOrDefault(parameter => call.Request.Text.Contains($"\"{parameter}\"", StringComparison.Ordinal)) ?? "messages";
            return call.AnswerAsync($$$"""{"error":{"message":"Unsupported parameter: '{{{refused}}}'","param":"{{{refused}}}","code":"unsupported_parameter"}}""", 400);
        });
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Limits = options.Limits with { Lessons = 2 } });

        using var response = await gateway.PostAsync(TestGateway.Request(extra: ",\"temperature\":0.5,\"top_p\":0.5,\"stop_sequences\":[\"x\"]"));

        await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error");
        Assert.Equal(3, backend.Calls.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_tokens_wanted_is_answered_without_the_backend(bool stream)
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(stream).Replace("64", "0", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"stop_reason\":\"max_tokens\"", await response.Content.ReadAsStringAsync(Now), StringComparison.Ordinal);
        Assert.Empty(backend.Calls);
    }

    // failures.md F1
    [Fact]
    public async Task Tokens_are_counted()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync("""{"model":"claude-x","messages":[{"role":"user","content":"How many tokens are these?"}]}""", "/v1/messages/count_tokens");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.InRange((await response.JsonAsync()).GetProperty("input_tokens").GetInt32(), 5, 60);
        Assert.Equal("estimated", Assert.Single(response.Headers.GetValues("x-dragoman-usage")));
        Assert.Empty(backend.Calls);
    }

    [Fact]
    public async Task A_whole_answer_that_never_comes_is_a_504()
    {
        await using var backend = new ScriptedBackend(call => call.CallerIsGone);
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Timeouts = options.Timeouts with { FirstEvent = TimeSpan.FromMilliseconds(50) } });

        using var response = await gateway.PostAsync(TestGateway.Request());

        await response.ErrorAsync(HttpStatusCode.GatewayTimeout, "timeout_error");
        await backend.Calls[0].CallerIsGone.WaitAsync(Now);
    }

    // failures.md G7
    [Theory]
    [InlineData("<html>It works!</html>")]
    [InlineData("""{"error":{"message":"no"}}""")]
    [InlineData("")]
    [InlineData("""{"choices":[]}""")]
    public async Task A_200_that_is_no_answer_is_an_error(string body)
    {
        foreach (var stream in new[] { false, true })
        {
            await using var backend = ScriptedBackend.Answering(body);
            await using var gateway = await TestGateway.StartAsync(backend);

            using var response = await gateway.PostAsync(TestGateway.Request(stream));

            Assert.True((int)response.StatusCode >= 400, await response.Content.ReadAsStringAsync(Now));
            await response.ErrorAsync(response.StatusCode, "api_error");
        }
    }

    // failures.md F5
    [Fact]
    public async Task A_count_that_the_backend_refuses_is_refused_and_not_guessed()
    {
        await using var backend = ScriptedBackend.Answering("""{"error":{"message":"no such key"}}""", 401);
        await using var gateway = await TestGateway.StartAsync(backend.As("vllm"));

        using var response = await gateway.PostAsync("""{"model":"claude-x","messages":[{"role":"user","content":"Hi"}]}""", "/v1/messages/count_tokens");

        await response.ErrorAsync(HttpStatusCode.BadGateway, "api_error");
        Assert.Equal("/tokenize", Assert.Single(backend.Calls).Request.Path);
    }

    // failures.md G13
    [Fact]
    public async Task Nothing_is_sent_again_once_the_caller_was_told_something()
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("Hi"));
            await call.EventAsync("""{"error":{"message":"Unsupported parameter: 'temperature'","param":"temperature","code":"unsupported_parameter"}}""");
            call.Close();
        });
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true, extra: ",\"temperature\":1"));
        using var reader = await EventReader.OfAsync(response);

        await reader.UntilAsync("error");
        Assert.Single(backend.Calls);
    }

    // failures.md G6: a lone backend is never put aside, and an old error is never told again.
    [Fact]
    public async Task A_backend_that_failed_is_asked_again_at_once()
    {
        var calls = 0;
        await using var backend = new ScriptedBackend(call => Interlocked.Increment(ref calls) <= 3 ? call.AnswerAsync("{}", 502) : call.AnswerAsync(Chunks.Whole("Hello")));
        await using var gateway = await TestGateway.StartAsync(backend);

        var statuses = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            using var response = await gateway.PostAsync(TestGateway.Request());
            statuses.Add((int)response.StatusCode);
        }

        Assert.Equal([502, 502, 502, 200], statuses);
    }

    // failures.md J6, J7: with a stall of five seconds in any of these, it would take far longer than a minute.
    [Fact]
    public async Task Many_calls_in_a_row_and_many_streams_at_once_meet_no_stall()
    {
        await using var backend = new ScriptedBackend(call => call.Request.Text.Contains("\"stream\":true", StringComparison.Ordinal)
            ? call.StreamAsync(Chunks.Text("Hi"), Chunks.Stop, Chunks.Usage)
            : call.AnswerAsync(Chunks.Whole("Hi")));
        await using var gateway = await TestGateway.StartAsync(backend);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Now);
        limit.CancelAfter(TimeSpan.FromMinutes(1));

        for (var i = 0; i < 200; i++)
        {
            using var response = await gateway.PostAsync(TestGateway.Request(), cancellation: limit.Token);
            await response.Content.ReadAsStringAsync(limit.Token);
        }

        await Task.WhenAll(Enumerable.Range(0, 32).Select(async _ =>
        {
            using var response = await gateway.PostAsync(TestGateway.Request(stream: true), cancellation: limit.Token);
            Assert.Contains("message_stop", await response.Content.ReadAsStringAsync(limit.Token), StringComparison.Ordinal);
        }));
    }

    // failures.md E7
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Counts_that_never_come_do_not_hold_the_answer(bool stream)
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("Hi"));
            await call.EventAsync(Chunks.Stop);
            await call.CallerIsGone;
        });
        await using var gateway = await TestGateway.StartAsync(backend.As("llama.cpp"), options => options with { Timeouts = options.Timeouts with { Usage = TimeSpan.FromMilliseconds(50) } });

        using var response = await gateway.PostAsync(TestGateway.Request(stream));

        Assert.Contains("end_turn", await response.Content.ReadAsStringAsync(Now), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_no_answer_and_is_not_followed()
    {
        await using var elsewhere = ScriptedBackend.Answering(Chunks.Whole("stolen"));
        await using var backend = new ScriptedBackend(call => call.AnswerAsync("", 307, ("Location", elsewhere.Address + "/chat/completions")));
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request());

        Assert.True((int)response.StatusCode >= 500);
        await response.ErrorAsync(response.StatusCode, "api_error");
        Assert.Empty(elsewhere.Calls);
    }
}
