using Dragoman.Simulator.Endpoints;
using Dragoman.Simulator.Journal;
using Dragoman.Simulator.Scenarios;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Dragoman.Simulator;

/// <summary>The scripted OpenAI-compatible backend. The <c>model</c> of a request selects what happens: <c>docs/simulator.md</c>.</summary>
public static class SimulatorApp
{
    /// <summary>All scenarios in the order of their catalogue, as name and one-line description.</summary>
    public static IReadOnlyList<(string Name, string Description)> Scenarios { get; } = [.. ScenarioCatalogue.All.Select(s =>
            (s.Name, s.Description))];

    /// <summary>What <see cref="SimulatorOptions.Server"/> may name.</summary>
    public static IReadOnlyList<string> Servers { get; } = [.. ServerPersona.All.Select(p => p.Name)];

    /// <summary>Starts listening. The server is independent of the process around it: no configuration file, environment variable or signal reaches it.</summary>
    /// <exception cref="ArgumentException">The options name a server that cannot be played.</exception>
    /// <exception cref="IOException">An address is in use.</exception>
    public static async Task<SimulatorServer> StartAsync(SimulatorOptions options, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var persona = ServerPersona.Find(options.Server) ?? throw new ArgumentException(
            $"No server named '{options.Server}' can be played. There are: {string.Join(", ", Servers)}.",
                nameof(options));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        // Scripts never block, and a hop less per event keeps the backend's cost out of measurements.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        var app = builder.Build();
        foreach (var url in options.Urls.Split(';',
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)) app.Urls.Add(url);
        var journal = new RequestJournal(options.JournalSize, options.JournalBytes);
        app.Run(new BackendEndpoints(options, persona, journal).HandleAsync);
        try
        {
            await app.StartAsync(ct);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new SimulatorServer(app, journal);
    }
}
