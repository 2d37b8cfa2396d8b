using System.CommandLine;
using Dragoman.Simulator;

namespace Dragoman.Commands;

/// <summary><c>dragoman simulate</c>: a scripted OpenAI-compatible backend, for trials, tests and load.</summary>
internal static class SimulateCommand
{
    private const string DefaultUrls = "http://127.0.0.1:4010";

    public static Command Create()
    {
        var command = new Command("simulate", "Run a scripted OpenAI-compatible backend, for trials, tests and load.");
        var urls = new Option<string>("--urls")
        {
            HelpName = "URL",
            Description = "Addresses to listen on, separated by semicolons.",
            DefaultValueFactory = _ => DefaultUrls,
        };
        var server = new Option<string>("--server") { Description = "A server to play, with its header, model list and pages.", HelpName = "NAME" };
        server.AcceptOnlyFromAmong([.. SimulatorApp.Servers]);
        command.Options.Add(urls);
        command.Options.Add(server);
        command.SetAction((parsed, cancellation) => RunAsync(
            new SimulatorOptions { Urls = parsed.GetValue(urls)!, Server = parsed.GetValue(server), Quiet = false }, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(SimulatorOptions options, CancellationToken cancellation)
    {
        Configuration.ListenAddresses.Parse(options.Urls);
        await using var simulator = await StartAsync(options, cancellation);
        Console.WriteLine($"The simulated backend listens on {simulator.BaseAddress}v1");
        Console.WriteLine("Its scenarios, by model name:");
        foreach (var (name, description) in SimulatorApp.Scenarios) Console.WriteLine($"  {name,-28} {description}");
        Console.WriteLine($"Try:  dragoman serve --backend {simulator.BaseAddress}v1");
        await simulator.WaitForShutdownAsync(cancellation);
        return ExitStatus.Stopped;
    }

    private static async Task<SimulatorServer> StartAsync(SimulatorOptions options, CancellationToken cancellation)
    {
        try
        {
            return await SimulatorApp.StartAsync(options, cancellation);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw new CannotListenException(options.Urls, e);
        }
    }
}
