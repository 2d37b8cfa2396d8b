using System.Globalization;

namespace Dragoman.Bench.Load;

/// <summary>A process and all it started, as /proc tells.</summary>
internal static class ProcessTree
{
    // The unit of /proc's times is fixed in the kernel's user interface.
    private const double TicksPerSecond = 100;

    /// <summary>User and system time in seconds of all threads, of children alive and of children waited for.</summary>
    public static (double User, double System) CpuTime(int root)
    {
        double user = 0, system = 0;
        foreach (var pid in Members(root))
        {
            if (Stat(pid) is not { } fields) continue;
            user += Number(fields[11]) + Number(fields[13]);
            system += Number(fields[12]) + Number(fields[14]);
        }
        return (user / TicksPerSecond, system / TicksPerSecond);
    }

    /// <summary>Resident memory in KB, summed.</summary>
    public static long Resident(int root)
    {
        long sum = 0;
        foreach (var pid in Members(root))
        {
            try
            {
                var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
                if (line is not null) sum += long.Parse(line.AsSpan(6).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // Gone since it was listed.
            }
        }
        return sum;
    }

    private static List<int> Members(int root)
    {
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && Stat(pid) is { } fields) parents[pid] = (int)Number(fields[1]);
        }
        var members = new List<int> { root };
        for (var i = 0; i < members.Count; i++) members.AddRange(parents.Where(p => p.Value == members[i]).Select(p => p.Key));
        return members;
    }

    /// <summary>The fields of /proc/PID/stat from the state on (the name before it may hold spaces).</summary>
    private static string[]? Stat(int pid)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{pid}/stat");
            return line[(line.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static double Number(string field) => double.Parse(field, CultureInfo.InvariantCulture);
}
