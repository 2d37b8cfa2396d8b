using System.CommandLine;
using Dragoman.Configuration;

namespace Dragoman.Commands;

/// <summary><c>dragoman serve</c>, which is also what <c>dragoman</c> alone does.</summary>
internal static class ServeCommand
{
    /// <summary>The command of its own name.</summary>
    public static Command Create() => Extend(new Command("serve", "Run the gateway."));

    /// <summary>Gives a command the options and the doing of <c>serve</c>.</summary>
    public static Command Extend(Command command)
    {
        var arguments = new GatewayArguments();
        var urls = new Option<string?>("--urls")
        {
            HelpName = "URL",
            Description = $"Addresses to listen on, separated by semicolons. Default: {GatewayOptions.DefaultUrls}.",
        };
        arguments.AddTo(command);
        command.Options.Add(urls);
        command.SetAction((parsed, cancellation) =>
        {
            ConfigurationOverride[] more = parsed.GetValue(urls) is { } addresses ? [new("urls", urls.Name, options => options with { Urls = addresses })] : [];
            return RunAsync(arguments.Read(parsed, more), arguments.ModelOf(parsed), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(ConfigurationSource source, string? model, CancellationToken cancellation)
    {
        var reading = source.Read();
        await using var choice = await BackendChoice.MakeAsync(source, reading, model, cancellation);
        await using var gateway = await StartAsync(choice.Options, cancellation);
        await using var watch = source.File is null ? null : gateway.Watch(source, reading);
        await StartBanner.WriteAsync(Console.Out, gateway, choice, cancellation);
        await gateway.WaitForShutdownAsync(cancellation);
        return ExitStatus.Stopped;
    }

    private static async Task<RunningGateway> StartAsync(GatewayOptions options, CancellationToken cancellation)
    {
        try
        {
            return await GatewayApp.StartAsync(options, cancellation: cancellation);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw new CannotListenException(options.Urls, e);
        }
    }
}
