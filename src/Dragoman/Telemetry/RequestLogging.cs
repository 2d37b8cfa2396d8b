using Dragoman.Configuration;

namespace Dragoman.Telemetry;

/// <summary>Gives each request its id and each answer its line in the log. Outermost, to see every outcome.</summary>
internal sealed partial class RequestLogging(RequestDelegate next, GatewayOptions options, TimeProvider time, ILoggerFactory logs)
{
    private readonly ILogger _log = logs.CreateLogger("Dragoman.Requests");
    private readonly bool _lines = options.Log.Requests;

    public async Task InvokeAsync(HttpContext http)
    {
        var telemetry = new RequestTelemetry();
        http.Features.Set(telemetry);
        http.Response.OnStarting(static state =>
        {
            // Set at the last moment, so that an error answer, which clears what was set before it, carries it too.
            var (http, id) = ((HttpContext, string))state;
            http.Response.Headers["request-id"] = id;
            return Task.CompletedTask;
        }, (http, telemetry.Id));

        var started = time.GetTimestamp();
        await next(http);
        if (_lines && _log.IsEnabled(LogLevel.Information)) Write(http, telemetry, time.GetElapsedTime(started).TotalMilliseconds);
    }

    private void Write(HttpContext http, RequestTelemetry telemetry, double elapsed)
    {
        var status = telemetry.Aborted ? StatusCodes.Status499ClientClosedRequest : http.Response.StatusCode;
        var (id, method, path, error) = (telemetry.Id, http.Request.Method, PathOf(http), telemetry.Error?.TypeName);
        if (telemetry.Model is null)
        {
            // Probes come every few seconds and say nothing; failures of theirs do.
            if (status >= 400 || !IsProbe(http.Request.Path)) Other(_log, id, method, path, status, elapsed, error);
            return;
        }

        var usage = telemetry.Usage;
        var stop = telemetry.StopReason?.ToString();
        var dropped = telemetry.Dropped.Count == 0 ? null : string.Join(", ", telemetry.Dropped);
        Answered(
            _log, id, method, path, status, elapsed, telemetry.Stream, telemetry.Model, telemetry.Backend, telemetry.UpstreamModel, telemetry.UpstreamStatus,
            usage.PromptTokens, usage.CacheReadInputTokens, usage.OutputTokens, usage.Estimated, stop, error, dropped);
    }

    private static bool IsProbe(PathString path) => path == "/healthz" || path == "/readyz" || path == "/" || path == "/api/hello";

    // The path is the caller's: cut and without line breaks, so that it cannot forge a line of its own.
    private static string PathOf(HttpContext http)
    {
        var path = http.Request.Path.ToUriComponent();
        return path.Length <= 100 ? path : path[..100];
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Information, Message =
        "{RequestId} {Method} {Path} {Status} {Milliseconds:0}ms stream={Stream} model={Model} backend={Backend} upstream_model={UpstreamModel} "
        + "upstream_status={UpstreamStatus} prompt_tokens={PromptTokens} cached_tokens={CachedTokens} output_tokens={OutputTokens} "
        + "estimated={Estimated} stop={StopReason} error={Error} dropped={Dropped}")]
    private static partial void Answered(
        ILogger log, string requestId, string method, string path, int status, double milliseconds,
        bool stream, string model, string? backend, string? upstreamModel, int? upstreamStatus,
        long promptTokens, long cachedTokens, long outputTokens, bool estimated, string? stopReason, string? error, string? dropped);

    [LoggerMessage(EventId = 11, Level = LogLevel.Information, Message = "{RequestId} {Method} {Path} {Status} {Milliseconds:0}ms error={Error}")]
    private static partial void Other(ILogger log, string requestId, string method, string path, int status, double milliseconds, string? error);
}
