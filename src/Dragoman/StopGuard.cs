namespace Dragoman;

/// <summary>Lets a request in until the gateway stops, and keeps the gateway until it is over. Questions by <c>GET</c> are answered to the
/// end: one of them is whether it is ready.</summary>
internal sealed class StopGuard(RequestDelegate next, GracefulStop stop)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            await next(http);
            return;
        }

        stop.Enter();
        try
        {
            await next(http);
        }
        finally
        {
            stop.Leave();
        }
    }
}
