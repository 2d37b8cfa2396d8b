using Dragoman.Configuration;
using Dragoman.Simulator;
using Dragoman.Upstream;

namespace Dragoman.Commands;

/// <summary>The backends a gateway runs on when nobody named one, and how they were found.</summary>
/// <param name="Options">The options, with backends.</param>
/// <param name="Found">One line for the banner.</param>
/// <param name="Demonstration">The demonstration backend, if it had to come to that; to be disposed with the gateway.</param>
internal sealed record BackendChoice(GatewayOptions Options, string Found, SimulatorServer? Demonstration) : IAsyncDisposable
{
    /// <summary>Chooses: what was asked for; else what the environment tells and what answers on the usual local ports; else the
    /// demonstration backend, so that the first command a person tries ends in an answer.</summary>
    /// <exception cref="ConfigurationException">The file, the environment or the command line says something impossible.</exception>
    public static async Task<BackendChoice> MakeAsync(ConfigurationSource source, ConfigurationReading reading, string? model, CancellationToken cancellation)
    {
        var options = reading.OptionsOrThrow();
        if (options.Backends.Count > 0) return new(options, source.File is null ? "the one given on the command line" : $"as {source.File} says", null);
        var told = options.Discovery ? KnownVendors.FromEnvironment(Environment.GetEnvironmentVariable) : [];
        var local = options.Discovery ? await LocalServers.FindAsync(LocalServers.Usual) : [];
        // A server that the environment names by its address and that also stands on a usual port is one backend, not two.
        var backends = told.Concat(local.Where(server => told.All(vendor => vendor.Url != server.Url))).ToList();
        if (backends.Count > 0)
        {
            var where = (told.Count, local.Count) switch
            {
                (_, 0) => "found in the environment",
                (0, _) => "found on this machine",
                _ => "found in the environment and on this machine",
            };
            return new(GatewayArguments.Everything(options with { Backends = backends }, model), where, null);
        }

        var demonstration = await SimulatorApp.StartAsync(new SimulatorOptions(), cancellation);
        var backend = new BackendOptions { Name = "demonstration", Url = BackendOptions.ParseUrl(demonstration.BaseAddress.ToString()) };
        const string found = "built in, since none was named or found: its answers are canned";
        return new(GatewayArguments.Everything(options with { Backends = [backend] }, model), found, demonstration);
    }

    public async ValueTask DisposeAsync()
    {
        if (Demonstration is not null) await Demonstration.DisposeAsync();
    }
}
