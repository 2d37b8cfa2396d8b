using Dragoman.Configuration;
using Dragoman.Upstream;

namespace Dragoman.Reloading;

/// <summary>The backends of all snapshots that still serve somebody. A backend that two configurations describe alike is the same one:
/// with its connections, its model list and what its refusals taught.</summary>
internal sealed class BackendPool(TimeProvider time, ILogger log) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Shared> _shared = [];

    private sealed class Shared(Description description, Backend backend)
    {
        public Description Description => description;
        public Backend Backend => backend;
        public int Users { get; set; }
    }

    /// <summary>Everything a backend is built from.</summary>
    private readonly record struct Description(BackendOptions Options, TimeoutOptions Timeouts, CircuitOptions Circuit, DialectOptions Dialect, string? SigningKey)
    {
        private static readonly Dictionary<string, string> None = [];

        // Records compare dictionaries by reference: two readings of one file would never be alike.
        public bool IsLike(Description other) =>
            Timeouts == other.Timeouts && Circuit == other.Circuit && Dialect == other.Dialect && SigningKey == other.SigningKey
            && Options with { Headers = None } == other.Options with { Headers = None }
            && Options.Headers.OrderBy(header => header.Key, StringComparer.Ordinal).SequenceEqual(other.Options.Headers.OrderBy(header => header.Key, StringComparer.Ordinal));
    }

    /// <summary>The backends of a configuration, in its order; each is to be returned.</summary>
    /// <exception cref="ConfigurationException">One cannot be made.</exception>
    public IReadOnlyList<Backend> Take(GatewayOptions options)
    {
        lock (_gate)
        {
            // All are made before any is counted: a fault in the last must not leave the first ones behind.
            var wanted = options.Backends.Select(backend => Find(Describe(backend, options), options)).ToList();
            foreach (var shared in wanted)
            {
                if (shared.Users++ == 0) _shared.Add(shared);
            }

            return [.. wanted.Select(shared => shared.Backend)];
        }
    }

    /// <summary>Gives them back; who is used no more is disposed.</summary>
    public void Return(IReadOnlyList<Backend> backends)
    {
        lock (_gate)
        {
            foreach (var backend in backends)
            {
                var shared = _shared.Find(shared => shared.Backend == backend);
                if (shared is null || --shared.Users > 0) continue;
                _shared.Remove(shared);
                backend.Dispose();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var shared in _shared) shared.Backend.Dispose();
            _shared.Clear();
        }
    }

    private static Description Describe(BackendOptions backend, GatewayOptions options) =>
        new(backend, options.Timeouts, options.Circuit, options.Dialect, options.SigningKey);

    private Shared Find(Description description, GatewayOptions options) =>
        _shared.Find(shared => shared.Description.IsLike(description)) ?? new Shared(description, Connect(description.Options, options));

    private Backend Connect(BackendOptions backend, GatewayOptions options)
    {
        var dialects = new BackendDialects(backend, options.Dialect);
        return new(backend, options, dialects, BackendConnections.Create(backend, dialects.Known, options.Timeouts), time, log);
    }
}
