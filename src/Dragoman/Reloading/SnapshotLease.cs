namespace Dragoman.Reloading;

/// <summary>Gives each request the configuration that is in force when it begins, for as long as it lasts.</summary>
internal sealed class SnapshotLease(RequestDelegate next, GatewaySnapshots snapshots)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var snapshot = snapshots.Enter();
        http.Features.Set(snapshot);
        try
        {
            await next(http);
        }
        finally
        {
            snapshot.Leave();
        }
    }
}
