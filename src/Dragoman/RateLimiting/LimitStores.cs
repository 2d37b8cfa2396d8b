using Dragoman.Configuration;

namespace Dragoman.RateLimiting;

/// <summary>Makes the store that a configuration asks for.</summary>
internal static class LimitStores
{
    /// <exception cref="ConfigurationException">Its address is none.</exception>
    public static ILimitStore Open(LimitStoreOptions options, TimeProvider time, ILoggerFactory logs) => options.Redis is null
        ? new MemoryLimitStore(time)
        : new GuardedLimitStore(new RedisLimitStore(options), options.IfDown, time, logs.CreateLogger("Dragoman.RateLimiting"));
}
