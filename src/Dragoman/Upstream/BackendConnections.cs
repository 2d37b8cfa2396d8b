using System.Net;
using System.Net.Sockets;
using Dragoman.Configuration;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>Makes the connection pool of one backend.</summary>
internal static class BackendConnections
{
    // uvicorn (vLLM, SGLang) and llama.cpp close an unused connection after 5 s; a request sent on one that is just closing is lost.
    // (failures.md G14)
    private static readonly TimeSpan SelfRunServerIdle = TimeSpan.FromSeconds(4);

    public static HttpMessageInvoker Create(BackendOptions backend, Dialect dialect, TimeoutOptions timeouts)
    {
        var plain = backend.Url.Scheme == Uri.UriSchemeHttp;
        return new(new SocketsHttpHandler
        {
            ConnectTimeout = timeouts.Connect,
            PooledConnectionIdleTimeout = plain && dialect.PoolIdle > SelfRunServerIdle ? SelfRunServerIdle : dialect.PoolIdle,
            // Name changes are seen without a restart.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            // An answer that nobody wants any more must not be read on to keep its connection: the backend would go on generating.
            // (failures.md G11)
            ResponseDrainTimeout = TimeSpan.Zero,
            MaxResponseHeadersLength = 64,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !backend.Url.IsLoopback,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectCallback = static (context, cancellation) => ConnectAsync(context.DnsEndPoint, cancellation),
        });
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint endPoint, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // A backend that lost its power during a long prefill sends nothing any more, not even a reset.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
            await socket.ConnectAsync(endPoint, cancellation);
            return new BackendConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
