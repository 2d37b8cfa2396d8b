using Dragoman.Authentication;
using Dragoman.Browsers;
using Dragoman.Configuration;
using Dragoman.Endpoints;
using Dragoman.Errors;
using Dragoman.Reloading;
using Dragoman.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Dragoman;

/// <summary>The gateway: the pipeline, in the order in which a request meets it.</summary>
internal static class GatewayApp
{
    /// <summary>Starts listening. <see cref="RunningGateway.Address"/> tells where, also if port 0 was asked for.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="time">The clock; null takes the system's.</param>
    /// <param name="lifetime">What ends it; null: signals do.</param>
    /// <param name="log">Takes the lines of the request log; null: standard error does.</param>
    /// <param name="cancellation">Gives the start up.</param>
    /// <exception cref="ConfigurationException">The options contradict each other.</exception>
    /// <exception cref="IOException">An address cannot be listened on.</exception>
    public static async Task<RunningGateway> StartAsync(
        GatewayOptions options, TimeProvider? time = null, IHostLifetime? lifetime = null, Stream? log = null, CancellationToken cancellation = default)
    {
        GatewayValidation.Check(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlocks>();
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = options.InlineScheduling);
        builder.Services.Configure<KestrelServerOptions>(kestrel => ConfigureKestrel(kestrel, options.Limits));
        builder.Services.AddGateway(options, time ?? TimeProvider.System, log);
        if (lifetime is not null) builder.Services.AddSingleton(lifetime);
        var app = builder.Build();
        foreach (var address in ListenAddresses.Parse(options.Urls)) app.Urls.Add(address);

        app.UseMiddleware<RequestLogging>();  // Outermost, to see every outcome.
        app.UseMiddleware<ErrorAnswering>();  // Next, so that refusals below are answered in the API's words too.
        app.UseMiddleware<StopGuard>();       // Who comes too late is told so.
        app.UseMiddleware<SnapshotLease>();   // What follows sees one configuration, from first to last byte.
        app.UseMiddleware<BrowserGuard>();    // Before anything looks at the request any closer.
        if (options.AllowedOrigins.Count > 0) app.UseCors();
        app.UseRouting();
        app.UseMiddleware<CallerAuthentication>();  // Behind routing, which knows what is open to everyone.
        foreach (var prefix in options.Prefixes) Map(app, prefix.TrimEnd('/'));

        try
        {
            await app.StartAsync(cancellation);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new(app, app.Services.GetRequiredService<GatewaySnapshots>());
    }

    private static void Map(WebApplication app, string prefix)
    {
        var health = app.Services.GetRequiredService<HealthEndpoints>();
        string[] probe = [HttpMethods.Get, HttpMethods.Head];
        // Cast to RequestDelegate: the request-delegate generator and a JSON context do not see each other.
        app.MapPost(prefix + "/v1/messages", (RequestDelegate)MessagesEndpoint.HandleAsync);
        app.MapPost(prefix + "/v1/messages/count_tokens", (RequestDelegate)CountTokensEndpoint.HandleAsync);
        app.MapGet(prefix + "/v1/models", (RequestDelegate)ModelsEndpoint.ListAsync);
        app.MapGet(prefix + "/v1/models/{**id}", (RequestDelegate)ModelsEndpoint.GetAsync);
        app.MapMethods(prefix + "/", probe, (RequestDelegate)HealthEndpoints.HelloAsync).WithMetadata(OpenToEveryone.Mark);
        app.MapMethods(prefix + "/api/hello", probe, (RequestDelegate)HealthEndpoints.HelloAsync).WithMetadata(OpenToEveryone.Mark);
        app.MapMethods(prefix + "/healthz", probe, (RequestDelegate)HealthEndpoints.AliveAsync).WithMetadata(OpenToEveryone.Mark);
        app.MapMethods(prefix + "/readyz", probe, (RequestDelegate)health.ReadyAsync).WithMetadata(OpenToEveryone.Mark);
    }

    private static void ConfigureKestrel(KestrelServerOptions kestrel, LimitOptions limits)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestHeadersTotalSize = limits.HeaderBytes;
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
        // RequestBody has a limit of its own, which answers in the API's words.
        kestrel.Limits.MaxRequestBodySize = null;
        // A caller that reads slowly, or sleeps, holds the backend back and is not cut off for it; only one that reads nothing for the idle
        // time-out is.
        kestrel.Limits.MinResponseDataRate = null;
    }
}
