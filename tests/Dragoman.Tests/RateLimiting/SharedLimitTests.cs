using System.Collections.Concurrent;
using System.Net;
using Dragoman.Configuration;
using Dragoman.RateLimiting;
using Dragoman.Testing;
using Dragoman.Tests.Authentication;
using Dragoman.Tests.Commands;
using Microsoft.Extensions.Logging;

namespace Dragoman.Tests.RateLimiting;

/// <summary>Replicas that count together, and what they do when they cannot.</summary>
public sealed class SharedLimitTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private const string Key = "dgm-alices-key";

    private readonly string _prefix = $"test-{Guid.NewGuid():N}:";

    [Fact]
    public async Task Two_gateways_that_share_a_server_enforce_one_limit_under_load()
    {
        const int limit = 300;
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var first = await StartAsync(backend, redis.Server, new() { RequestsPerMinute = limit });
        await using var second = await StartAsync(backend, redis.Server, new() { RequestsPerMinute = limit });
        var asked = 0;

        var workers = Enumerable.Range(0, 16).Select(async worker =>
        {
            var granted = 0;
            while (Interlocked.Increment(ref asked) <= 3 * limit)
            {
                using var answer = await AskAsync(worker % 2 == 0 ? first : second);
                if (answer.StatusCode == HttpStatusCode.OK) granted++;
                else Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
            }

            return granted;
        });

        // Whatever falls out of the window meanwhile may be granted anew: nothing, unless this took a minute.
        Assert.Equal(limit, (await Task.WhenAll(workers)).Sum());
        Assert.Equal(limit, backend.Calls.Count);
    }

    [Fact]
    public async Task Two_processes_that_share_a_server_enforce_one_limit_within_a_hundredth()
    {
        const int limit = 400;
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        var file = Path.Combine(Directory.CreateTempSubdirectory("dragoman-limits-").FullName, "dragoman.yaml");
        await File.WriteAllTextAsync(file, $$"""
            urls: http://127.0.0.1:0
            backends: { scripted: { url: "{{backend.Address}}", dialect: generic } }
            keys: [{ name: alice, sha256: {{CallerKeyTests.Hash(Key)}}, limits: { requests_per_minute: {{limit}} } }]
            limit_store: { redis: "{{redis.Server.Address}}", prefix: "{{_prefix}}", timeout: 10s, if_down: refuse }
            """, TestContext.Current.CancellationToken);
        await using var first = await GatewayProcess.Start($"serve --config {file}").ListeningAsync();
        await using var second = await GatewayProcess.Start($"serve --config {file}").ListeningAsync();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("x-api-key", Key);
        var asked = 0;

        var workers = Enumerable.Range(0, 16).Select(async worker =>
        {
            var granted = 0;
            var address = new Uri((worker % 2 == 0 ? first : second).Address, "/v1/messages");
            while (Interlocked.Increment(ref asked) <= 2 * limit)
            {
                using var answer = await http.PostAsync(address, TestGateway.Json(TestGateway.Request()), TestContext.Current.CancellationToken);
                if (answer.IsSuccessStatusCode) granted++;
                else Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
            }

            return granted;
        });
        var sum = (await Task.WhenAll(workers)).Sum();
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);

        Assert.InRange(sum, limit * 0.99, limit * 1.01);
        Assert.Equal(sum, backend.Calls.Count);
    }

    [Fact]
    public async Task Tokens_and_places_are_shared_too()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var goOn = new SemaphoreSlim(0);
        await using var backend = new ScriptedBackend(async call =>
        {
            await goOn.WaitAsync(cancellation);
            await call.AnswerAsync(Chunks.Whole("Hello"));
        });
        var limits = new UsageLimitOptions { ConcurrentRequests = 1, OutputTokensPerDay = 4 };
        await using var first = await StartAsync(backend, redis.Server, limits);
        await using var second = await StartAsync(backend, redis.Server, limits);

        var open = AskAsync(first);
        await backend.NextCallAsync(cancellation);
        using var noPlace = await AskAsync(second);
        goOn.Release(1000);
        using var answered = await open;
        // What one replica gives back is on its way to the other while the answer is on its way to the caller.
        HttpResponseMessage next;
        while ((next = await AskAsync(second)).StatusCode == HttpStatusCode.TooManyRequests) next.Dispose();
        HttpResponseMessage spent;
        while ((spent = await AskAsync(first)).Headers.GetValues("anthropic-ratelimit-output-tokens-remaining").Single() != "0") spent.Dispose();

        Assert.Contains("at once", await noPlace.ErrorAsync(HttpStatusCode.TooManyRequests, "rate_limit_error"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        next.Dispose();
        Assert.Contains("4 output tokens per day", await spent.ErrorAsync(HttpStatusCode.TooManyRequests, "rate_limit_error"), StringComparison.Ordinal);
        spent.Dispose();
    }

    [Theory]
    [InlineData(false, HttpStatusCode.OK)]
    [InlineData(true, HttpStatusCode.ServiceUnavailable)]
    public async Task A_server_that_is_not_there_is_done_without_as_configured_and_found_when_it_comes(bool refuse, HttpStatusCode expected)
    {
        int port;
        await using (var gone = await RedisServer.StartAsync()) port = gone.Port;
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, options => Limited(options, new() { OutputTokensPerMonth = 1_000_000 }) with
        {
            LimitStore = new() { Redis = $"127.0.0.1:{port}", Prefix = _prefix, IfDown = refuse ? StoreDown.Refuse : StoreDown.Allow, Timeout = TimeSpan.FromSeconds(1) },
        });

        using (var alone = await AskAsync(gateway))
        {
            Assert.Equal(expected, alone.StatusCode);
            if (refuse) await alone.ErrorAsync(HttpStatusCode.ServiceUnavailable, "api_error");
        }

        await using var server = await RedisServer.StartAsync(port);
        await using var other = await StartAsync(backend, server, new() { OutputTokensPerMonth = 1_000_000 });

        // As soon as it is back, both count together: each sees what the other has used.
        while (true)
        {
            using var mine = await AskAsync(gateway);
            using var others = await AskAsync(other);
            if (mine.IsSuccessStatusCode && Remaining(mine) - Remaining(others) == 2) break;
        }
    }

    [Fact]
    public async Task A_server_that_hangs_holds_no_request_up_for_longer_than_its_time_out_and_is_logged_once()
    {
        var limit = new Limit("key:alice:requests:minute", "alice", LimitMeasure.Requests, LimitWindow.Minute, 1_000_000);
        await using var server = await RedisServer.StartAsync();
        var log = new Lines();
        await using var store = new GuardedLimitStore(
            new RedisLimitStore(new() { Redis = server.Address, Timeout = TimeSpan.FromMilliseconds(300) }), StoreDown.Allow, TimeProvider.System, log);
        var before = await store.TakeAsync([new(limit, 1, 1)]);

        server.Freeze(true);
        // Long before it is thawed: a store that waited for the server would never come back.
        for (var i = 0; i < 20; i++) Assert.NotSame(before.Store, (await store.TakeAsync([new(limit, 1, 1)])).Store);
        await store.SettleAsync(before, [new(limit, 1, true)]);
        server.Freeze(false);
        while ((await store.TakeAsync([new(limit, 1, 1)])).Store != before.Store)
        {
            // It finds out by itself.
        }

        Assert.Equal([LogLevel.Warning, LogLevel.Warning], log.Select(line => line.Level));
        Assert.Contains("counts for itself", log.First().Text, StringComparison.Ordinal);
        Assert.Contains("can be reached again", log.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_none_is_refused_at_the_start_without_being_repeated()
    {
        await using var backend = ScriptedBackend.Answering("{}");

        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => TestGateway.StartAsync(backend, options => options with
        {
            LimitStore = new() { Redis = "redis:6379,password=secret,nonsense=1" },
        }));

        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    private Task<TestGateway> StartAsync(ScriptedBackend backend, RedisServer server, UsageLimitOptions limits) => TestGateway.StartAsync(backend, options =>
        Limited(options, limits) with { LimitStore = new() { Redis = server.Address, Prefix = _prefix, IfDown = StoreDown.Refuse, Timeout = TimeSpan.FromSeconds(10) } });

    private static GatewayOptions Limited(GatewayOptions options, UsageLimitOptions limits) =>
        options with { Keys = [new() { Name = "alice", Sha256 = CallerKeyTests.Hash(Key), Limits = limits }] };

    private static Task<HttpResponseMessage> AskAsync(TestGateway gateway) => gateway.PostAsync(TestGateway.Request(), headers: ("x-api-key", Key));

    private static long Remaining(HttpResponseMessage answer) =>
        long.Parse(Assert.Single(answer.Headers.GetValues("anthropic-ratelimit-output-tokens-remaining")), System.Globalization.CultureInfo.InvariantCulture);

    private sealed class Lines : ConcurrentQueue<(LogLevel Level, string Text)>, ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Enqueue((logLevel, formatter(state, exception)));
    }
}
