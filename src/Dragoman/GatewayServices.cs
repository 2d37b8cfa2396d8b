using Dragoman.Accounting;
using Dragoman.Configuration;
using Dragoman.Documents;
using Dragoman.Endpoints;
using Dragoman.RateLimiting;
using Dragoman.Reloading;
using Dragoman.Telemetry;
using Dragoman.TokenCounting;
using Microsoft.Extensions.Logging.Console;

namespace Dragoman;

/// <summary>What the gateway is made of, stage by stage.</summary>
internal static class GatewayServices
{
    // Streams get their error event when the grace time is over; this is for it to reach them.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    public static void AddGateway(this IServiceCollection services, GatewayOptions options, TimeProvider time, Stream? log)
    {
        services.AddSingleton(options);
        services.AddSingleton(time);
        services.AddRoutingCore();
        services.AddLogging(logging => ConfigureLogging(logging, options.Log));
        if (options.Log.Requests) services.AddSingleton(_ => new RequestLog(options.Log, time, log ?? Console.OpenStandardError()));
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Timeouts.Shutdown + LastWords);
        if (options.AllowedOrigins.Count > 0)
            services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins([.. options.AllowedOrigins]).AllowAnyHeader().AllowAnyMethod()));
        services.AddSingleton(_ => new TokenCounter(options.TokenCounting));
        services.AddSingleton(_ => new PdfText(options.Pdf));
        services.AddSingleton<GracefulStop>();
        services.AddHostedService(provider => provider.GetRequiredService<GracefulStop>());
        services.AddSingleton(provider => LimitStores.Open(options.LimitStore, time, provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<GatewaySnapshots>();
        services.AddSingleton<AccountLog>();
        services.AddSingleton<ConfigurationStatus>();
        services.AddSingleton<HealthEndpoints>();
    }

    private static void ConfigureLogging(ILoggingBuilder logging, LogOptions options)
    {
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("Dragoman", LogLevel.Information);
        // A failed start is told in one sentence by the program itself.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        // It would give each request an activity and a log scope of its own; what it logs, RequestLog and ErrorAnswering do.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // Standard output is for the start banner, and for whoever pipes it.
        logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (options.Json)
        {
            logging.AddJsonConsole(json => json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ");
            logging.Services.Configure<JsonConsoleFormatterOptions>(json => json.UseUtcTimestamp = true);
        }
        else
        {
            logging.AddSimpleConsole(text =>
            {
                text.SingleLine = true;
                text.TimestampFormat = "HH:mm:ss.fff ";
                text.ColorBehavior = LoggerColorBehavior.Disabled;
            });
        }
    }
}
