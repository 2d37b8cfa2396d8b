using System.Diagnostics;

namespace Dragoman.WebFetch.Reading;

/// <summary>What one page's markup may cost. Used by one thread.</summary>
/// <remarks>A few kilobytes of tags that are closed in the wrong order make every HTML parser build millions of elements, since the standard
/// wants formatting to be opened anew in each paragraph; others make it search the same long list for every tag.</remarks>
/// <param name="time">How long it may take.</param>
/// <param name="cancellation">Ends it sooner.</param>
internal sealed class MarkupBudget(TimeSpan time, CancellationToken cancellation)
{
    /// <summary>Ten megabytes of ordinary markup take about this.</summary>
    private const long MostBytes = 384L << 20;

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly long _allocated = GC.GetAllocatedBytesForCurrentThread();

    /// <summary>Called once a token, or once an element.</summary>
    /// <exception cref="CostlyMarkupException">It costs too much.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public void Check()
    {
        cancellation.ThrowIfCancellationRequested();
        if (GC.GetAllocatedBytesForCurrentThread() - _allocated > MostBytes || Stopwatch.GetElapsedTime(_began) > time) throw new CostlyMarkupException();
    }
}

/// <summary>A page's markup costs more than it may.</summary>
internal sealed class CostlyMarkupException : Exception;
