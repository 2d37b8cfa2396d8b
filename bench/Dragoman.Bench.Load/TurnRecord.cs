using System.Diagnostics;

namespace Dragoman.Bench.Load;

/// <summary>What one turn of load saw while it was measured. Times are in ticks of <see cref="Stopwatch"/>.</summary>
internal sealed class TurnRecord
{
    private readonly List<long> _delays = new(1 << 16);
    private readonly List<long> _firstEvents = new(1 << 12);
    private readonly List<long> _gaps = new(1 << 16);

    public bool IsMeasuring { get; set; }

    public long Answers { get; private set; }

    public long Events { get; private set; }

    /// <summary>Failed answers of the whole turn, measured or not.</summary>
    public int Errors { get; private set; }

    public string? FirstError { get; private set; }

    public void Answer()
    {
        if (IsMeasuring) Answers++;
    }

    public void Content(int events)
    {
        if (IsMeasuring) Events += events;
    }

    public void Error(string reason)
    {
        Errors++;
        FirstError ??= reason;
    }

    /// <summary>From the backend's sending of an event to its arrival here.</summary>
    public void Delay(long ticks)
    {
        if (IsMeasuring) _delays.Add(ticks);
    }

    public void FirstEvent(long ticks)
    {
        if (IsMeasuring) _firstEvents.Add(ticks);
    }

    public void Gap(long ticks)
    {
        if (IsMeasuring) _gaps.Add(ticks);
    }

    public Percentiles Delays => Percentiles.Of(_delays);

    public Percentiles FirstEvents => Percentiles.Of(_firstEvents);

    public Percentiles Gaps => Percentiles.Of(_gaps);
}

/// <summary>In microseconds; zeros when nothing was counted.</summary>
internal readonly record struct Percentiles(double P50, double P99, double Max)
{
    public static Percentiles Of(List<long> ticks)
    {
        if (ticks.Count == 0) return default;
        ticks.Sort();
        double At(double share) => ticks[(int)Math.Min(ticks.Count - 1, ticks.Count * share)] * 1e6 / Stopwatch.Frequency;
        return new(At(0.50), At(0.99), At(1.0));
    }
}
