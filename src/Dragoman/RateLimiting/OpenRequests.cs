using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;

namespace Dragoman.RateLimiting;

/// <summary>How many messages this process answers at once, all callers together. Counts through every change of the configuration.</summary>
internal sealed class OpenRequests
{
    private int _open;

    /// <summary>Takes a place until disposed.</summary>
    /// <exception cref="GatewayException">529: there is none.</exception>
    public Place Enter(int most)
    {
        if (Interlocked.Increment(ref _open) <= most) return new(this);
        Interlocked.Decrement(ref _open);
        const string message = "This gateway serves as many requests at once as it may. Try again shortly.";
        throw new GatewayException(new AnthropicError(AnthropicErrorType.Overloaded, message)) { RetryAfter = "1" };
    }

    /// <summary>A place that is taken.</summary>
    public readonly struct Place(OpenRequests of) : IDisposable
    {
        /// <summary>Gives it back.</summary>
        public void Dispose() => Interlocked.Decrement(ref of._open);
    }
}
