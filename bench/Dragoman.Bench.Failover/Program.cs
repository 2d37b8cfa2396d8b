using System.CommandLine;
using System.Globalization;
using Dragoman.Bench.Failover;

// Three backends behind one route under load. One is killed and comes back, one refuses each conversation's first call with 429, one freezes
// for a while. Whoever calls must notice nothing but time: that is what this program checks, and its exit status says.
var program = new Option<string>("--dragoman") { Description = "The gateway: dragoman.dll.", Required = true };
var folder = new Option<string>("--folder") { Description = "Where logs and the configuration go.", DefaultValueFactory = _ => "artifacts/failover" };
var seconds = new Option<int>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 40 };
var callers = new Option<int>("--callers") { Description = "Callers at once.", DefaultValueFactory = _ => 24 };
var root = new RootCommand("Measures what callers notice while backends fail.") { program, folder, seconds, callers };
root.SetAction(async (parsed, cancellation) =>
{
    var files = Path.GetFullPath(parsed.GetValue(folder)!);
    Directory.CreateDirectory(files);
    return await RunAsync(Path.GetFullPath(parsed.GetValue(program)!), files, TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(callers), cancellation);
});
return await root.Parse(args).InvokeAsync();

static async Task<int> RunAsync(string program, string folder, TimeSpan length, int callers, CancellationToken cancellation)
{
    using var killed = Server.Simulator(program, folder, "killed");
    using var busy = Server.Simulator(program, folder, "busy");
    using var frozen = Server.Simulator(program, folder, "frozen");
    await Task.WhenAll(killed.StartAsync(cancellation), busy.StartAsync(cancellation), frozen.StartAsync(cancellation));
    var configuration = Path.Combine(folder, "dragoman.yaml");
    await File.WriteAllTextAsync(configuration, Configuration(killed, busy, frozen), cancellation);
    using var gateway = Server.Gateway(program, folder, configuration);
    await gateway.StartAsync(cancellation);

    var tally = new Tally();
    using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = gateway.Address, Timeout = TimeSpan.FromMinutes(1) };
    var calling = Enumerable.Range(0, callers).Select(number => new Caller(number, http, tally).CallUntilAsync(end.Token)).ToArray();

    (double At, string Phase, Func<Task> Do)[] events =
    [
        (0, "all serve", () => Task.CompletedTask),
        (0.2, "one is killed", killed.KillAsync),
        (0.45, "it is back", () => killed.StartAsync(cancellation)),
        (0.6, "one is frozen", () => frozen.SignalAsync("STOP")),
        (0.85, "it goes on", () => frozen.SignalAsync("CONT")),
        (1, "", () => Task.CompletedTask),
    ];
    for (var i = 0; i < events.Length - 1; i++)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds * events[i].At,5:0.0} s  {events[i].Phase}"));
        tally.Phase = events[i].Phase;
        await events[i].Do();
        await Task.Delay(length * (events[i + 1].At - events[i].At), cancellation);
    }

    await end.CancelAsync();
    await Task.WhenAll(calling);
    Console.WriteLine();
    Console.Write(tally.Report(length));
    return tally.IsAsPromised ? 0 : 1;
}

static string Configuration(Server killed, Server busy, Server frozen) => $$"""
    urls: http://127.0.0.1:0
    backends:
      killed: { url: "{{killed.Address}}v1", dialect: generic }
      busy: { url: "{{busy.Address}}v1", dialect: generic }
      frozen: { url: "{{frozen.Address}}v1", dialect: generic }
    routes:
      - model: "claude-*"
        to:
          - { backend: killed, model: sim/pace-5 }
          - { backend: busy, model: sim/error-429-then-ok }
          - { backend: frozen, model: sim/pace-5 }
    timeouts: { connect: 1s, first_event: 1s, idle: 2s }
    retry: { attempts: 6, max_retry_after: 5s }
    circuit: { open: 2s, slow_start: 3s }
    log: { requests: false }

    """;
