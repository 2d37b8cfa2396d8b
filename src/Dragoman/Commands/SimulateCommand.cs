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
        var urls = new Option<string>("--urls") { Description = "Addresses to listen on, separated by semicolons.", HelpName = "URL", DefaultValueFactory = _ => DefaultUrls };
        command.Options.Add(urls);
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(urls)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string urls, CancellationToken cancellation)
    {
        Configuration.ListenAddresses.Parse(urls);
        await using var simulator = await StartAsync(urls, cancellation);
        Console.WriteLine($"The simulated backend listens on {simulator.BaseAddress}v1");
        Console.WriteLine("Its scenarios, by model name:");
        foreach (var (name, description) in SimulatorApp.Scenarios) Console.WriteLine($"  {name,-28} {description}");
        Console.WriteLine($"Try:  dragoman serve --backend {simulator.BaseAddress}v1");
        await simulator.WaitForShutdownAsync(cancellation);
        return ExitStatus.Stopped;
    }

    private static async Task<SimulatorServer> StartAsync(string urls, CancellationToken cancellation)
    {
        try
        {
            return await SimulatorApp.StartAsync(new SimulatorOptions { Urls = urls, Quiet = false }, cancellation);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw new CannotListenException(urls, e);
        }
    }
}
