namespace Dragoman.Testing;

/// <summary>What code costs the garbage collector.</summary>
public static class Allocations
{
    /// <summary>Bytes that <paramref name="work"/> allocates on this thread, at its best of several runs.</summary>
    /// <remarks>A collection that something else provokes in the middle of a run counts the rest of the thread's allocation
    /// buffer, some 8 KB, as allocated, and may empty the array pools.</remarks>
    public static long Fewest(Action work, int runs = 10)
    {
        var fewest = long.MaxValue;
        for (var run = 0; run < runs && fewest > 0; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return fewest;
    }
}
