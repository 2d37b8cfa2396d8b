namespace Dragoman.Upstream.Native;

/// <summary>A secret as it was lent.</summary>
/// <param name="Value">The secret.</param>
/// <param name="Until">When it ends to be good; null if it does not.</param>
internal sealed record Loan<T>(T Value, DateTimeOffset? Until)
{
    /// <summary>Tells nothing: it could end in a log.</summary>
    public override string ToString() => nameof(Loan<>);
}

/// <summary>A secret that is lent for a while and asked for again in time: callers wait for the first one only.</summary>
/// <param name="load">Asks for it; one call at a time.</param>
/// <param name="time">The clock.</param>
internal sealed class LentSecret<T>(Func<CancellationToken, Task<Loan<T>>> load, TimeProvider time) where T : class
{
    // Long enough before the end for a few failures; of a short loan, the last quarter.
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(5);

    // A request that leaves us now must still be good when it arrives.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestLoad = TimeSpan.FromSeconds(30);

    // Who lends nothing is not asked by every request.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private Loan<T>? _current;
    private DateTimeOffset _lentAt;
    private DateTimeOffset _renewAt;
    private Task<Loan<T>>? _loading;
    private CredentialException? _failure;
    private DateTimeOffset _failedAt;

    /// <summary>The secret.</summary>
    /// <exception cref="CredentialException">There is none to be had.</exception>
    public async ValueTask<T> GetAsync(CancellationToken cancellation)
    {
        Task<Loan<T>>? loading;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var mayAsk = _failure is null || now - _failedAt >= Pause;
            if (_current is { } current && (current.Until is null || now < current.Until - Margin))
            {
                // Still good: whoever comes in its last minutes has it renewed, and waits for nothing.
                if (now >= _renewAt && mayAsk) _loading ??= Task.Run(LoadAsync, CancellationToken.None);
                return current.Value;
            }

            if (!mayAsk) throw new CredentialException(_failure!.Message);
            loading = _loading ??= Task.Run(LoadAsync, CancellationToken.None);
        }

        return (await loading.WaitAsync(cancellation)).Value;
    }

    /// <summary>The secret was refused: the next one who needs it asks anew.</summary>
    /// <returns>False if it was lent only just now: another would be refused like it.</returns>
    public bool Forget()
    {
        lock (_gate)
        {
            if (_current is null || time.GetUtcNow() - _lentAt < Fresh) return false;
            _current = null;
            return true;
        }
    }

    private async Task<Loan<T>> LoadAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(LongestLoad, time);
            var loan = await load(limit.Token);
            lock (_gate)
            {
                var now = time.GetUtcNow();
                _current = loan;
                _failure = null;
                _lentAt = now;
                _renewAt = loan.Until is { } until ? until - Shorter(Early, (until - now) / 4) : DateTimeOffset.MaxValue;
                _loading = null;
            }

            return loan;
        }
        catch (Exception e)
        {
            // Whatever it was: its text may hold what nobody should see.
            var failure = e as CredentialException ?? new CredentialException(Say(e));
            lock (_gate)
            {
                (_failure, _failedAt, _loading) = (failure, time.GetUtcNow(), null);
            }

            throw failure;
        }
    }

    private static string Say(Exception e) => e switch
    {
        OperationCanceledException => "its credential service did not answer in time",
        HttpRequestException => "its credential service could not be reached",
        IOException or UnauthorizedAccessException => "its credential file could not be read",
        _ => "its credential could not be made",
    };

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
