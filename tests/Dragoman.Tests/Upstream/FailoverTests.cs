using System.Net;
using System.Net.Sockets;
using System.Text;
using Dragoman.Configuration;
using Dragoman.Testing;
using Dragoman.Testing.Native;

namespace Dragoman.Tests.Upstream;

/// <summary>One route, several targets: what the caller sees when some of them fail. Real sockets throughout.</summary>
public sealed class FailoverTests
{
    private const string Header = "x-dragoman-attempts";
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(30);
    private static readonly RetryOptions Quick = new() { Backoff = TimeSpan.FromMilliseconds(5) };

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    /// <summary>Every way to fail before any content, and how it is called in the header.</summary>
    public static TheoryData<string, string> Failures { get; } = new()
    {
        { "closes", "unreachable" },
        { "408", "408" },
        { "409", "409" },
        { "429", "429" },
        { "500", "500" },
        { "502", "502" },
        { "503", "503" },
        { "529", "529" },
        { "401", "401" },
        { "402", "402" },
        { "no-model", "404" },
        { "redirect", "307" },
        { "html", "error" },
        { "error-event", "error" },
        { "role-and-error", "error" },
        { "ends-empty", "error" },
        { "resets-after-headers", "broken_off" },
        { "resets-after-role", "broken_off" },
        { "never-answers", "silent" },
        { "silent-after-headers", "silent" },
        { "silent-after-role", "silent" },
    };

    // failures.md G1, G2, G7, G13
    [Theory]
    [MemberData(nameof(Failures))]
    public async Task What_one_target_cannot_answer_another_does(string failure, string outcome)
    {
        foreach (var stream in new[] { true, false })
        {
            await using var first = new ScriptedBackend(call => FailAsync(call, failure));
            await using var second = Good();
            await using var gateway = await StartAsync([first, second], options => options with
            {
                Timeouts = options.Timeouts with { FirstEvent = outcome == "silent" ? Soon : options.Timeouts.FirstEvent },
            });

            using var response = await gateway.PostAsync(TestGateway.Request(stream));

            await AssertCompleteAsync(response, stream);
            Assert.Equal($"2; first:{outcome}, second:200", Assert.Single(response.Headers.GetValues(Header)));
            Assert.Single(second.Calls);
            if (outcome == "silent") await first.Calls[0].CallerIsGone.WaitAsync(Now);
        }
    }

    [Fact]
    public async Task A_backend_that_is_not_there_costs_its_callers_nothing()
    {
        var gone = new ScriptedBackend(_ => Task.CompletedTask);
        var options = gone.As("generic", "gone") with { DefaultModel = "model-a" };
        await gone.DisposeAsync();
        await using var second = Good();
        await using var gateway = await TestGateway.StartAsync(options, all => Routed(all, [options, second.As("generic", "second")]) with { Retry = Quick });

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));

        await AssertCompleteAsync(response, stream: true);
        Assert.Equal("2; gone:unreachable, second:200", Assert.Single(response.Headers.GetValues(Header)));
    }

    // A host that swallows packets, as one does that has lost its power: no refusal ever comes back.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_cannot_be_made_in_time_is_made_elsewhere(bool stream)
    {
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen(0);
        // Whoever comes when the queue is full is not answered.
        var queue = new List<Socket>();
        for (var i = 0; i < 3; i++)
        {
            var waiting = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            queue.Add(waiting);
            try
            {
                await waiting.ConnectAsync(deaf.LocalEndPoint!, Now).AsTask().WaitAsync(TimeSpan.FromMilliseconds(200), Now);
            }
            catch (TimeoutException)
            {
                break;
            }
        }

        await using var second = Good();
        var first = new BackendOptions { Name = "deaf", Url = new($"http://{deaf.LocalEndPoint}/v1/"), Dialect = "generic", DefaultModel = "model-a" };
        await using var gateway = await TestGateway.StartAsync(first, all => Routed(all, [first, second.As("generic", "second")]) with
        {
            Retry = Quick,
            Timeouts = all.Timeouts with { Connect = TimeSpan.FromMilliseconds(200), Models = TimeSpan.FromMilliseconds(200) },
        });

        using var response = await gateway.PostAsync(TestGateway.Request(stream));

        await AssertCompleteAsync(response, stream);
        Assert.Equal("2; deaf:unreachable, second:200", Assert.Single(response.Headers.GetValues(Header)));
        queue.ForEach(waiting => waiting.Dispose());
    }

    [Fact]
    public async Task A_whole_answer_that_is_cut_is_asked_for_elsewhere()
    {
        await using var first = new ScriptedBackend(async call =>
        {
            await call.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Goo");
            call.Reset();
        });
        await using var second = Good();
        await using var gateway = await StartAsync([first, second]);

        using var response = await gateway.PostAsync(TestGateway.Request());

        await AssertCompleteAsync(response, stream: false);
    }

    [Fact]
    public async Task One_attempt_that_answers_has_no_header()
    {
        await using var backend = Good();
        await using var gateway = await StartAsync([backend]);

        using var response = await gateway.PostAsync(TestGateway.Request());

        Assert.False(response.Headers.Contains(Header));
    }

    // failures.md G13
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nobody_else_answers_once_content_was_sent(bool resets)
    {
        var seen = new TaskCompletionSource();
        await using var first = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("Good"));
            await seen.Task;
            if (resets) call.Reset();
            else await call.EventAsync("""{"error":{"message":"CUDA out of memory","code":500}}""");
        });
        await using var second = Good();
        await using var gateway = await StartAsync([first, second]);

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var reader = await EventReader.OfAsync(response);
        await reader.UntilAsync("content_block_delta");
        seen.SetResult();

        await reader.UntilAsync("error");
        Assert.Empty(await reader.RestAsync());
        Assert.Empty(second.Calls);
    }

    // failures.md G10, G13: a late answer was begun already, and pings were sent; the next target goes on from there.
    [Theory]
    [InlineData("error-event")]
    [InlineData("resets-after-headers")]
    [InlineData("503")]
    public async Task A_message_that_was_begun_for_a_late_target_is_continued_by_the_next(string failure)
    {
        var pinged = new TaskCompletionSource();
        await using var first = new ScriptedBackend(async call =>
        {
            await pinged.Task;
            await FailAsync(call, failure);
        });
        await using var second = Good();
        await using var gateway = await StartAsync([first, second], options => options with { Timeouts = options.Timeouts with { Commit = Soon, Ping = Soon } });

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var copy = new MemoryStream();
        await using var body = await response.Content.ReadAsStreamAsync(Now);
        await ReadUntilAsync(body, copy, "event: ping");
        pinged.SetResult();
        await body.CopyToAsync(copy, Now);

        var reading = StreamGrammar.Read(copy.ToArray());
        Assert.Empty(reading.Violations);
        Assert.True(reading.IsComplete);
        Assert.Equal("Good morning", reading.Text);
        Assert.Equal("end_turn", reading.StopReason);
    }

    // The same between schemas: what one has begun the other continues.
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task Targets_of_different_schemas_stand_in_for_each_other(bool nativeFirst, bool begun)
    {
        var pinged = new TaskCompletionSource();
        await using var first = new ScriptedBackend(async call =>
        {
            if (begun) await pinged.Task;
            await FailAsync(call, "503");
        });
        await using var second = nativeFirst ? Good() : new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.ChunkAsync(Encoding.UTF8.GetString(ClaudeAnswer.Sse([.. ClaudeAnswer.Before("claude-real"), .. ClaudeAnswer.FirstHalf, .. ClaudeAnswer.SecondHalf, ClaudeAnswer.Stop])));
            await call.EndAsync();
        });
        var openAI = (nativeFirst ? second : first).As("generic", "openai");
        var native = (nativeFirst ? first : second).As("auto", "native") with { Schema = Schemas.Anthropic, DefaultModel = "claude-real" };
        BackendOptions[] backends = nativeFirst ? [native, openAI] : [openAI, native];
        await using var gateway = await TestGateway.StartAsync(backends[0], options => Routed(options, backends) with
        {
            Retry = Quick,
            Timeouts = options.Timeouts with { Commit = begun ? Soon : options.Timeouts.Commit, Ping = begun ? Soon : options.Timeouts.Ping },
        });

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var copy = new MemoryStream();
        await using var body = await response.Content.ReadAsStreamAsync(Now);
        if (begun) await ReadUntilAsync(body, copy, "event: ping");
        pinged.SetResult();
        await body.CopyToAsync(copy, Now);

        var reading = StreamGrammar.Read(copy.ToArray(), isOurs: nativeFirst);
        Assert.Empty(reading.Violations);
        Assert.True(reading.IsComplete, Encoding.UTF8.GetString(copy.ToArray()));
        Assert.Single(second.Calls);
    }

    [Fact]
    public async Task The_callers_own_mistake_is_told_at_once()
    {
        await using var first = ScriptedBackend.Answering("""{"error":{"message":"messages.0: role must be user","type":"invalid_request_error"}}""", 400);
        await using var second = Good();
        await using var gateway = await StartAsync([first, second]);

        using var response = await gateway.PostAsync(TestGateway.Request());

        await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error");
        Assert.Empty(second.Calls);
    }

    [Fact]
    public async Task A_prompt_that_is_too_long_for_one_goes_to_a_larger_window()
    {
        await using var small = ScriptedBackend.Answering("""{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.","code":"context_length_exceeded"}}""", 400);
        small.Models = """{"object":"list","data":[{"id":"model-a","object":"model","max_model_len":8192}]}""";
        await using var large = Good();
        large.Models = """{"object":"list","data":[{"id":"model-a","object":"model","max_model_len":200000}]}""";
        await using var gateway = await StartAsync([small, large]);

        using var response = await gateway.PostAsync(TestGateway.Request());

        await AssertCompleteAsync(response, stream: false);
    }

    [Fact]
    public async Task A_prompt_that_clearly_does_not_fit_one_is_not_even_sent_there()
    {
        await using var small = Good();
        small.Models = """{"object":"list","data":[{"id":"model-a","object":"model","max_model_len":4}]}""";
        await using var large = Good();
        await using var gateway = await StartAsync([small, large]);

        using var response = await gateway.PostAsync(TestGateway.Request().Replace("Hi", "Tell me of the morning, the evening and the night.", StringComparison.Ordinal));

        await AssertCompleteAsync(response, stream: false);
        Assert.Empty(small.Calls);
        Assert.False(response.Headers.Contains(Header));
    }

    // failures.md D18
    [Fact]
    public async Task A_backends_name_of_any_script_breaks_no_header()
    {
        await using var first = ScriptedBackend.Answering("{}", 500);
        await using var second = Good();
        BackendOptions[] backends = [first.As("generic", "größe"), second.As("generic", "second")];
        await using var gateway = await TestGateway.StartAsync(backends[0], options => Routed(options, backends) with { Retry = Quick });

        using var response = await gateway.PostAsync(TestGateway.Request());

        await AssertCompleteAsync(response, stream: false);
        Assert.Equal("2; gr??e:500, second:200", Assert.Single(response.Headers.GetValues(Header)));
    }

    // The operator sees who fails, and by what.
    [Fact]
    public async Task Who_fails_stands_in_the_log_and_in_readyz()
    {
        using var log = new MemoryStream();
        await using var first = ScriptedBackend.Answering("{}", 500);
        await using var second = Good();
        BackendOptions[] backends = [first.As("generic", "first"), second.As("generic", "second")];
        await using (var gateway = await TestGateway.StartAsync(backends[0], options => Routed(options, backends) with { Retry = Quick, Log = new() }, log: log))
        {
            for (var i = 0; i < new CircuitOptions().MinimumRequests; i++) (await gateway.PostAsync(TestGateway.Request())).Dispose();
            using var ready = await gateway.Http.GetAsync("/readyz", Now);
            Assert.Equal("model-a", Assert.Single((await ready.JsonAsync()).GetProperty("backends")[0].GetProperty("failing").EnumerateArray()).GetString());
        }

        Assert.Contains(" backend=second upstream_model=model-a upstream_status=200 attempts=2 tried=first:500,second:200 ", Encoding.UTF8.GetString(log.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("503", 3)]
    [InlineData("closes", 6)] // each attempt is sent once more on another connection (failures.md G14)
    [InlineData("error-event", 1)]
    [InlineData("500", 1)]
    [InlineData("400", 1)]
    public async Task A_lone_target_is_asked_again_where_that_may_help(string failure, int calls)
    {
        await using var backend = new ScriptedBackend(call => FailAsync(call, failure));
        await using var gateway = await StartAsync([backend]);

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));

        Assert.True((int)response.StatusCode >= 400);
        Assert.Equal(calls, backend.Calls.Count);
    }

    // failures.md G5
    [Fact]
    public async Task A_lone_target_that_is_busy_for_a_moment_answers_after_it()
    {
        var calls = 0;
        await using var backend = new ScriptedBackend(call => Interlocked.Increment(ref calls) == 1
            ? call.AnswerAsync("{}", 429, ("retry-after-ms", "20"))
            : call.StreamAsync(Chunks.Text("Good morning"), Chunks.Stop, Chunks.Usage));
        await using var gateway = await StartAsync([backend]);

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));

        await AssertCompleteAsync(response, stream: true);
        Assert.Equal("2; first:429, first:200", Assert.Single(response.Headers.GetValues(Header)));
    }

    // failures.md G5
    [Fact]
    public async Task When_all_are_busy_for_long_the_caller_is_told_when_the_first_is_free()
    {
        await using var first = new ScriptedBackend(call => call.AnswerAsync("{}", 429, ("Retry-After", "40")));
        await using var second = new ScriptedBackend(call => call.AnswerAsync("{}", 429, ("Retry-After", "30")));
        await using var third = new ScriptedBackend(call => call.AnswerAsync("{}", 503));
        await using var gateway = await StartAsync([first, second, third]);

        using var response = await gateway.PostAsync(TestGateway.Request());

        await response.ErrorAsync(HttpStatusCode.TooManyRequests, "rate_limit_error");
        Assert.Equal("30", Assert.Single(response.Headers.GetValues("retry-after")));
        Assert.Equal("3; first:429, second:429, third:503", Assert.Single(response.Headers.GetValues(Header)));
    }

    [Fact]
    public async Task Who_asked_for_a_rest_is_left_alone_by_the_next_requests()
    {
        await using var first = new ScriptedBackend(call => call.AnswerAsync("{}", 429, ("Retry-After", "40")));
        await using var second = Good();
        await using var gateway = await StartAsync([first, second]);

        for (var i = 0; i < 3; i++)
        {
            using var response = await gateway.PostAsync(TestGateway.Request());
            await AssertCompleteAsync(response, stream: false);
        }

        Assert.Single(first.Calls);
        Assert.Equal(3, second.Calls.Count);
    }

    // failures.md G6
    [Fact]
    public async Task Who_keeps_failing_is_left_alone_and_a_lone_target_never_is()
    {
        await using var first = ScriptedBackend.Answering("{}", 500);
        await using var second = Good();
        await using var gateway = await StartAsync([first, second], options => options with
        {
            Routes = [.. options.Routes, new() { Model = "lone", To = [new("first", "model-a")] }],
        });

        for (var i = 0; i < 10; i++)
        {
            using var response = await gateway.PostAsync(TestGateway.Request());
            await AssertCompleteAsync(response, stream: false);
        }

        Assert.Equal(new CircuitOptions().MinimumRequests, first.Calls.Count);
        for (var i = 0; i < 3; i++)
        {
            using var response = await gateway.PostAsync(TestGateway.Request(model: "lone"));
            await response.ErrorAsync(HttpStatusCode.InternalServerError, "api_error");
        }

        Assert.Equal(new CircuitOptions().MinimumRequests + 3, first.Calls.Count);
    }

    // failures.md G12
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_is_tried_any_more_for_a_caller_that_left_during_a_wait(bool stream)
    {
        await using var backend = new ScriptedBackend(call => call.AnswerAsync("{}", 503, ("Retry-After", "1")));
        await using var gateway = await StartAsync([backend]);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Now);

        var asking = gateway.PostAsync(TestGateway.Request(stream), cancellation: leave.Token);
        await backend.NextCallAsync(Now);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        // Whoever comes now sees a gateway that is done with the other one; their own second call is the third in all, not the fourth.
        using var other = await gateway.PostAsync(TestGateway.Request());
        Assert.Equal(1 + 3, backend.Calls.Count);
    }

    [Fact]
    public async Task A_backend_that_does_not_answer_health_questions_comes_last_until_it_does()
    {
        await using var first = Good();
        await using var second = Good();
        first.ModelsStatus = 503;
        var watched = first.As("generic", "first") with { Health = new() { Interval = TimeSpan.FromMilliseconds(20) } };
        await using var gateway = await TestGateway.StartAsync(watched, all => Routed(all, [watched, second.As("generic", "second")]) with { Retry = Quick });
        var circuit = gateway.Router.Backends[0].Circuits.Of("model-a");

        while (!circuit.IsOpen) await Task.Yield();
        using var response = await gateway.PostAsync(TestGateway.Request());
        await AssertCompleteAsync(response, stream: false);
        Assert.Empty(first.Calls);

        first.ModelsStatus = 200;
        while (circuit.IsOpen) await Task.Yield();
        Assert.True(circuit.TryEnter());
    }

    private static ScriptedBackend Good() => new(call => call.Request.Text.Contains("\"stream\":true", StringComparison.Ordinal)
        ? call.StreamAsync(Chunks.Role, Chunks.Text("Good "), Chunks.Text("morning"), Chunks.Stop, Chunks.Usage)
        : call.AnswerAsync(Chunks.Whole("Good morning")));

    private static async Task<TestGateway> StartAsync(ScriptedBackend[] backends, Func<GatewayOptions, GatewayOptions>? configure = null)
    {
        string[] names = ["first", "second", "third"];
        var options = backends.Select((backend, i) => backend.As("generic", names[i])).ToArray();
        return await TestGateway.StartAsync(options[0], all =>
        {
            var routed = Routed(all, options) with { Retry = Quick };
            return configure?.Invoke(routed) ?? routed;
        });
    }

    /// <summary>One route that prefers its targets in this order.</summary>
    private static GatewayOptions Routed(GatewayOptions options, IReadOnlyList<BackendOptions> backends) => options with
    {
        Backends = backends,
        Routes = [new() { Model = "claude-*", To = [.. backends.Select((backend, i) => new ModelTargetOptions(backend.Name, backend.DefaultModel ?? "model-a") { Priority = i })] }],
    };

    private static async Task FailAsync(ScriptedCall call, string failure)
    {
        switch (failure)
        {
            case "closes":
                call.Close();
                return;
            case "no-model":
                await call.AnswerAsync("""{"error":{"message":"The model `model-a` does not exist","code":"model_not_found"}}""", 404);
                return;
            case "redirect":
                await call.AnswerAsync("", 307, ("Location", "http://127.0.0.1:1/"));
                return;
            case "html":
                await call.AnswerAsync("<html>It works!</html>");
                return;
            case "never-answers":
                await call.CallerIsGone;
                return;
        }

        if (int.TryParse(failure, out var status))
        {
            await call.AnswerAsync("{}", status);
            return;
        }

        await call.BeginAsync();
        if (failure is "role-and-error" or "resets-after-role" or "silent-after-role") await call.EventAsync(Chunks.Role);
        if (failure is "error-event" or "role-and-error") await call.EventAsync("""{"error":{"message":"CUDA out of memory","code":500}}""");
        if (failure.StartsWith("silent", StringComparison.Ordinal)) await call.CallerIsGone;
        else if (failure.StartsWith("resets", StringComparison.Ordinal)) call.Reset();
        else await call.EndAsync();
    }

    private static async Task AssertCompleteAsync(HttpResponseMessage response, bool stream)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(Now);
        Assert.True(response.StatusCode == HttpStatusCode.OK, Encoding.UTF8.GetString(bytes));
        if (!stream)
        {
            Assert.Equal("Good morning", (await response.JsonAsync()).GetProperty("content")[0].GetProperty("text").GetString());
            return;
        }

        var reading = StreamGrammar.Read(bytes);
        Assert.Empty(reading.Violations);
        Assert.True(reading.IsComplete);
        Assert.Equal("Good morning", reading.Text);
    }

    private static async Task ReadUntilAsync(Stream from, MemoryStream to, string text)
    {
        var buffer = new byte[4096];
        while (!Encoding.UTF8.GetString(to.ToArray()).Contains(text, StringComparison.Ordinal))
        {
            var read = await from.ReadAsync(buffer, Now);
            Assert.True(read > 0, $"The stream ended without '{text}'.");
            to.Write(buffer, 0, read);
        }
    }
}
