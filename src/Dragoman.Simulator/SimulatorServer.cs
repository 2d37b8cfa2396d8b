using Dragoman.Simulator.Journal;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace Dragoman.Simulator;

/// <summary>A running simulated backend. Disposing it drops the connections that are still open.</summary>
public sealed class SimulatorServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RequestJournal _journal;

    internal SimulatorServer(WebApplication app, RequestJournal journal)
    {
        _app = app;
        _journal = journal;
        // A wildcard address is where we listen, not where we can be called.
        var listening = app.Urls.First().Replace("//0.0.0.0:", "//127.0.0.1:", StringComparison.Ordinal)
            .Replace("//[::]:", "//127.0.0.1:", StringComparison.Ordinal);
        BaseAddress = new Uri(listening);
    }

    /// <summary>Where it listens, such as <c>http://127.0.0.1:40123/</c>: without <c>/v1</c>.</summary>
    public Uri BaseAddress { get; }

    /// <summary>What callers sent, oldest first, as far as <see cref="SimulatorOptions.JournalSize"/> reaches. A snapshot.</summary>
    public IReadOnlyList<RecordedRequest> Requests => _journal.Snapshot();

    /// <summary>The first recorded request that <paramref name="match"/> accepts, be it here already or still to come.</summary>
    public Task<RecordedRequest> WaitForRequestAsync(Func<RecordedRequest, bool> match, CancellationToken ct = default) =>
        _journal.WaitAsync(match, ct);

    /// <summary>Completes when the server has been stopped.</summary>
    public Task WaitForShutdownAsync(CancellationToken ct = default) => _app.WaitForShutdownAsync(ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Endless and silent answers never finish by themselves, so there is nothing to wait for.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
        }

        await _app.DisposeAsync();
    }
}
