// The translators alone. "budgets" measures what they allocate against bench/budgets.json in a few seconds; anything else is BenchmarkDotNet's.
using BenchmarkDotNet.Running;
using Dragoman.Benchmarks;

if (args is ["budgets", ..]) return AllocationReport.Print(args.Length > 1 ? args[1] : "bench/budgets.json");

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
