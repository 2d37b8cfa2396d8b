using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Dragoman.Bench.Failover;

/// <summary>What came of a request.</summary>
internal enum Verdict
{
    /// <summary>The whole text, once.</summary>
    Complete,

    /// <summary>A part of the text and then an error, as its backend was lost in the middle: nobody else could have gone on.</summary>
    BrokenOff,

    /// <summary>An error instead of an answer, which somebody else could have given.</summary>
    Failed,

    /// <summary>Another text, a text twice, or a part of one that claims to be whole.</summary>
    Wrong,
}

/// <summary>One request.</summary>
internal readonly record struct Outcome(string Phase, TimeSpan Time, int Attempts, Verdict Verdict, string? Error);

/// <summary>Gathers what callers see.</summary>
internal sealed class Tally
{
    private readonly ConcurrentQueue<Outcome> _all = new();

    /// <summary>What is going on just now.</summary>
    public volatile string Phase = "all serve";

    /// <summary>Nobody saw an error that somebody else could have prevented, or a wrong text.</summary>
    public bool IsAsPromised => !_all.IsEmpty && _all.All(outcome => outcome.Verdict is Verdict.Complete or Verdict.BrokenOff);

    public void Add(in Outcome outcome) => _all.Enqueue(outcome);

    public string Report(TimeSpan length)
    {
        var report = new StringBuilder();
        report.AppendLine("phase            requests  complete  broken off  failed  wrong  attempts 1/2/3/4+      p50 ms   p99 ms   max ms");
        foreach (var phase in _all.Select(outcome => outcome.Phase).Distinct()) Line(report, phase, [.. _all.Where(outcome => outcome.Phase == phase)]);
        Line(report, "all", [.. _all]);
        report.AppendLine(CultureInfo.InvariantCulture, $"{_all.Count / length.TotalSeconds:0} requests a second");
        foreach (var (error, count) in _all.Where(outcome => outcome.Error is not null).GroupBy(outcome => $"{outcome.Verdict}: {outcome.Error}").Select(group => (group.Key, group.Count())).Take(10))
            report.AppendLine(CultureInfo.InvariantCulture, $"{count,5} x {error}");
        report.AppendLine(IsAsPromised ? "As promised: no error that another target could have prevented, no text twice." : "NOT as promised.");
        return report.ToString();
    }

    private static void Line(StringBuilder report, string name, Outcome[] outcomes)
    {
        var times = outcomes.Select(outcome => outcome.Time.TotalMilliseconds).Order().ToArray();
        var attempts = $"{Tries(1)}/{Tries(2)}/{Tries(3)}/{outcomes.Count(outcome => outcome.Attempts > 3)}";
        report.AppendLine(CultureInfo.InvariantCulture,
            $"{name,-16} {outcomes.Length,8}  {Of(Verdict.Complete),8}  {Of(Verdict.BrokenOff),10}  {Of(Verdict.Failed),6}  {Of(Verdict.Wrong),5}  {attempts,-20}  {At(0.5),7:0}  {At(0.99),7:0}  {times[^1],7:0}");

        int Of(Verdict verdict) => outcomes.Count(outcome => outcome.Verdict == verdict);
        int Tries(int number) => outcomes.Count(outcome => outcome.Attempts == number);
        double At(double part) => times[(int)((times.Length - 1) * part)];
    }
}
