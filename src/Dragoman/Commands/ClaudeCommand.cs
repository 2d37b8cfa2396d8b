using System.CommandLine;
using System.Security.Cryptography;
using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Routing;

namespace Dragoman.Commands;

/// <summary><c>dragoman claude</c>: a gateway on a free port, and Claude Code in this terminal pointed at it.</summary>
internal static class ClaudeCommand
{
    private const string FreePort = "http://127.0.0.1:0";

    public static Command Create()
    {
        var command = new Command("claude", "Run Claude Code on a backend: starts the gateway on a free port and Claude Code pointed at it.");
        var gateway = new GatewayArguments();
        var path = new Option<string?>("--claude-path") { Description = "The installed Claude Code; CLAUDE_PATH says so too. Default: claude on the search path.", HelpName = "FILE" };
        var log = new Option<string?>("--log-file") { Description = "Append the gateway's log to this file. Without it the gateway is silent: the terminal is Claude Code's.", HelpName = "FILE" };
        var arguments = new Argument<string[]>("arguments") { Description = "Claude Code's own arguments, after --.", Arity = ArgumentArity.ZeroOrMore };
        gateway.AddTo(command);
        command.Options.Add(path);
        command.Options.Add(log);
        command.Arguments.Add(arguments);
        command.SetAction(async (parsed, cancellation) =>
        {
            var program = ClaudeProgram.Find(parsed.GetValue(path));
            // Nobody but this Claude Code is told where the gateway is, and it comes without a key of the file.
            var source = gateway.Read(parsed, new ConfigurationOverride("urls", "dragoman claude", options => options with { Urls = FreePort, Keys = [], Jwt = null }));
            var error = Console.Error;
            await using var file = OpenLog(parsed.GetValue(log));
            await using var writer = new StreamWriter(file) { AutoFlush = true };
            // The console logger writes where Console.Error points when it starts; Claude Code inherits the terminal itself.
            Console.SetError(writer);
            try
            {
                return await RunAsync(program, parsed.GetValue(arguments) ?? [], source, gateway.ModelOf(parsed), error, file, cancellation);
            }
            finally
            {
                Console.SetError(error);
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(
        string program, string[] arguments, ConfigurationSource source, string? model, TextWriter error, Stream log, CancellationToken cancellation)
    {
        var reading = source.Read();
        await using var choice = await BackendChoice.MakeAsync(source, reading, model, cancellation);
        if (choice.Demonstration is not null)
            await error.WriteLineAsync("dragoman: No backend was named or found, so Claude Code talks to the built-in demonstration. Name yours with --backend URL.");
        await using var gateway = await GatewayApp.StartAsync(choice.Options, lifetime: new NoSignals(), log: log, cancellation: cancellation);
        await using var watch = source.File is null ? null : gateway.Watch(source, reading);
        return await ClaudeProgram.RunAsync(program, arguments, await EnvironmentAsync(gateway, cancellation));
    }

    private static async Task<ClaudeEnvironment> EnvironmentAsync(RunningGateway gateway, CancellationToken cancellation)
    {
        var main = await TargetAsync(gateway.Snapshots.Current.Router, ClaudeNames.Main, cancellation);
        var small = await TargetAsync(gateway.Snapshots.Current.Router, ClaudeNames.Small, cancellation);
        return new(
            gateway.Address,
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)),
            main?.Model,
            small?.Model,
            main?.Listed?.ContextWindow,
            main?.Listed?.MaxOutputTokens ?? main?.Backend.Dialects.For(main.Model).MaxOutputTokens);
    }

    /// <summary>Where a name of Claude Code's goes; null if it goes through unchanged, or if the model cannot be asked for by its own name.</summary>
    private static async Task<ModelTarget?> TargetAsync(ModelRouter router, string name, CancellationToken cancellation)
    {
        try
        {
            var target = await router.ResolveAsync(name, cancellation);
            return target.Model != name && (await router.ResolveAsync(target.Model, cancellation)).Model == target.Model ? target : null;
        }
        catch (GatewayException)
        {
            return null; // No route for it: a person's own settings have to say which model.
        }
    }

    /// <exception cref="ConfigurationException">The file cannot be written.</exception>
    private static Stream OpenLog(string? file)
    {
        if (file is null)
            return Stream.Null;
        try
        {
            // Two write: the console logger, and the request log.
            return Stream.Synchronized(new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The log file '{file}' cannot be written.");
        }
    }

    /// <summary>A host that no signal stops: it runs as long as Claude Code does.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
