using System.Globalization;
using Dragoman.Bench.Wire;

namespace Dragoman.Bench.Load;

/// <param name="Window">Measured time of one turn.</param>
/// <param name="WarmUp">Longest unmeasured load on each target before a workload's first round; it ends earlier when the target has settled.</param>
internal sealed record SuiteOptions(
    IReadOnlyList<Target> Targets, IReadOnlyList<string> Workloads, int Rounds, TimeSpan Window, TimeSpan WarmUp);

/// <summary>Runs the workloads: all targets stay started, and take turns in every round, so that what else
/// happens on the machine meets them alike.</summary>
internal sealed class Suite(SuiteOptions options, Workshop workshop) : IDisposable
{
    public const string FootprintName = "footprint";

    /// <summary>Past the target, straight to the backend: what delay the measuring itself adds.</summary>
    private static readonly Target Direct = new("direct", Api.ChatCompletions, (_, _, _) => throw new InvalidOperationException());

    private static readonly Conversation SmallQuestion = Conversation.Small();

    private readonly RunningServer _backend = RunningServer.StartBackend(workshop);
    private readonly HttpClient _control = new();
    private readonly List<(Target Target, RunningServer Server)> _running = [];

    public List<Measurement> Measurements { get; } = [];

    public List<Footprint> Footprints { get; } = [];

    public void Run()
    {
        var workloads = Workload.All.Where(w => options.Workloads.Contains(w.Name)).ToList();
        if (workloads.Count > 0)
        {
            StartTargets();
            foreach (var workload in workloads) Measure(workload);
            StopTargets();
        }
        if (options.Workloads.Contains(FootprintName)) MeasureFootprints();
    }

    public void Dispose()
    {
        StopTargets();
        _backend.Dispose();
        _control.Dispose();
    }

    private void StartTargets()
    {
        Answer("small", 0);
        foreach (var target in options.Targets)
        {
            if (Start(target) is { } server) _running.Add((target, server));
        }
    }

    private RunningServer? Start(Target target)
    {
        try
        {
            return RunningServer.Start(target, _backend.Port, workshop, SmallQuestion);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            Console.Error.WriteLine($"{target.Name} is left out: {e.Message} (see {workshop.Path(target.Name + ".log")})");
            return null;
        }
    }

    private void StopTargets()
    {
        foreach (var (_, server) in _running) server.Dispose();
        _running.Clear();
    }

    private void Measure(Workload workload)
    {
        Console.Error.WriteLine($"{workload.Name}: {workload.Title}");
        var conversation = workload.Conversation();
        var script = AnswerScript.Named(workload.Script);
        List<(Target Target, RunningServer Server)> targets = [.. _running];
        if (workload.IsPaced) targets.Add((Direct, _backend));
        var requests = targets.ConvertAll(t => conversation.Request(t.Target.Api, t.Server.Port));

        for (var i = 0; i < targets.Count; i++)
        {
            Answer(workload.Script, workload.Interval);
            WarmUp(workload, script, targets[i].Target, targets[i].Server, requests[i]);
        }
        for (var round = 0; round < options.Rounds; round++)
        {
            for (var i = 0; i < targets.Count; i++)
            {
                // Each round begins with another target: none always comes first.
                var at = (i + round) % targets.Count;
                Answer(workload.Script, workload.Interval);
                Measurements.Add(Measure(workload, script, targets[at].Target, targets[at].Server, requests[at], round));
            }
        }
    }

    /// <summary>Loads a target until its CPU time for an event, or a whole answer, no longer falls: code that is compiled while it runs gets faster for
    /// some thousand requests, and what it costs to compile it is not what a request costs.</summary>
    private void WarmUp(Workload workload, AnswerScript script, Target target, RunningServer server, byte[] request)
    {
        const int settled = 4;
        const int leastAnswers = 10_000;
        using var turn = new LoadTurn(server.Port, request, script, target.Api);
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        turn.Record.IsMeasuring = true;
        turn.Run(workload.Concurrency, Ramp(workload), Ramp(workload));
        var (least, since, time) = (double.MaxValue, 0, TimeSpan.Zero);
        for (; (since < settled || turn.Record.Answers < leastAnswers || time < options.WarmUp / 3) && time < options.WarmUp; since++)
        {
            var (before, done) = (ProcessTree.CpuTime(server.Id), turn.Record.Events + turn.Record.Answers);
            turn.Run(workload.Concurrency, TimeSpan.Zero, TimeSpan.FromSeconds(1));
            var after = ProcessTree.CpuTime(server.Id);
            var cost = (after.User + after.System - before.User - before.System) / Math.Max(1, turn.Record.Events + turn.Record.Answers - done);
            if (cost < 0.95 * least) since = -1;
            least = Math.Min(least, cost);
            time = System.Diagnostics.Stopwatch.GetElapsedTime(started);
        }
        turn.Drain();
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {target.Name} settled after {time.TotalSeconds:f0} s and {turn.Record.Answers} answers"));
    }

    private Measurement Measure(Workload workload, AnswerScript script, Target target, RunningServer server, byte[] request, int round)
    {
        using var turn = new LoadTurn(server.Port, request, script, target.Api);
        turn.Run(workload.Concurrency, Ramp(workload), Ramp(workload) + TimeSpan.FromMilliseconds(200));
        turn.Record.IsMeasuring = true;
        var before = ProcessTree.CpuTime(server.Id);
        var startedAt = System.Diagnostics.Stopwatch.GetTimestamp();
        turn.Run(workload.Concurrency, TimeSpan.Zero, options.Window);
        var after = ProcessTree.CpuTime(server.Id);
        var seconds = System.Diagnostics.Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        turn.Record.IsMeasuring = false;
        turn.Drain();

        var record = turn.Record;
        // Paced answers are longer than the measured time: those cut by its ends count by their events.
        var answers = workload.IsPaced ? (double)record.Events / script.Events.Count : record.Answers;
        var measurement = new Measurement(
            target.Name, workload.Name, round, answers, seconds, after.User - before.User, after.System - before.System,
            record.Delays, record.FirstEvents, record.Gaps, record.Errors, record.FirstError);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  round {round + 1} {target.Name,-12} {measurement.MicrosecondsPerRequest,10:f1} us/request  {answers / seconds,8:f0} requests/s")
            + (record.Errors > 0 ? $"  {record.Errors} ERRORS: {record.FirstError}" : ""));
        return measurement;
    }

    /// <summary>Paced streams begin spread over one answer's length, as callers do who know nothing of each other.</summary>
    private static TimeSpan Ramp(Workload workload) => workload.IsPaced
        ? TimeSpan.FromMilliseconds(workload.Interval * AnswerScript.Named(workload.Script).Events.Count)
        : TimeSpan.FromMilliseconds(200);

    private void MeasureFootprints()
    {
        Console.Error.WriteLine($"{FootprintName}: start, idle memory, memory of open streams");
        var conversation = Conversation.OfSize(40_000);
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var target in options.Targets)
            {
                Answer("small", 0);
                using var server = Start(target);
                if (server is null) continue;
                Thread.Sleep(1000);
                var idle = ProcessTree.Resident(server.Id);

                // Code that runs for the first time is memory, too, and not a stream's.
                Answer("paced-200", 0);
                using (var warmUp = new LoadTurn(server.Port, conversation.Request(target.Api, server.Port), AnswerScript.Named("paced-200"), target.Api))
                {
                    warmUp.Run(16, TimeSpan.Zero, TimeSpan.FromSeconds(8));
                    warmUp.Drain();
                }

                // A tenth of the usual pace: memory is wanted, not a queue for the processor.
                Answer("paced-200", 100);
                using var turn = new LoadTurn(server.Port, conversation.Request(target.Api, server.Port), AnswerScript.Named("paced-200"), target.Api);
                var opening = TimeSpan.FromSeconds(2);
                turn.Run(100, opening, opening + TimeSpan.FromSeconds(4));
                var at100 = ProcessTree.Resident(server.Id);
                turn.Run(500, opening, opening + TimeSpan.FromSeconds(4));
                var at500 = ProcessTree.Resident(server.Id);
                var footprint = new Footprint(target.Name, round, server.FirstAnswerAfter.TotalMilliseconds, idle, at100, at500);
                Footprints.Add(footprint);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"  round {round + 1} {target.Name,-12} first answer {footprint.FirstAnswerAfter:f0} ms, idle {idle / 1024.0:f1} MB, ")
                    + string.Create(CultureInfo.InvariantCulture, $"per stream {footprint.PerStream:f1} KB")
                    + (turn.Record.Errors > 0 ? $"  {turn.Record.Errors} ERRORS: {turn.Record.FirstError}" : ""));
            }
        }
    }

    private void Answer(string script, int interval) =>
        _control.PostAsync($"http://127.0.0.1:{_backend.Port}/bench/answer/{script}/{interval}", content: null).GetAwaiter().GetResult()
            .EnsureSuccessStatusCode().Dispose();
}
