using System.Globalization;
using System.Net;
using Dragoman.Configuration;
using Dragoman.Testing;
using Dragoman.Tests.Authentication;
using Microsoft.Extensions.Time.Testing;

namespace Dragoman.Tests.RateLimiting;

/// <summary>Limits and budgets as a caller meets them. Every answer of the backend here has 11 prompt tokens and 2 of its own.</summary>
public sealed class UsageLimitTests
{
    private const string Key = "dgm-alices-key";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2031, 5, 6, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Requests_beyond_the_limit_of_a_minute_get_a_429_that_says_when_to_come_again()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, new() { RequestsPerMinute = 2 });

        using var first = await AskAsync(gateway);
        _time.Advance(TimeSpan.FromSeconds(10));
        using var second = await AskAsync(gateway);
        using var third = await AskAsync(gateway);

        AssertHeaders(first, "requests", 2, 1, "2031-05-06T12:01:01Z");
        AssertHeaders(second, "requests", 2, 0, "2031-05-06T12:01:11Z");
        AssertHeaders(third, "requests", 2, 0, "2031-05-06T12:01:11Z");
        Assert.Equal("51", Assert.Single(third.Headers.GetValues("retry-after")));
        Assert.Equal("This request would exceed the rate limit of alice: 2 requests per minute. Try again in 51 s.", await third.ErrorAsync(HttpStatusCode.TooManyRequests, "rate_limit_error"));
        Assert.Equal(2, backend.Calls.Count);
    }

    [Fact]
    public async Task The_window_slides_so_that_no_sixty_seconds_see_more_than_allowed()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, new() { RequestsPerMinute = 2 });

        await AssertStatusAsync(gateway, HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromSeconds(50));
        await AssertStatusAsync(gateway, HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromSeconds(10));
        await AssertStatusAsync(gateway, HttpStatusCode.TooManyRequests);
        _time.Advance(TimeSpan.FromSeconds(1));
        await AssertStatusAsync(gateway, HttpStatusCode.OK);
        await AssertStatusAsync(gateway, HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task An_estimate_gives_way_to_what_the_backend_counted()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, new() { TokensPerMinute = 1000, InputTokensPerMinute = 500, OutputTokensPerDay = 300 });

        // The first one teaches the estimates; from then on they stay the same.
        await AssertStatusAsync(gateway, HttpStatusCode.OK);
        using var second = await AskAsync(gateway);
        using var third = await AskAsync(gateway);

        Assert.Equal(13, Remaining(second, "tokens") - Remaining(third, "tokens"));
        Assert.Equal(11, Remaining(second, "input-tokens") - Remaining(third, "input-tokens"));
        AssertHeaders(third, "output-tokens", 300, 296, "2031-05-07T00:00:00Z");
    }

    [Fact]
    public async Task A_large_max_tokens_blocks_nobody_and_an_overdraft_is_waited_off()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, new() { OutputTokensPerMinute = 3 });
        const string generous = """{"model":"claude-test","max_tokens":128000,"messages":[{"role":"user","content":"Hi"}]}""";

        foreach (var expected in new[] { HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests })
        {
            using var answer = await gateway.PostAsync(generous, headers: ("x-api-key", Key));
            Assert.Equal(expected, answer.StatusCode);
        }

        _time.Advance(TimeSpan.FromSeconds(61));
        await AssertStatusAsync(gateway, HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_prompt_larger_than_the_whole_limit_is_told_so_and_not_to_come_again()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, new() { InputTokensPerMinute = 1 });

        using var answer = await AskAsync(gateway);

        Assert.Equal("false", Assert.Single(answer.Headers.GetValues("x-should-retry")));
        Assert.False(answer.Headers.Contains("retry-after"));
        Assert.Contains("1 input tokens per minute", await answer.ErrorAsync(HttpStatusCode.TooManyRequests, "rate_limit_error"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("day", "2031-05-07T00:00:00Z", 12 * 3600)]
    [InlineData("month", "2031-06-01T00:00:00Z", (25 * 24 + 12) * 3600)]
    public async Task Days_and_months_are_of_the_calendar_in_UTC(string window, string renewal, int seconds)
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, window == "day" ? new() { OutputTokensPerDay = 2 } : new() { OutputTokensPerMonth = 2 });

        await AssertStatusAsync(gateway, HttpStatusCode.OK);
        using var refused = await AskAsync(gateway);
        Assert.Equal(seconds.ToString(CultureInfo.InvariantCulture), Assert.Single(refused.Headers.GetValues("retry-after")));
        Assert.EndsWith($"It renews at {renewal}.", await refused.ErrorAsync(HttpStatusCode.TooManyRequests, "rate_limit_error"), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(seconds));

        await AssertStatusAsync(gateway, HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_spent_budget_is_a_402_that_names_it_and_says_when_it_renews()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        // 11 prompt tokens and 2 of the answer: 0.011 + 0.010.
        await using var gateway = await StartAsync(backend, new() { MoneyPerDay = 0.04m }, options => options with
        {
            Prices = [new() { Model = "other-*", Input = 1 }, new() { Model = "model-*", Input = 1000, Output = 5000 }],
        });

        await AssertStatusAsync(gateway, HttpStatusCode.OK);
        await AssertStatusAsync(gateway, HttpStatusCode.OK);
        using var refused = await AskAsync(gateway);

        Assert.Equal("false", Assert.Single(refused.Headers.GetValues("x-should-retry")));
        Assert.False(refused.Headers.Contains("retry-after"));
        Assert.Equal(
            "The daily budget of alice is used up: 0.042 of 0.04 spent. It renews at 2031-05-07T00:00:00Z; whoever runs this gateway can raise it.",
            await refused.ErrorAsync(HttpStatusCode.PaymentRequired, "billing_error"));
    }

    [Fact]
    public async Task Open_requests_are_counted_and_the_place_is_free_when_the_answer_has_ended()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var goOn = new SemaphoreSlim(0);
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("Hello"));
            await goOn.WaitAsync(cancellation);
            await call.StreamRestAsync();
        });
        await using var gateway = await StartAsync(backend, new() { ConcurrentRequests = 1 });

        using var open = await AskAsync(gateway, stream: true);
        using var events = await EventReader.OfAsync(open);
        await events.UntilAsync("content_block_delta");
        using (var refused = await AskAsync(gateway))
        {
            Assert.Equal("2", Assert.Single(refused.Headers.GetValues("retry-after")));
            await refused.ErrorAsync(HttpStatusCode.TooManyRequests, "rate_limit_error");
        }

        goOn.Release(2);
        await events.UntilAsync("message_stop");

        await AssertStatusAsync(gateway, HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_route_has_limits_of_its_own_for_all_callers_together()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, options => options with
        {
            Keys = [new() { Name = "alice", Sha256 = CallerKeyTests.Hash(Key) }, new() { Name = "bob", Sha256 = CallerKeyTests.Hash("dgm-bobs") }],
            Routes =
            [
                new() { Model = "small", To = [new("scripted")], Limits = new() { RequestsPerMinute = 1 } },
                new() { Model = "*", To = [new("scripted")] },
            ],
        }, _time);

        using var alices = await gateway.PostAsync(TestGateway.Request(model: "small"), headers: ("x-api-key", Key));
        using var bobs = await gateway.PostAsync(TestGateway.Request(model: "small"), headers: ("x-api-key", "dgm-bobs"));
        using var other = await gateway.PostAsync(TestGateway.Request(model: "large"), headers: ("x-api-key", "dgm-bobs"));

        Assert.Equal(HttpStatusCode.OK, alices.StatusCode);
        Assert.Contains("the route 'small'", await bobs.ErrorAsync(HttpStatusCode.TooManyRequests, "rate_limit_error"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_refused_request_takes_nothing_from_any_limit()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, new() { RequestsPerMinute = 10, OutputTokensPerMinute = 2 });

        using var first = await AskAsync(gateway);
        using var second = await AskAsync(gateway);
        using var third = await AskAsync(gateway);

        Assert.Equal([9, 9, 9], new[] { first, second, third }.Select(answer => Remaining(answer, "requests")));
    }

    [Fact]
    public async Task A_request_that_fails_before_any_answer_costs_no_tokens()
    {
        await using var backend = ScriptedBackend.Answering("""{"error":{"message":"out of order"}}""", 500);
        await using var gateway = await StartAsync(backend, new() { TokensPerMinute = 1000 });

        using var first = await AskAsync(gateway);
        using var second = await AskAsync(gateway);

        Assert.Equal(Remaining(first, "tokens"), Remaining(second, "tokens"));
    }

    // failures.md G15
    [Fact]
    public async Task An_answer_that_its_caller_breaks_off_is_settled_with_what_was_seen()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text(string.Concat(Enumerable.Repeat("many words ", 100))));
            await call.CallerIsGone;
        });
        await using var gateway = await StartAsync(backend, new() { OutputTokensPerDay = 100_000, ConcurrentRequests = 1 });

        using (var open = await AskAsync(gateway, stream: true))
        {
            using var events = await EventReader.OfAsync(open);
            await events.UntilAsync("content_block_delta");
        }

        await (await backend.NextCallAsync(cancellation)).CallerIsGone.WaitAsync(cancellation);
        HttpResponseMessage next;
        // The place is free as soon as the gateway has seen it.
        while ((next = await AskAsync(gateway, stream: true)).StatusCode == HttpStatusCode.TooManyRequests) next.Dispose();
        using (next) Assert.InRange(Remaining(next, "output-tokens"), 99_500, 99_950);
    }

    [Fact]
    public async Task What_was_used_survives_a_change_of_the_configuration()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, new() { RequestsPerMinute = 5 });
        await AssertStatusAsync(gateway, HttpStatusCode.OK);

        gateway.Reload(options => options with { Keys = [options.Keys[0] with { Limits = new() { RequestsPerMinute = 3 } }] });
        using var answer = await AskAsync(gateway);

        AssertHeaders(answer, "requests", 3, 1, "2031-05-06T12:01:01Z");
    }

    [Fact]
    public async Task Without_limits_no_header_speaks_of_any()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend);

        using var answer = await gateway.PostAsync(TestGateway.Request());

        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("anthropic-ratelimit", StringComparison.OrdinalIgnoreCase));
    }

    // failures.md H8: what cannot be served is said, not queued without an end.
    [Fact]
    public async Task More_requests_at_once_than_the_gateway_takes_are_told_that_it_is_overloaded()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var goOn = new SemaphoreSlim(0);
        await using var backend = new ScriptedBackend(async call =>
        {
            await goOn.WaitAsync(cancellation);
            await call.AnswerAsync(Chunks.Whole("Hello"));
        });
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Limits = options.Limits with { ConcurrentRequests = 1 } });

        var open = gateway.PostAsync(TestGateway.Request());
        await backend.NextCallAsync(cancellation);
        using var refused = await gateway.PostAsync(TestGateway.Request());
        goOn.Release(2);
        using var answered = await open;
        using var next = await gateway.PostAsync(TestGateway.Request());

        Assert.Equal("1", Assert.Single(refused.Headers.GetValues("retry-after")));
        await refused.ErrorAsync((HttpStatusCode)529, "overloaded_error");
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }

    [Fact]
    public async Task Headers_beyond_the_limit_get_a_431()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Limits = options.Limits with { HeaderBytes = 8192 } });

        using var fits = await gateway.PostAsync(TestGateway.Request(), headers: ("x-long", new string('a', 6000)));
        using var refused = await gateway.PostAsync(TestGateway.Request(), headers: ("x-long", new string('a', 9000)));

        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, refused.StatusCode);
    }

    // mapping.md section 2: no backend is asked for an answer of no tokens.
    [Fact]
    public async Task A_request_that_no_backend_is_asked_for_costs_no_tokens()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, new() { TokensPerDay = 1000 });
        const string empty = """{"model":"claude-test","max_tokens":0,"messages":[{"role":"user","content":"Hi"}]}""";

        using var first = await gateway.PostAsync(empty, headers: ("x-api-key", Key));
        await first.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        using var second = await gateway.PostAsync(empty, headers: ("x-api-key", Key));

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(Remaining(first, "tokens"), Remaining(second, "tokens"));
    }

    private Task<TestGateway> StartAsync(ScriptedBackend backend, UsageLimitOptions limits, Func<GatewayOptions, GatewayOptions>? more = null) =>
        TestGateway.StartAsync(backend, options => (more ?? (same => same))(options with { Keys = [new() { Name = "alice", Sha256 = CallerKeyTests.Hash(Key), Limits = limits }] }), _time);

    private static Task<HttpResponseMessage> AskAsync(TestGateway gateway, bool stream = false) =>
        gateway.PostAsync(TestGateway.Request(stream), headers: ("x-api-key", Key));

    private static async Task AssertStatusAsync(TestGateway gateway, HttpStatusCode expected)
    {
        using var answer = await AskAsync(gateway);
        Assert.Equal(expected, answer.StatusCode);
    }

    private static long Remaining(HttpResponseMessage answer, string family) =>
        long.Parse(Assert.Single(answer.Headers.GetValues($"anthropic-ratelimit-{family}-remaining")), CultureInfo.InvariantCulture);

    private static void AssertHeaders(HttpResponseMessage answer, string family, long limit, long remaining, string reset)
    {
        Assert.Equal(limit.ToString(CultureInfo.InvariantCulture), Assert.Single(answer.Headers.GetValues($"anthropic-ratelimit-{family}-limit")));
        Assert.Equal(remaining, Remaining(answer, family));
        Assert.Equal(reset, Assert.Single(answer.Headers.GetValues($"anthropic-ratelimit-{family}-reset")));
    }
}
