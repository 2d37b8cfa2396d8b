using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Dragoman.Bench.Load;

/// <summary>What was measured, as tables for people and as JSON for machines.</summary>
internal sealed class Report(IReadOnlyList<string> targets, List<Measurement> measurements, List<Footprint> footprints)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public string Text()
    {
        var text = new StringBuilder();
        Cpu(text);
        Delays(text);
        Footprint(text);
        var errors = measurements.Sum(m => m.Errors);
        if (errors > 0) text.AppendLine().AppendLine(Line($"{errors} answers FAILED; first: {measurements.First(m => m.Errors > 0).FirstError}"));
        return text.ToString();
    }

    public void WriteJson(string path) => File.WriteAllText(path, JsonSerializer.Serialize(
        new { taken = DateTime.UtcNow, processors = Environment.ProcessorCount, measurements, footprints }, Indented));

    private void Cpu(StringBuilder text)
    {
        if (measurements.Count == 0) return;
        text.AppendLine("CPU time per request of the whole server process, as a multiple of nginx's in the same round: median [min..max]");
        text.AppendLine();
        var others = targets.Where(t => t != "nginx" && measurements.Exists(m => m.Target == t)).ToList();
        text.Append($"{"",-44}{"nginx us",10}");
        foreach (var target in others) text.Append($"{target,24}");
        text.AppendLine($"{"goal",8}{"first step",12}");
        foreach (var workload in Workload.All.Where(w => measurements.Exists(m => m.Workload == w.Name)))
        {
            text.Append($"{workload.Title,-44}");
            text.Append(Of("nginx", workload) is { Count: > 0 } nginx ? Line($"{Spread.Of(nginx.Select(m => m.MicrosecondsPerRequest)).Median,10:f0}") : $"{"-",10}");
            foreach (var target in others) text.Append($"{Ratios(target, workload),24}");
            text.Append(workload.Goal is { } goal ? Line($"{goal,8:f1}") : $"{"-",8}");
            text.AppendLine(workload.FirstStepIsYarp ? $"{"YARP's",12}" : workload.FirstStep is { } step ? Line($"{step,12:f1}") : $"{"measured",12}");
        }
    }

    private string Ratios(string target, Workload workload)
    {
        var nginx = Of("nginx", workload);
        var ratios = Of(target, workload)
            .Where(m => nginx.Exists(n => n.Round == m.Round))
            .Select(m => m.MicrosecondsPerRequest / nginx.First(n => n.Round == m.Round).MicrosecondsPerRequest)
            .ToList();
        if (ratios.Count == 0) return Of(target, workload) is { Count: > 0 } own ? Line($"{Spread.Of(own.Select(m => m.MicrosecondsPerRequest)).Median:f0} us") : "-";
        var spread = Spread.Of(ratios);
        return Line($"{spread.Median:f2} [{spread.Min:f2}..{spread.Max:f2}]");
    }

    private void Delays(StringBuilder text)
    {
        foreach (var workload in Workload.All.Where(w => w.IsPaced && measurements.Exists(m => m.Workload == w.Name)))
        {
            text.AppendLine().AppendLine($"Delay of an event, {workload.Title}: microseconds from backend to client, median of the rounds");
            text.AppendLine().AppendLine($"{"",-16}{"p50",10}{"p99",10}{"max",10}{"added p50",12}{"added p99",12}{"first event p50",18}");
            var direct = Of("direct", workload);
            foreach (var target in targets.Append("direct"))
            {
                var turns = Of(target, workload);
                if (turns.Count == 0) continue;
                var (p50, p99) = (Median(turns, m => m.Delay.P50), Median(turns, m => m.Delay.P99));
                text.Append(Line($"{target,-16}{p50,10:f0}{p99,10:f0}{Median(turns, m => m.Delay.Max),10:f0}"));
                text.Append(Line($"{p50 - Median(direct, m => m.Delay.P50),12:f0}{p99 - Median(direct, m => m.Delay.P99),12:f0}"));
                text.AppendLine(Line($"{Median(turns, m => m.FirstEvent.P50),18:f0}"));
            }
            if (workload.Name == "paced-100") text.AppendLine("goal: p50 no more than nginx's, p99 below YARP's");
        }
    }

    private void Footprint(StringBuilder text)
    {
        if (footprints.Count == 0) return;
        text.AppendLine().AppendLine("Fresh process: median [min..max]").AppendLine();
        text.AppendLine($"{"",-16}{"first answer, ms",24}{"resident idle, MB",24}{"KB per open stream",24}{"MB at 500 streams",24}");
        foreach (var target in targets.Where(t => footprints.Exists(f => f.Target == t)))
        {
            var turns = footprints.FindAll(f => f.Target == target);
            text.Append($"{target,-16}{Of(turns, f => f.FirstAnswerAfter),24}{Of(turns, f => f.Idle / 1024.0),24}");
            text.AppendLine($"{Of(turns, f => f.PerStream),24}{Of(turns, f => f.At500 / 1024.0),24}");
        }
        text.AppendLine("goal: below 20 KB per stream beyond the first 100 (first step 40); native build below 40 MB idle, first answer after 60 ms");

        static string Of(List<Footprint> turns, Func<Footprint, double> value)
        {
            var spread = Spread.Of(turns.Select(value));
            return Line($"{spread.Median:f1} [{spread.Min:f1}..{spread.Max:f1}]");
        }
    }

    private List<Measurement> Of(string target, Workload workload) =>
        measurements.FindAll(m => m.Target == target && m.Workload == workload.Name && m.Requests > 0);

    private static double Median(List<Measurement> turns, Func<Measurement, double> value) =>
        turns.Count == 0 ? 0 : Spread.Of(turns.Select(value)).Median;

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

internal readonly record struct Spread(double Median, double Min, double Max)
{
    public static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return new(sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[0], sorted[^1]);
    }
}
