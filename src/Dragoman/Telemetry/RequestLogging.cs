using Dragoman.Accounting;

namespace Dragoman.Telemetry;

/// <summary>Gives each request its id and each answer its line in the log. Outermost, to see every outcome.</summary>
/// <param name="next">What answers.</param>
/// <param name="time">The clock.</param>
/// <param name="accounts">Take theirs.</param>
/// <param name="log">Takes the lines; null: none are wanted.</param>
internal sealed class RequestLogging(RequestDelegate next, TimeProvider time, AccountLog accounts, RequestLog? log = null)
{
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
        log?.Add(http, telemetry, time.GetElapsedTime(started).TotalMilliseconds);
        accounts.Add(http, telemetry, started);
    }
}
