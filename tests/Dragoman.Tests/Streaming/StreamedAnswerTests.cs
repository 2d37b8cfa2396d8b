using System.Net;
using System.Text.Json;
using Dragoman.Testing;

namespace Dragoman.Tests.Streaming;

/// <summary>Streams from a backend's socket to a caller's.</summary>
public sealed class StreamedAnswerTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(30);

    // failures.md A13, O1, H5
    [Theory]
    [InlineData("/v1/messages")]
    [InlineData("/anthropic/v1/messages?beta=true")] // failures.md O7, D13
    public async Task A_stream_is_the_APIs_events_and_nothing_else(string path)
    {
        await using var backend = ScriptedBackend.Streaming(Chunks.Role, Chunks.Text("Hel"), Chunks.Text("lo"), Chunks.Stop, Chunks.Usage);
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true), path);
        using var reader = await EventReader.OfAsync(response);
        var events = await reader.RestAsync();

        Assert.Equal(
            ["message_start", "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop", "message_delta", "message_stop"],
            events.Where(e => e.Event != "ping").Select(e => e.Event));
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-cache", response.Headers.CacheControl?.ToString());
        Assert.Equal("no", Assert.Single(response.Headers.GetValues("x-accel-buffering")));
        Assert.Empty(response.Content.Headers.ContentEncoding);
        var start = JsonDocument.Parse(events[0].Data).RootElement.GetProperty("message");
        Assert.Matches("^msg_[0-9A-Za-z]{24}$", start.GetProperty("id").GetString());
        Assert.Equal("claude-test", start.GetProperty("model").GetString()); // failures.md D20
    }

    // failures.md H5
    [Fact]
    public async Task Each_event_leaves_before_the_backend_sends_the_next()
    {
        var seen = new SemaphoreSlim(0);
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            for (var i = 0; i < 5; i++)
            {
                await call.EventAsync(Chunks.Text($"part{i} "));
                await seen.WaitAsync(TestContext.Current.CancellationToken);
            }

            await call.StreamRestAsync();
        });
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var reader = await EventReader.OfAsync(response);
        for (var i = 0; i < 5; i++)
        {
            Assert.Contains($"part{i} ", await reader.UntilAsync("content_block_delta"), StringComparison.Ordinal);
            seen.Release();
        }

        await reader.UntilAsync("message_stop");
    }

    // failures.md G10
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_silent_backend_is_bridged_by_message_start_and_pings(bool headersCome)
    {
        var pinged = new TaskCompletionSource();
        await using var backend = new ScriptedBackend(async call =>
        {
            if (headersCome) await call.BeginAsync();
            await pinged.Task;
            if (!headersCome) await call.BeginAsync();
            await call.EventAsync(Chunks.Text("late"));
            await call.StreamRestAsync();
        });
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Timeouts = options.Timeouts with { Commit = Soon, Ping = Soon } });

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var reader = await EventReader.OfAsync(response);
        await reader.UntilAsync("message_start");
        await reader.UntilAsync("ping");
        await reader.UntilAsync("ping");
        pinged.SetResult();

        Assert.Contains("late", await reader.UntilAsync("content_block_delta"), StringComparison.Ordinal);
        var rest = await reader.RestAsync();
        Assert.Equal("message_stop", rest[^1].Event);
        Assert.DoesNotContain(rest, e => e.Event == "message_start"); // failures.md A2
    }

    [Fact]
    public async Task Pings_come_in_the_middle_of_an_answer_too()
    {
        var pinged = new TaskCompletionSource();
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("a"));
            await pinged.Task;
            await call.StreamRestAsync();
        });
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Timeouts = options.Timeouts with { Ping = Soon, Commit = Soon } });

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var reader = await EventReader.OfAsync(response);
        await reader.UntilAsync("content_block_delta");
        await reader.UntilAsync("ping");
        pinged.SetResult();

        await reader.UntilAsync("message_stop");
    }

    [Fact]
    public async Task The_callers_own_deadline_makes_the_answer_begin_earlier()
    {
        var begun = new TaskCompletionSource();
        await using var backend = new ScriptedBackend(async call =>
        {
            await begun.Task;
            await call.StreamAsync(Chunks.Text("x"), Chunks.Stop);
        });
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true), headers: ("x-stainless-timeout", "0.1"));
        begun.SetResult();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var reader = await EventReader.OfAsync(response);
        await reader.UntilAsync("message_stop");
    }

    [Fact]
    public async Task An_error_before_the_answer_began_is_an_HTTP_error()
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync("""{"error":{"message":"out of memory","type":"server_error","code":500}}""");
            await call.EndAsync();
        });
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));

        Assert.True((int)response.StatusCode >= 500);
        await response.ErrorAsync(response.StatusCode, "api_error");
    }

    // failures.md G1
    [Fact]
    public async Task An_error_after_the_answer_began_is_an_error_event()
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("Hi"));
            await call.EventAsync("""{"error":{"message":"CUDA out of memory"}}""");
            await call.EndAsync();
        });
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var reader = await EventReader.OfAsync(response);
        var events = await reader.RestAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("error", events[^1].Event);
        Assert.DoesNotContain(events, e => e.Event is "message_stop" or "message_delta");
    }

    // failures.md G2
    [Theory]
    [InlineData("close")]
    [InlineData("reset")]
    [InlineData("end")]
    public async Task A_cut_stream_ends_in_an_error_and_never_in_message_stop(string how)
    {
        var seen = new TaskCompletionSource();
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("Hi"));
            await seen.Task; // A reset throws away what was not read yet.
            if (how == "close") call.Close();
            else if (how == "reset") call.Reset();
            else await call.EndAsync();
        });
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var reader = await EventReader.OfAsync(response);
        await reader.UntilAsync("content_block_delta");
        seen.SetResult();
        var events = await reader.RestAsync();

        Assert.Equal("error", events[^1].Event);
        Assert.Contains("api_error", events[^1].Data, StringComparison.Ordinal);
        Assert.DoesNotContain(backend.Address.Authority, events[^1].Data, StringComparison.Ordinal);
        Assert.DoesNotContain(events, e => e.Event is "message_stop" or "message_delta");
    }

    [Fact]
    public async Task A_backend_that_never_begins_is_a_504_before_the_answer_began()
    {
        await using var backend = new ScriptedBackend(call => call.CallerIsGone);
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Timeouts = options.Timeouts with { FirstEvent = Soon } });

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));

        await response.ErrorAsync(HttpStatusCode.GatewayTimeout, "timeout_error");
        await backend.Calls[0].CallerIsGone.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(false)] // Silence before the first event, but after the answer began.
    [InlineData(true)]
    public async Task A_backend_that_falls_silent_ends_in_a_timeout_event(bool afterText)
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            if (afterText) await call.EventAsync(Chunks.Text("Hi"));
            await call.CallerIsGone;
        });
        await using var gateway = await TestGateway.StartAsync(backend, options => options with
        {
            Timeouts = options.Timeouts with { Commit = TimeSpan.FromMilliseconds(1), Idle = 4 * Soon, FirstEvent = 4 * Soon, Ping = Soon },
        });

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var reader = await EventReader.OfAsync(response);

        Assert.Contains("timeout_error", await reader.UntilAsync("error"), StringComparison.Ordinal);
        Assert.Null(await reader.NextAsync());
        await backend.Calls[0].CallerIsGone.WaitAsync(TestContext.Current.CancellationToken);
    }

    // failures.md G8
    [Fact]
    public async Task A_whole_answer_to_a_streamed_request_becomes_a_stream()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var reader = await EventReader.OfAsync(response);
        var events = await reader.RestAsync();

        Assert.Contains(events, e => e.Data.Contains("Hello", StringComparison.Ordinal));
        Assert.Equal("message_stop", events[^1].Event);
    }

    // failures.md A11
    [Fact]
    public async Task Streams_of_many_callers_do_not_mix()
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            var own = JsonDocument.Parse(call.Request.Body).RootElement.GetProperty("messages")[0].GetProperty("content").GetString()!;
            await call.BeginAsync();
            for (var i = 0; i < 20; i++)
            {
                await call.EventAsync(Chunks.Text(own + " "));
                await Task.Yield();
            }

            await call.StreamRestAsync();
        });
        await using var gateway = await TestGateway.StartAsync(backend);

        await Task.WhenAll(Enumerable.Range(0, 64).Select(async caller =>
        {
            var own = $"caller{caller}";
            using var response = await gateway.PostAsync(TestGateway.Request(stream: true).Replace("Hi", own, StringComparison.Ordinal));
            using var reader = await EventReader.OfAsync(response);
            var text = string.Concat((await reader.RestAsync()).Where(e => e.Event == "content_block_delta")
                .Select(e => JsonDocument.Parse(e.Data).RootElement.GetProperty("delta").GetProperty("text").GetString()));
            Assert.Equal(string.Concat(Enumerable.Repeat(own + " ", 20)), text);
        }));
    }

    [Fact]
    public async Task A_caller_that_does_not_read_holds_the_backend_back()
    {
        const int most = 64 << 20;
        var stalled = new TaskCompletionSource<long>();
        var piece = $"data: {Chunks.Text(new string('x', 16 * 1024))}\n\n";
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            long sent = 0;
            while (sent < most && call.TakesMore())
            {
                await call.ChunkAsync(piece);
                sent += piece.Length;
            }

            stalled.SetResult(sent);
        });
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));

        Assert.True(await stalled.Task.WaitAsync(TestContext.Current.CancellationToken) < most, "The gateway took 64 MB that nobody read.");
    }

    [Fact]
    public async Task A_caller_that_has_stopped_reading_is_let_go_after_the_idle_time()
    {
        var piece = $"data: {Chunks.Text(new string('x', 16 * 1024))}\n\n";
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            while (!call.CallerIsGone.IsCompleted) await call.ChunkAsync(piece);
        });
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Timeouts = options.Timeouts with { Idle = TimeSpan.FromMilliseconds(300), Ping = Soon, Commit = Soon } });

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));

        await backend.Calls[0].CallerIsGone.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_stop_gives_open_streams_their_grace_and_then_an_error_event()
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("Hi"));
            await call.CallerIsGone;
        });
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Timeouts = options.Timeouts with { Shutdown = Soon } });
        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var reader = await EventReader.OfAsync(response);
        await reader.UntilAsync("content_block_delta");

        var stopping = gateway.StopAsync();

        Assert.Contains("overloaded_error", await reader.UntilAsync("error"), StringComparison.Ordinal);
        await stopping;
    }

    [Fact]
    public async Task A_stream_that_ends_in_the_grace_time_ends_well()
    {
        var go = new TaskCompletionSource();
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("Hi"));
            await go.Task;
            await call.StreamRestAsync();
        });
        await using var gateway = await TestGateway.StartAsync(backend);
        using var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var reader = await EventReader.OfAsync(response);
        await reader.UntilAsync("content_block_delta");

        var stopping = gateway.StopAsync();
        go.SetResult();

        await reader.UntilAsync("message_stop");
        await stopping;
    }
}
