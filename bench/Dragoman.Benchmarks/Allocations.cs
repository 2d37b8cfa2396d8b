namespace Dragoman.Benchmarks;

/// <summary>Bytes a piece of work allocates on the managed heap, once everything is compiled and pools are filled.</summary>
public static class Allocations
{
    private const int Runs = 50;

    /// <summary>The median of many runs: a pool that trims itself in one of them plays no part.</summary>
    public static long Of(Action work)
    {
        var seen = new long[Runs];
        for (var i = 0; i < Runs; i++) work();
        for (var i = 0; i < Runs; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            seen[i] = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Array.Sort(seen);
        return seen[Runs / 2];
    }

    /// <summary>What each further event adds, from a short and a long answer of one kind.</summary>
    public static double PerEvent(TranslatorWork brief, TranslatorWork lengthy) =>
        (double)(Of(() => lengthy.TranslateAnswer()) - Of(() => brief.TranslateAnswer())) / (lengthy.Events - brief.Events);
}
