using Dragoman.Configuration;
using Dragoman.RateLimiting;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Dragoman.Tests.RateLimiting;

public sealed class MemoryLimitStoreTests : LimitStoreContract
{
    private readonly FakeTimeProvider _time = new(Start);

    private protected override ILimitStore OpenStore() => new MemoryLimitStore(_time);

    private protected override void Advance(TimeSpan time) => _time.Advance(time);
}

public sealed class RedisLimitStoreTests(RedisFixture redis) : LimitStoreContract, IClassFixture<RedisFixture>
{
    private readonly string _prefix = $"test-{Guid.NewGuid():N}:";
    private TimeSpan _ahead = Start - DateTimeOffset.UtcNow;

    private protected override ILimitStore OpenStore() => OpenAnother();

    private protected override void Advance(TimeSpan time) => _ahead += time;

    [Fact]
    public async Task Two_connections_count_together()
    {
        await using var other = OpenAnother();
        var limit = Of(LimitMeasure.Requests, LimitWindow.Minute, 2);

        await TakeAsync(new LimitClaim(limit, 1, 1));
        await other.TakeAsync([new(limit, 1, 1)]);

        Assert.False((await TakeAsync(new LimitClaim(limit, 1, 1))).IsGranted);
        Assert.False((await other.TakeAsync([new(limit, 1, 1)])).IsGranted);
    }

    [Fact]
    public async Task Places_of_a_replica_that_died_are_free_after_a_while()
    {
        var limit = Of(LimitMeasure.Requests, LimitWindow.Open, 1);
        await TakeAsync(new LimitClaim(limit, 1, 1));

        Assert.False((await TakeAsync(new LimitClaim(limit, 1, 1))).IsGranted);
        Advance(RedisLimitStore.LeaseLife + TimeSpan.FromSeconds(1));

        Assert.True((await TakeAsync(new LimitClaim(limit, 1, 1))).IsGranted);
    }

    [Fact]
    public async Task Every_name_expires_and_carries_the_hash_tag_that_keeps_them_together_in_a_cluster()
    {
        LimitClaim[] claims =
        [
            .. new[] { LimitWindow.Open, LimitWindow.Minute, LimitWindow.Day, LimitWindow.Month }.Select(window => new LimitClaim(Of(LimitMeasure.Tokens, window, 100), 1, 1)),
        ];
        await Store.SettleAsync(await Store.TakeAsync(claims), []);
        await Store.TakeAsync(claims);

        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Server.Address);
        var keys = connection.GetServer(redis.Server.Address).Keys(pattern: $"*{_prefix.TrimEnd(':')}*").ToArray();

        Assert.Equal(4, keys.Length);
        Assert.All(keys, key => Assert.StartsWith($"{{{_prefix.TrimEnd(':')}}}:", key.ToString(), StringComparison.Ordinal));
        foreach (var key in keys) Assert.NotNull(await connection.GetDatabase().KeyTimeToLiveAsync(key));
    }

    [Fact]
    public async Task A_server_that_forgot_the_scripts_is_given_them_again()
    {
        var limit = Of(LimitMeasure.Requests, LimitWindow.Minute, 10);
        await TakeAsync(new LimitClaim(limit, 1, 1));
        await using (var connection = await ConnectionMultiplexer.ConnectAsync(redis.Server.Address + ",allowAdmin=true"))
            await connection.GetServer(redis.Server.Address).ExecuteAsync("SCRIPT", "FLUSH");

        Assert.Equal([2L], (await TakeAsync(new LimitClaim(limit, 1, 1))).Used);
    }

    private RedisLimitStore OpenAnother() =>
        new(new LimitStoreOptions { Redis = redis.Server.Address, Prefix = _prefix, Timeout = TimeSpan.FromSeconds(10) }, () => _ahead);
}
