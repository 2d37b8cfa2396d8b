using System.Diagnostics;
using System.Globalization;

namespace Dragoman.Fuzz;

/// <summary>Fuzzing without AFL: every seed, then mutations of seeds, in one process. Failures of one kind are told once.</summary>
internal sealed class FuzzRun(FuzzTarget target)
{
    private const int LongestSeed = 128 * 1024;
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    private readonly List<(string Name, byte[] Bytes)> _seeds = [];
    private readonly Dictionary<string, int> _failures = [];
    private long _runs;

    /// <summary>Where inputs that failed are kept; null keeps none.</summary>
    public string? CrashFolder { get; set; }

    public void AddSeeds(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(target.IsSeed).Order(StringComparer.Ordinal))
            if (new FileInfo(path).Length <= LongestSeed)
                _seeds.Add((path, File.ReadAllBytes(path)));
    }

    public void RunSeeds()
    {
        foreach (var (name, bytes) in _seeds)
            Try(name, bytes);
    }

    public void RunMutations(TimeSpan time, int seed)
    {
        if (_seeds.Count == 0)
            return;
        var mutator = new Mutator(seed, [.. _seeds.Select(s => s.Bytes)]);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; Stopwatch.GetElapsedTime(started) < time; i++)
            Try(string.Create(CultureInfo.InvariantCulture, $"mutation {i} of seed {seed}"), mutator.Next());
    }

    public void Try(string name, byte[] input)
    {
        _runs++;
        var started = Stopwatch.GetTimestamp();
        try
        {
            target.Run(input);
            if (Stopwatch.GetElapsedTime(started) > Slow)
                Failed(name, input, $"slow: {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s for {input.Length} bytes", "");
        }
        catch (Exception e)
        {
            // Where it was thrown is what kind of failure it is; a broken promise is thrown here, so its words are.
            var place = e is BrokenPromiseException ? e.Message : e.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("Dragoman", StringComparison.Ordinal))?.Trim();
            Failed(name, input, $"{e.GetType().Name} {place}", e.ToString());
        }
    }

    /// <summary>0 if all went well.</summary>
    public int Report()
    {
        Console.WriteLine($"{_runs} runs, {target.Taken} of them came through whole, {_seeds.Count} seeds, {_failures.Count} kinds of failure");
        foreach (var (kind, times) in _failures)
            Console.WriteLine($"  {times} x {kind}");
        return _failures.Count == 0 ? 0 : 1;
    }

    private void Failed(string name, byte[] input, string kind, string detail)
    {
        _failures[kind] = _failures.GetValueOrDefault(kind) + 1;
        if (_failures[kind] > 1)
            return;
        Console.WriteLine($"{name}: {kind}\n{detail}");
        if (CrashFolder is null)
            return;
        Directory.CreateDirectory(CrashFolder);
        File.WriteAllBytes(Path.Combine(CrashFolder, string.Create(CultureInfo.InvariantCulture, $"{_failures.Count:d3}.bin")), input);
    }
}
