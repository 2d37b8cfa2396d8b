using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Dragoman.Simulator.Replies;

/// <summary>Plays a <see cref="Reply"/> on a connection.</summary>
internal static class ReplyWriter
{
    /// <summary>Time for what was sent to arrive before a break. A reset throws away what the other side has not read yet.</summary>
    private static readonly TimeSpan BeforeBreak = TimeSpan.FromMilliseconds(30);

    public static async Task WriteAsync(HttpContext http, Reply reply, TimeSpan pace, CancellationToken gone)
    {
        var response = http.Response;
        response.StatusCode = reply.Status;
        if (reply.ContentType is { } type) response.ContentType = type;
        foreach (var (name, value) in reply.Headers) response.Headers.Append(name, value);
        switch (reply.Delivery)
        {
            case Delivery.Sized:
                response.ContentLength = reply.Steps.OfType<Step.Send>().Sum(s => (long)s.Bytes.Length);
                break;
            case Delivery.Framed:
                // Kestrel leaves the body alone when the application says that it frames it.
                response.Headers.TransferEncoding = "chunked";
                break;
            case Delivery.UntilClose:
                response.Headers.TransferEncoding = "identity";
                response.Headers.Connection = "close";
                break;
        }

        foreach (var step in reply.Steps) await PlayAsync(http, step, pace, gone);
    }

    private static async Task PlayAsync(HttpContext http, Step step, TimeSpan pace, CancellationToken gone)
    {
        switch (step)
        {
            case Step.Send send:
                await http.Response.BodyWriter.WriteAsync(send.Bytes, gone);
                if (send.Paced && pace > TimeSpan.Zero) await Task.Delay(pace, gone);
                break;
            case Step.SendHeaders:
                await http.Response.StartAsync(gone);
                await http.Response.BodyWriter.FlushAsync(gone);
                break;
            case Step.Wait wait:
                await Task.Delay(wait.Time, gone);
                break;
            case Step.Silence:
                await Task.Delay(Timeout.Infinite, gone);
                break;
            case Step.Forever forever:
                while (true)
                {
                    gone.ThrowIfCancellationRequested();
                    await http.Response.BodyWriter.WriteAsync(forever.Bytes, gone);
                    if (forever.Every > TimeSpan.Zero) await Task.Delay(forever.Every, gone);
                    else await Task.Yield(); // A write that never waits would keep the poller's thread.
                }

            case Step.Beat beat:
                await PlayBeatAsync(http, beat, gone);
                break;
            case Step.Reset:
                await Task.Delay(BeforeBreak, gone);
                throw new BreakConnectionException();
            case Step.HangUp:
                await Task.Delay(BeforeBreak, gone);
                http.Features.Get<IConnectionSocketFeature>()!.Socket.Shutdown(SocketShutdown.Send);
                await Task.Delay(BeforeBreak, CancellationToken.None);
                throw new BreakConnectionException();
        }
    }

    private static async Task PlayBeatAsync(HttpContext http, Step.Beat beat, CancellationToken gone)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < beat.Items.Count; i++)
        {
            var early = beat.Every * i - Stopwatch.GetElapsedTime(start);
            if (early >= TimeSpan.FromMilliseconds(1)) await Task.Delay(early, gone);
            await http.Response.BodyWriter.WriteAsync(beat.Items[i], gone);
        }
    }
}

/// <summary>The script says that the connection breaks here.</summary>
internal sealed class BreakConnectionException : Exception;
