// Measures servers that stand between callers and a backend; see docs/benchmarks.md. Started by bench/run.
using System.CommandLine;
using Dragoman.Bench.Load;

var folder = new Option<string>("--folder") { Description = "where logs and results go", DefaultValueFactory = _ => "artifacts/bench" };
var forwarder = new Option<string>("--forwarder") { Description = "the YARP forwarder's program", Required = true };
var backend = new Option<string>("--backend-program") { Description = "the backend's program", Required = true };
var dragoman = new Option<string>("--dragoman") { Description = "Dragoman's program: a .dll, or a native executable", Required = true };
var also = new Option<string[]>("--also") { Description = "a further build to compare, NAME=PROGRAM; may be repeated" };
var dragomanArguments = new Option<string>("--dragoman-args") { Description = "further arguments of dragoman serve, in one string" };
var targets = new Option<string>("--targets") { Description = "which of nginx,yarp,dragoman", DefaultValueFactory = _ => "nginx,yarp,dragoman" };
var workloads = new Option<string[]>("--workload")
{
    Description = $"one of {string.Join(", ", Workload.All.Select(w => w.Name))}, {Suite.FootprintName}; may be repeated; default all",
};
var rounds = new Option<int?>("--rounds") { Description = "how often the targets take turns; default 3, with --quick 1" };
var seconds = new Option<double?>("--seconds") { Description = "measured time of one turn; default 4, with --quick 1.5" };
var quick = new Option<bool>("--quick") { Description = "a glance: one short round; too short to judge tenths" };

var root = new RootCommand("CPU time per request, delay and memory: nginx and YARP forwarding, Dragoman translating, in turns on one machine.")
{
    folder, forwarder, backend, dragoman, also, dragomanArguments, targets, workloads, rounds, seconds, quick,
};
root.SetAction(arguments =>
{
    var more = arguments.GetValue(dragomanArguments)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
    var known = new Dictionary<string, Target>
    {
        ["nginx"] = Target.Nginx,
        ["yarp"] = Target.Yarp,
        ["dragoman"] = Target.Dragoman("dragoman", Path.GetFullPath(arguments.GetRequiredValue(dragoman)), more),
    };
    var chosen = new List<Target>();
    foreach (var name in arguments.GetRequiredValue(targets).Split(',', StringSplitOptions.RemoveEmptyEntries))
    {
        if (!known.TryGetValue(name, out var target)) return Refuse($"no target is named '{name}'; there are {string.Join(", ", known.Keys)}");
        chosen.Add(target);
    }
    foreach (var build in arguments.GetValue(also) ?? [])
    {
        if (build.Split('=', 2) is not [var name, var program]) return Refuse($"--also wants NAME=PROGRAM, not '{build}'");
        chosen.Add(Target.Dragoman(name, Path.GetFullPath(program), more));
    }
    string[] all = [.. Workload.All.Select(w => w.Name), Suite.FootprintName];
    var wanted = arguments.GetValue(workloads) is { Length: > 0 } some ? some : all;
    if (wanted.Except(all).FirstOrDefault() is { } unknown) return Refuse($"no workload is named '{unknown}'; there are {string.Join(", ", all)}");

    var isQuick = arguments.GetValue(quick);
    var options = new SuiteOptions(
        chosen, wanted, arguments.GetValue(rounds) ?? (isQuick ? 1 : 3),
        Window: TimeSpan.FromSeconds(arguments.GetValue(seconds) ?? (isQuick ? 1.5 : 4)),
        WarmUp: TimeSpan.FromSeconds(isQuick ? 10 : 30));
    var workshop = new Workshop(
        Path.GetFullPath(arguments.GetRequiredValue(folder)),
        Path.GetFullPath(arguments.GetRequiredValue(forwarder)),
        Path.GetFullPath(arguments.GetRequiredValue(backend)));
    Directory.CreateDirectory(workshop.Folder);
    foreach (var log in Directory.EnumerateFiles(workshop.Folder, "*.log")) File.Delete(log);

    using var suite = new Suite(options, workshop);
    suite.Run();
    var report = new Report([.. chosen.Select(t => t.Name)], suite.Measurements, suite.Footprints);
    Console.WriteLine();
    Console.Write(report.Text());
    File.WriteAllText(workshop.Path("results.txt"), report.Text());
    report.WriteJson(workshop.Path("results.json"));
    Console.WriteLine($"\nresults: {workshop.Path("results.json")}");
    return suite.Measurements.Exists(m => m.Errors > 0) ? 1 : 0;

    static int Refuse(string reason)
    {
        Console.Error.WriteLine(reason);
        return 1;
    }
});
return root.Parse(args).Invoke();
