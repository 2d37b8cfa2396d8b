using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;

namespace Dragoman.RateLimiting;

/// <summary>Keeps requests going, or refuses them, while the shared store cannot be reached; tries it again by itself.</summary>
/// <remarks>While it is down one request a second tries it, so that the others do not wait for a server that hangs. What this process counts
/// meanwhile is not carried over: replicas cannot know of each other's, and a minute later it does not matter any more.</remarks>
internal sealed partial class GuardedLimitStore(ILimitStore shared, StoreDown ifDown, TimeProvider time, ILogger log) : ILimitStore
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly MemoryLimitStore _local = new(time);
    private int _isDown;
    private long _tried;

    public async ValueTask<LimitVerdict> TakeAsync(IReadOnlyList<LimitClaim> claims)
    {
        if (!MayTry()) return await WithoutAsync(claims);
        try
        {
            var verdict = await shared.TakeAsync(claims);
            if (Interlocked.Exchange(ref _isDown, 0) == 1) Back(log);
            return verdict;
        }
        catch (LimitStoreException e)
        {
            Down(e);
            return await WithoutAsync(claims);
        }
    }

    public async ValueTask SettleAsync(LimitVerdict granted, IReadOnlyList<LimitCorrection> corrections)
    {
        try
        {
            await granted.Store.SettleAsync(granted, corrections);
        }
        catch (LimitStoreException e)
        {
            // The estimates stay as they were taken, and the places lapse.
            Down(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await shared.DisposeAsync();
        await _local.DisposeAsync();
    }

    private bool MayTry()
    {
        if (Volatile.Read(ref _isDown) == 0) return true;
        var tried = Volatile.Read(ref _tried);
        return time.GetElapsedTime(tried) >= BetweenTries && Interlocked.CompareExchange(ref _tried, time.GetTimestamp(), tried) == tried;
    }

    private void Down(LimitStoreException e)
    {
        Volatile.Write(ref _tried, time.GetTimestamp());
        if (Interlocked.Exchange(ref _isDown, 1) == 1) return;
        if (ifDown == StoreDown.Allow) CountsAlone(log, e.Message);
        else Refuses(log, e.Message);
    }

    private ValueTask<LimitVerdict> WithoutAsync(IReadOnlyList<LimitClaim> claims)
    {
        if (ifDown == StoreDown.Allow) return _local.TakeAsync(claims);
        const string message = "This gateway cannot look up what is left of your limits at the moment. Try again shortly.";
        throw new GatewayException(new AnthropicError(AnthropicErrorType.Api, message), StatusCodes.Status503ServiceUnavailable) { RetryAfter = "2" };
    }

    [LoggerMessage(EventId = 40, Level = LogLevel.Warning, Message = "The store of limits cannot be reached ({Kind}). Until it can, this process counts for itself.")]
    private static partial void CountsAlone(ILogger log, string kind);

    [LoggerMessage(EventId = 41, Level = LogLevel.Error, Message = "The store of limits cannot be reached ({Kind}). Until it can, requests that have limits are refused.")]
    private static partial void Refuses(ILogger log, string kind);

    [LoggerMessage(EventId = 42, Level = LogLevel.Warning, Message = "The store of limits can be reached again.")]
    private static partial void Back(ILogger log);
}
