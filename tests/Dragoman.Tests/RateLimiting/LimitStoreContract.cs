using Dragoman.RateLimiting;

namespace Dragoman.Tests.RateLimiting;

/// <summary>What every store of limits promises.</summary>
public abstract class LimitStoreContract : IAsyncLifetime
{
    protected static readonly DateTimeOffset Start = new(2032, 2, 29, 23, 50, 0, TimeSpan.Zero);

    private static readonly Limit Requests = Of(LimitMeasure.Requests, LimitWindow.Minute, 3);
    private static readonly Limit Tokens = Of(LimitMeasure.Tokens, LimitWindow.Minute, 100);
    private static readonly Limit Daily = Of(LimitMeasure.Tokens, LimitWindow.Day, 100);
    private static readonly Limit Monthly = Of(LimitMeasure.Money, LimitWindow.Month, 100);
    private static readonly Limit Open = Of(LimitMeasure.Requests, LimitWindow.Open, 2);

    private ILimitStore? _store;

    private protected ILimitStore Store => _store!;

    public ValueTask InitializeAsync()
    {
        _store = OpenStore();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_store is not null) await _store.DisposeAsync();
    }

    /// <summary>A store whose clock shows <see cref="Start"/>.</summary>
    private protected abstract ILimitStore OpenStore();

    /// <summary>Sets its clock forward.</summary>
    private protected abstract void Advance(TimeSpan time);

    private protected static Limit Of(LimitMeasure measure, LimitWindow window, long capacity) => new($"key:alice:{measure}:{window}", "alice", measure, window, capacity);

    [Fact]
    public async Task As_much_as_the_capacity_is_granted_and_not_one_more()
    {
        for (var i = 1; i <= 3; i++)
        {
            var granted = await TakeAsync(new LimitClaim(Requests, 1, 1));
            Assert.True(granted.IsGranted);
            Assert.Equal([i], granted.Used);
        }

        var refused = await TakeAsync(new LimitClaim(Requests, 1, 1));

        Assert.False(refused.IsGranted);
        Assert.True(refused.IsShort(0));
        Assert.Equal([3L], refused.Used);
    }

    [Fact]
    public async Task A_minute_slides_and_a_refusal_tells_how_long_to_wait()
    {
        await TakeAsync(new LimitClaim(Tokens, 60, 60));
        Advance(TimeSpan.FromSeconds(30));
        await TakeAsync(new LimitClaim(Tokens, 40, 40));
        Advance(TimeSpan.FromSeconds(25));

        var small = await TakeAsync(new LimitClaim(Tokens, 50, 50));
        var large = await TakeAsync(new LimitClaim(Tokens, 90, 90));

        Assert.False(small.IsGranted);
        // 60 of them are free a minute after they were taken, and at most one slice later.
        Assert.InRange(small.Waits[0], TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5.6));
        Assert.InRange(large.Waits[0], TimeSpan.FromSeconds(34), TimeSpan.FromSeconds(35.6));
        Advance(small.Waits[0]);
        Assert.True((await TakeAsync(new LimitClaim(Tokens, 60, 60))).IsGranted);
        Assert.False((await TakeAsync(new LimitClaim(Tokens, 1, 1))).IsGranted);
    }

    [Fact]
    public async Task No_sixty_seconds_see_more_than_the_capacity()
    {
        var granted = new List<DateTimeOffset>();
        for (var i = 0; i < 150; i++)
        {
            var verdict = await TakeAsync(new LimitClaim(Requests, 1, 1));
            if (verdict.IsGranted) granted.Add(verdict.At);
            Advance(TimeSpan.FromMilliseconds(1700));
        }

        Assert.All(granted, at => Assert.InRange(granted.Count(other => other >= at && other < at.AddSeconds(60)), 1, 3));
        // 255 s: four whole windows and a part of the fifth.
        Assert.InRange(granted.Count, 13, 15);
    }

    [Fact]
    public async Task Taking_from_several_limits_is_all_or_nothing()
    {
        await TakeAsync(new LimitClaim(Requests, 1, 1), new LimitClaim(Tokens, 100, 100));

        var refused = await TakeAsync(new LimitClaim(Requests, 1, 1), new LimitClaim(Tokens, 1, 1), new LimitClaim(Daily, 1, 1), new LimitClaim(Open, 1, 1));
        var next = await TakeAsync(new LimitClaim(Requests, 1, 1), new LimitClaim(Daily, 1, 0), new LimitClaim(Open, 1, 1));

        Assert.False(refused.IsGranted);
        Assert.Equal([false, true, false, false], Enumerable.Range(0, 4).Select(refused.IsShort));
        Assert.True(next.IsGranted);
        Assert.Equal([2, 0, 1], next.Used);
    }

    [Fact]
    public async Task What_is_needed_must_be_left_but_only_what_is_taken_is_counted()
    {
        Assert.True((await TakeAsync(new LimitClaim(Tokens, 100, 0))).IsGranted);
        Assert.Equal([0L], (await TakeAsync(new LimitClaim(Tokens, 1, 0))).Used);
        Assert.False((await TakeAsync(new LimitClaim(Tokens, 101, 0))).IsGranted);
    }

    [Fact]
    public async Task Settling_puts_the_truth_in_the_place_of_the_estimate()
    {
        var granted = await TakeAsync(new LimitClaim(Tokens, 50, 50), new LimitClaim(Daily, 50, 50), new LimitClaim(Monthly, 1, 0));
        await Store.SettleAsync(granted, [new(Tokens, -30, false), new(Tokens, 5, true), new(Daily, -25, false), new(Monthly, 100, false)]);

        var next = await TakeAsync(new LimitClaim(Tokens, 1, 0), new LimitClaim(Daily, 1, 0));

        Assert.Equal([25, 25], next.Used);
        Assert.False((await TakeAsync(new LimitClaim(Monthly, 1, 0))).IsGranted);
    }

    [Fact]
    public async Task An_overdraft_is_waited_off()
    {
        var granted = await TakeAsync(new LimitClaim(Tokens, 1, 0));
        await Store.SettleAsync(granted, [new(Tokens, 250, true)]);

        var refused = await TakeAsync(new LimitClaim(Tokens, 1, 0));

        Assert.False(refused.IsGranted);
        Assert.Equal([250L], refused.Used);
        Advance(refused.Waits[0]);
        Assert.True((await TakeAsync(new LimitClaim(Tokens, 1, 0))).IsGranted);
    }

    [Fact]
    public async Task A_correction_of_what_the_window_has_forgotten_counts_no_more()
    {
        var granted = await TakeAsync(new LimitClaim(Tokens, 50, 50));
        Advance(TimeSpan.FromSeconds(62));
        await Store.SettleAsync(granted, [new(Tokens, -30, false), new(Tokens, 7, true)]);

        Assert.Equal([7L], (await TakeAsync(new LimitClaim(Tokens, 1, 0))).Used);
    }

    [Fact]
    public async Task Days_and_months_begin_at_midnight_UTC_and_a_request_counts_where_it_began()
    {
        // Ten minutes before the end of a leap day, and of its month.
        var before = await TakeAsync(new LimitClaim(Daily, 100, 100), new LimitClaim(Monthly, 100, 100));
        Assert.False((await TakeAsync(new LimitClaim(Daily, 1, 1))).IsGranted);
        Advance(TimeSpan.FromMinutes(10));

        var after = await TakeAsync(new LimitClaim(Daily, 1, 1), new LimitClaim(Monthly, 1, 1));
        await Store.SettleAsync(before, [new(Daily, 50, true), new(Monthly, 50, true)]);

        Assert.True(after.IsGranted);
        Assert.Equal([1, 1], (await TakeAsync(new LimitClaim(Daily, 1, 0), new LimitClaim(Monthly, 1, 0))).Used);
        Advance(TimeSpan.FromDays(1));
        Assert.Equal([0, 1], (await TakeAsync(new LimitClaim(Daily, 1, 0), new LimitClaim(Monthly, 1, 0))).Used);
        Advance(TimeSpan.FromDays(30));
        Assert.Equal([0, 0], (await TakeAsync(new LimitClaim(Daily, 1, 0), new LimitClaim(Monthly, 1, 0))).Used);
    }

    [Fact]
    public async Task Places_are_held_until_they_are_settled()
    {
        var first = await TakeAsync(new LimitClaim(Open, 1, 1));
        await TakeAsync(new LimitClaim(Open, 1, 1));
        Assert.False((await TakeAsync(new LimitClaim(Open, 1, 1))).IsGranted);

        await Store.SettleAsync(first, []);

        Assert.True((await TakeAsync(new LimitClaim(Open, 1, 1))).IsGranted);
        Assert.False((await TakeAsync(new LimitClaim(Open, 1, 1))).IsGranted);
    }

    [Fact]
    public async Task Amounts_beyond_a_doubles_digits_in_text_are_kept_exactly()
    {
        var budget = Of(LimitMeasure.Money, LimitWindow.Month, 2_000_000_000_000_000);
        await TakeAsync(new LimitClaim(budget, 1_234_567_890_123_456, 1_234_567_890_123_456));

        Assert.Equal([1_234_567_890_123_457], (await TakeAsync(new LimitClaim(budget, 1, 1))).Used);
    }

    [Fact]
    public async Task Many_at_once_are_granted_exactly_the_capacity()
    {
        var limit = Of(LimitMeasure.Requests, LimitWindow.Minute, 200);

        var verdicts = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => Store.TakeAsync([new LimitClaim(limit, 1, 1)]).AsTask(), TestContext.Current.CancellationToken)));

        Assert.Equal(200, verdicts.Count(verdict => verdict.IsGranted));
    }

    private protected ValueTask<LimitVerdict> TakeAsync(params LimitClaim[] claims) => Store.TakeAsync(claims);
}
