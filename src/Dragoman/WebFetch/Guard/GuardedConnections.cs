using System.Net;
using System.Net.Sockets;
using Dragoman.Configuration;

namespace Dragoman.WebFetch.Guard;

/// <summary>Addresses of a host, in the order in which they should be tried.</summary>
internal delegate Task<IPAddress[]> ResolveHost(string host, CancellationToken cancellation);

/// <summary>Connections that lead nowhere but where <see cref="AddressGuard"/> allows.</summary>
/// <remarks>The address is judged here, between the one resolution and the connection made to its very result: a check before the request
/// would be one of another answer of the name server.</remarks>
internal static class GuardedConnections
{
    private const int MostAddresses = 4;

    /// <summary>What requests are sent through: no proxy, no cookies, no credentials, no redirects of its own.</summary>
    /// <param name="options">Time-outs and sizes.</param>
    /// <param name="guard">Judges addresses and ports.</param>
    /// <param name="resolve">Resolves names; null: the system does.</param>
    public static HttpMessageInvoker Open(WebFetchOptions options, AddressGuard guard, ResolveHost? resolve)
    {
        resolve ??= Dns.GetHostAddressesAsync;
        return new(new SocketsHttpHandler
        {
            // A proxy of the environment would connect for us, to whatever it likes.
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PreAuthenticate = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = options.ConnectTimeout,
            MaxResponseHeadersLength = Math.Max(1, options.MaxHeaderBytes / 1024),
            // What is left of an answer is nobody's business: the connection is closed instead.
            MaxResponseDrainSize = 0,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
            // A name may lead elsewhere by then.
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            // Strangers need not know our traces.
            ActivityHeadersPropagator = null,
            ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, guard, resolve, options.ConnectTimeout, cancellation),
        });
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, AddressGuard guard, ResolveHost resolve, TimeSpan timeout, CancellationToken cancellation)
    {
        if (!guard.AllowsPort(target.Port)) throw new FetchException(FetchError.UrlNotAllowed, "The URL's port may not be connected to.");
        var addresses = await AddressesAsync(target.Host, resolve, cancellation);
        // One that is not allowed spoils all: whoever answers so wants us to try them one after the other.
        foreach (var address in addresses)
        {
            if (!guard.Allows(address, target.Host)) throw new FetchException(FetchError.UrlNotAllowed, "The URL leads to an address that may not be connected to.");
        }

        var tried = addresses.AsMemory(0, Math.Min(addresses.Length, MostAddresses));
        for (var i = 0; i < tried.Length; i++)
        {
            if (await TryConnectAsync(new(tried.Span[i], target.Port), timeout / tried.Length, cancellation) is { } connection) return connection;
        }

        throw new FetchException(FetchError.UrlNotAccessible, "The server cannot be connected to.");
    }

    private static async Task<IPAddress[]> AddressesAsync(string host, ResolveHost resolve, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var literal)) return [literal.IsIPv4MappedToIPv6 ? literal.MapToIPv4() : literal];
        try
        {
            var addresses = await resolve(host, cancellation);
            // Mapped ones are IPv4 addresses; a socket for IPv6 alone does not take them.
            if (addresses.Length > 0) return Array.ConvertAll(addresses, address => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        }
        catch (SocketException)
        {
            // Told below: unknown, or no answer.
        }

        throw new FetchException(FetchError.UrlNotAccessible, "The URL's host is unknown.");
    }

    private static async Task<Stream?> TryConnectAsync(IPEndPoint address, TimeSpan timeout, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(timeout);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, patience.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
