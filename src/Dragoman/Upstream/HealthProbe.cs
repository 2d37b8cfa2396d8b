using Dragoman.Configuration;

namespace Dragoman.Upstream;

/// <summary>Asks a backend regularly whether it lives, so that the first request after a failure need not find out.</summary>
/// <remarks>Two missing answers in a row are needed to believe that it does not: one may be lost on a busy machine.</remarks>
internal sealed class HealthProbe : IDisposable
{
    private const int MissedToBeDown = 2;

    private readonly Backend _backend;
    private readonly HealthOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private int _missed;

    /// <summary>Begins to ask, in the background, until disposed.</summary>
    public HealthProbe(Backend backend, HealthOptions options, TimeProvider time)
    {
        _backend = backend;
        _options = options;
        _time = time;
        _ = Task.Run(() => AskAgainAndAgainAsync(_stop.Token));
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task AskAgainAndAgainAsync(CancellationToken stop)
    {
        try
        {
            using var timer = new PeriodicTimer(_options.Interval, _time);
            do
            {
                _missed = await AskAsync(stop) ? 0 : _missed + 1;
                if (_missed is 0 or MissedToBeDown) _backend.Circuits.IsDown(_missed > 0);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The backend is used no more.
        }
    }

    private async Task<bool> AskAsync(CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        using var question = _options.Path is { } path ? new(HttpMethod.Get, new Uri(_backend.Address, path)) : _backend.Schema.ListModels();
        if (question is null) return true;
        try
        {
            using var answer = await _backend.SendAsync(question, default, either.Token);
            // It lives, whatever it thinks of the question; only what is said of itself counts against it.
            return (int)answer.StatusCode < 500;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return false;
        }
    }
}
