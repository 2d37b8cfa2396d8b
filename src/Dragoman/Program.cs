using System.CommandLine;
using Dragoman.Commands;

// First of all, before any socket exists: the runtime reads it once. Socket completions then run on the thread that polls (performance.md).
if (Environment.GetEnvironmentVariable("DRAGOMAN_INLINE_SCHEDULING") is not ("false" or "0" or "no" or "off"))
    Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

var root = new RootCommand("A gateway between clients of the Anthropic Messages API and models that speak OpenAI Chat Completions.");
ServeCommand.Extend(root);
root.Subcommands.Add(ServeCommand.Create());
root.Subcommands.Add(CheckCommand.Create());
root.Subcommands.Add(ClaudeCommand.Create());
root.Subcommands.Add(KeyCommand.Create());
root.Subcommands.Add(SimulateCommand.Create());

try
{
    // Signals are the host's, and failures are explained below.
    var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
    return await root.Parse(args).InvokeAsync(invocation);
}
catch (Exception e) when (ExitStatus.Explain(e, Console.Error) is { } status)
{
    return status;
}
