using System.Diagnostics;
using System.Globalization;

namespace Dragoman.Benchmarks;

/// <summary>A quick look at the translators' times, for a busy machine: the best of many short runs, which others disturbed least.</summary>
internal static class TimeReport
{
    private static readonly TimeSpan PerFigure = TimeSpan.FromSeconds(3);

    public static int Print()
    {
        var (agent, tool) = (TranslatorWork.Agent("bulk-200"), TranslatorWork.Agent("tool-215"));
        var (small, large) = (TranslatorWork.Small(), TranslatorWork.Large());
        Tell("text event", Best(() => agent.TranslateAnswer()) / agent.Events);
        Tell("tool fragment", Best(() => tool.TranslateAnswer()) / tool.Events);
        Tell("small answer", Best(() => small.TranslateAnswer()));
        Tell("small request, parsed", Best(() => small.ParseRequest()));
        Tell("small request, translated", Best(() => small.TranslateRequest()));
        Tell("40 KB request, parsed", Best(() => agent.ParseRequest()));
        Tell("40 KB request, translated", Best(() => agent.TranslateRequest()));
        Tell("1 MB request, parsed", Best(() => large.ParseRequest()));
        Tell("1 MB request, translated", Best(() => large.TranslateRequest()));
        return 0;
    }

    private static void Tell(string name, double microseconds) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-36}{microseconds,12:f3} us"));

    private static double Best(Action work)
    {
        var best = long.MaxValue;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < PerFigure;)
        {
            var before = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetTimestamp() - before);
        }

        return best * 1e6 / Stopwatch.Frequency;
    }
}
