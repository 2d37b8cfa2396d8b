using Dragoman.Protocol;

namespace Dragoman.Telemetry;

/// <summary>Takes lines and writes them soon after, many at once.</summary>
/// <remarks>A write for each line, and waking a thread for it, would cost a small request a fifth of its processor time. Whoever logs never waits:
/// if the other end is not read, lines are dropped, and how many is said as soon as there is room again.</remarks>
internal sealed class LogOutput : IDisposable
{
    private const int LargestBacklog = 1 << 20;

    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);

    private readonly Sink _output;
    private readonly Timer _timer;
    private readonly Lock _lock = new();
    private readonly Lock _writing = new();
    private PooledBuffer _lines = new();
    private PooledBuffer _spare = new();
    private long _dropped;
    private bool _due;

    /// <param name="output">Takes what is due; does not throw.</param>
    public LogOutput(Sink output)
    {
        _output = output;
        _timer = new(static state => ((LogOutput)state!).Write(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes lines that are due.</summary>
    /// <param name="lines">All of them.</param>
    /// <param name="dropped">How many did not fit in since the last time.</param>
    public delegate void Sink(ReadOnlySpan<byte> lines, long dropped);

    /// <summary>Writes one line.</summary>
    public delegate void Line<in T>(PooledBuffer output, T state);

    /// <summary>Adds a line.</summary>
    /// <param name="line">Writes it, its line end included; called at once or not at all.</param>
    /// <param name="state">What it is about.</param>
    public void Add<T>(Line<T> line, T state)
    {
        lock (_lock)
        {
            if (_lines.Length > LargestBacklog)
            {
                _dropped++;
                return;
            }

            line(_lines, state);
            if (_due) return;
            _due = true;
        }

        _timer.Change(Delay, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Writes what is left.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Write();
        _lines.Dispose();
        _spare.Dispose();
    }

    private void Write()
    {
        lock (_writing)
        {
            long dropped;
            PooledBuffer lines;
            lock (_lock)
            {
                _due = false;
                (dropped, _dropped) = (_dropped, 0);
                (lines, _lines) = (_lines, _spare);
                _spare = lines;
            }

            if (!lines.IsEmpty || dropped > 0) _output(lines.Span, dropped);
            lines.Clear();
        }
    }
}
