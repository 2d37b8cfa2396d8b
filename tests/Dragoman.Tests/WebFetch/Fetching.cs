using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Dragoman.Configuration;
using Dragoman.Documents;
using Dragoman.WebFetch;

namespace Dragoman.Tests.WebFetch;

/// <summary>A fetcher for tests, with its own name server.</summary>
internal sealed class Fetching : IDisposable
{
    private readonly PdfText _pdf = new();
    private readonly ConcurrentDictionary<string, Queue<IPAddress[]>> _names = new(StringComparer.Ordinal);
    private int _resolutions;

    public Fetching(WebFetchOptions options, TimeProvider? time = null) => Fetcher = new(options, _pdf, time ?? TimeProvider.System, ResolveAsync);

    public PageFetcher Fetcher { get; }

    /// <summary>How often a name was resolved.</summary>
    public int Resolutions => Volatile.Read(ref _resolutions);

    /// <summary>May reach the sites, wherever on this machine they listen; asks for no robots.txt.</summary>
    public static WebFetchOptions Reaching(params ScriptedSite[] sites) =>
        new() { AllowPrivate = ["127.0.0.0/8"], Ports = [.. sites.Select(site => site.Port)], Robots = false };

    /// <summary>Answers for a name, one for each resolution; the last one stays.</summary>
    public Fetching Knowing(string name, params string[][] answers)
    {
        _names[name] = new(answers.Select(addresses => addresses.Select(IPAddress.Parse).ToArray()));
        return this;
    }

    public Task<FetchOutcome> FetchAsync(string url) => Fetcher.FetchAsync(new(url), TestContext.Current.CancellationToken);

    public async Task<FetchedPage> PageAsync(string url) => Assert.IsType<FetchedPage>(await FetchAsync(url));

    public async Task<FetchFailure> FailureAsync(string url) => Assert.IsType<FetchFailure>(await FetchAsync(url));

    public void Dispose()
    {
        Fetcher.Dispose();
        _pdf.Dispose();
    }

    private Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _resolutions);
        // The system's rule, whatever its files say.
        if (host is "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal)) return Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.IPv6Loopback]);
        if (!_names.TryGetValue(host, out var answers)) throw new SocketException((int)SocketError.HostNotFound);
        lock (answers) return Task.FromResult(answers.Count > 1 ? answers.Dequeue() : answers.Peek());
    }
}
