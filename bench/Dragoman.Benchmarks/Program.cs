// The translators alone. "budgets" measures what they allocate against bench/budgets.json in a few seconds, "times" looks at
// their times in half a minute; anything else is BenchmarkDotNet's.
using BenchmarkDotNet.Running;
using Dragoman.Benchmarks;

if (args is ["budgets", ..]) return AllocationReport.Print(args.Length > 1 ? args[1] : "bench/budgets.json");
if (args is ["times"]) return TimeReport.Print();

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
