using Dragoman.Upstream.Native;
using Microsoft.Extensions.Time.Testing;

namespace Dragoman.Tests.Upstream.Native;

/// <summary>Secrets that are lent are there when they are needed, and asked for seldom.</summary>
public sealed class LentSecretTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly TaskCompletionSource _secondLoad = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _loads;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_answer_serves_all_who_wait_for_the_first()
    {
        var lend = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var secret = new LentSecret<string>(async _ =>
        {
            Interlocked.Increment(ref _loads);
            await lend.Task;
            return new("secret", null);
        }, _time);

        var waiting = Enumerable.Range(0, 10).Select(_ => secret.GetAsync(Now).AsTask()).ToArray();
        lend.SetResult();

        Assert.All(await Task.WhenAll(waiting), value => Assert.Equal("secret", value));
        Assert.Equal(1, _loads);
    }

    [Fact]
    public async Task It_is_renewed_before_its_end_and_nobody_waits()
    {
        var secret = Hourly();
        Assert.Equal("secret 1", await secret.GetAsync(Now));
        _time.Advance(TimeSpan.FromMinutes(54));
        Assert.Equal("secret 1", await secret.GetAsync(Now));
        Assert.Equal(1, _loads);

        _time.Advance(TimeSpan.FromMinutes(2));
        var still = secret.GetAsync(Now);
        Assert.True(still.IsCompletedSuccessfully);
        Assert.Equal("secret 1", await still);
        await _secondLoad.Task.WaitAsync(Now);
        while (await secret.GetAsync(Now) == "secret 1") await Task.Yield();
        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task After_its_end_it_is_not_used()
    {
        var secret = Hourly();
        await secret.GetAsync(Now);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal("secret 2", await secret.GetAsync(Now));
    }

    [Fact]
    public async Task Who_lends_nothing_is_not_asked_by_every_request()
    {
        var secret = new LentSecret<string>(_ =>
        {
            Interlocked.Increment(ref _loads);
            throw new IOException("/secret/path is locked");
        }, _time);

        for (var i = 0; i < 3; i++)
        {
            var e = await Assert.ThrowsAsync<CredentialException>(async () => await secret.GetAsync(Now));
            Assert.Equal("its credential file could not be read", e.Message);
        }

        Assert.Equal(1, _loads);
        _time.Advance(TimeSpan.FromSeconds(6));
        await Assert.ThrowsAsync<CredentialException>(async () => await secret.GetAsync(Now));
        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task One_that_was_refused_is_asked_for_anew_unless_it_is_fresh()
    {
        var secret = Hourly();
        await secret.GetAsync(Now);
        Assert.False(secret.Forget());

        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(secret.Forget());
        Assert.Equal("secret 2", await secret.GetAsync(Now));
    }

    private LentSecret<string> Hourly() => new(_ =>
    {
        var load = Interlocked.Increment(ref _loads);
        if (load == 2) _secondLoad.TrySetResult();
        return Task.FromResult(new Loan<string>($"secret {load}", _time.GetUtcNow().AddHours(1)));
    }, _time);
}
