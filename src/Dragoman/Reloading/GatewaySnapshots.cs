using Dragoman.Authentication;
using Dragoman.Configuration;
using Dragoman.Documents;
using Dragoman.RateLimiting;
using Dragoman.Routing;
using Dragoman.ServerTools;
using Dragoman.Streaming;
using Dragoman.TokenCounting;
using Dragoman.Upstream;

namespace Dragoman.Reloading;

/// <summary>The configuration in force, and the change to another while requests are running.</summary>
internal sealed class GatewaySnapshots : IDisposable
{
    private readonly Lock _change = new();
    private readonly BackendPool _backends;
    private readonly TokenCounter _counter;
    private readonly PdfText _pdf;
    private readonly ILoggerFactory _logs;
    private readonly TimeProvider _time;
    private readonly CancellationToken _shutdown;
    private readonly ILimitStore _limits;
    private readonly OpenRequests _open = new();
    private GatewaySnapshot _current;

    public GatewaySnapshots(GatewayOptions options, TokenCounter counter, PdfText pdf, ILoggerFactory logs, TimeProvider time, GracefulStop stop, ILimitStore limits)
    {
        _backends = new(time, logs.CreateLogger("Dragoman.Upstream"));
        _counter = counter;
        _pdf = pdf;
        _logs = logs;
        _time = time;
        _shutdown = stop.GraceIsOver;
        _limits = limits;
        _current = Build(options, null);
    }

    /// <summary>The one in force, without keeping it: for a look.</summary>
    public GatewaySnapshot Current => Volatile.Read(ref _current);

    /// <summary>The one in force, kept until its <see cref="GatewaySnapshot.Leave"/>.</summary>
    public GatewaySnapshot Enter()
    {
        while (true)
        {
            // One that was replaced between the two steps may be gone; the new one is there then.
            var current = Current;
            if (current.TryEnter()) return current;
        }
    }

    /// <summary>From now on requests see these options; those that are running end on the ones they began with. Backends that did not
    /// change keep their connections and what was learned of them.</summary>
    /// <exception cref="ConfigurationException">They contradict each other; nothing has changed.</exception>
    public void Change(GatewayOptions options)
    {
        GatewayValidation.Check(options);
        lock (_change)
        {
            var old = _current;
            Volatile.Write(ref _current, Build(options, old));
            old.Leave();
        }
    }

    public void Dispose()
    {
        _ = Current.WebTools.DisposeAsync().AsTask();
        _backends.Dispose();
    }

    private GatewaySnapshot Build(GatewayOptions options, GatewaySnapshot? old)
    {
        var callers = new CallerDirectory(options, _time, _logs, old?.Callers);
        var prices = new PriceTable(options.Prices);
        var backends = _backends.Take(options);
        var webTools = new WebTools(options, _pdf, _time, _logs);
        return new(
            options,
            new ModelRouter(options, backends),
            new UpstreamServices(options, _counter, _pdf, _logs, _time, webTools.Offer),
            new StreamingServices(options, _time, _shutdown),
            () => Release(backends, webTools))
        {
            WebTools = webTools,
            Callers = callers,
            Prices = prices,
            Limits = new UsageLimits(_limits, prices),
            OpenRequests = _open,
        };
    }

    private void Release(IReadOnlyList<Backend> backends, WebTools webTools)
    {
        _backends.Return(backends);
        // Nobody uses them any more; programs that they have started end on their own.
        _ = webTools.DisposeAsync().AsTask();
    }
}
