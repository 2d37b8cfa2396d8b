using System.Globalization;
using Dragoman.Fuzz;
using SharpFuzz;

// dragoman-fuzz json|request|answer|relay                                       fed by afl-fuzz (fuzz/README.md)
// dragoman-fuzz json|request|answer|relay --corpus DIR ... [--random SECONDS SEED]   every seed once, then mutations of them
// dragoman-fuzz json|request|answer|relay --file FILE ...                       what a crash was about
const string usage = "usage: json|request|answer|relay [--corpus DIR]... [--random SECONDS SEED] [--file FILE]... [--crashes DIR]";

if (args.Length == 0 || FuzzTarget.Named(args[0]) is not { } target)
{
    Console.Error.WriteLine(usage);
    return 2;
}
if (args.Length == 1)
{
    Fuzzer.OutOfProcess.Run(stream =>
    {
        using var input = new MemoryStream();
        stream.CopyTo(input);
        target.Run(input.GetBuffer().AsSpan(0, (int)input.Length));
    });
    return 0;
}

var run = new FuzzRun(target);
for (var i = 1; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--corpus" when i + 1 < args.Length:
            run.AddSeeds(args[++i]);
            break;
        case "--crashes" when i + 1 < args.Length:
            run.CrashFolder = args[++i];
            break;
        case "--file" when i + 1 < args.Length:
            run.Try(args[++i], File.ReadAllBytes(args[i]));
            break;
        case "--random" when i + 2 < args.Length:
            run.RunSeeds();
            run.RunMutations(TimeSpan.FromSeconds(int.Parse(args[++i], CultureInfo.InvariantCulture)), int.Parse(args[++i], CultureInfo.InvariantCulture));
            return run.Report();
        default:
            Console.Error.WriteLine(usage);
            return 2;
    }
}
run.RunSeeds();
return run.Report();
