using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Dragoman.Tests.WebFetch;

/// <summary>A web site on a real socket that does as a test tells it, byte by byte. Every connection is for one request.</summary>
internal sealed class ScriptedSite : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<SiteCall, Task> _script;
    private readonly ConcurrentQueue<SiteCall> _calls = new();
    private readonly Task _accepting;
    private int _connections;

    public ScriptedSite(Func<SiteCall, Task> script, IPAddress? address = null)
    {
        _script = script;
        _listener = new(address ?? IPAddress.Loopback, 0);
        if (address is { AddressFamily: AddressFamily.InterNetworkV6 }) _listener.Server.DualMode = true;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Answers every path with the same body.</summary>
    public static ScriptedSite With(string body, string contentType = "text/html; charset=utf-8") => new(call => call.AnswerAsync(body, contentType));

    /// <summary>Everywhere on this machine, by IPv4 and IPv6: nobody must ever come.</summary>
    public static ScriptedSite Canary() => new(call => call.AnswerAsync("secret", "text/plain"), Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any);

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The site by the address it listens on.</summary>
    public string Url(string path = "/") => $"http://{((IPEndPoint)_listener.LocalEndpoint).Address}:{Port}{path}";

    /// <summary>Connections accepted so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Calls so far, robots.txt left out.</summary>
    public IReadOnlyList<SiteCall> Calls => [.. _calls];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                _ = ServeAsync(socket);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            using var reader = new StreamReader(stream, Encoding.Latin1, false, 1024, leaveOpen: true);
            if (await reader.ReadLineAsync(_stop.Token) is not { } start) return;
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                headers[line[..colon]] = line[(colon + 1)..].Trim();
            }

            var call = new SiteCall(start.Split(' ')[1], headers, stream, _stop.Token);
            if (call.Path != "/robots.txt") _calls.Enqueue(call);
            await _script(call);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The gateway has gone, which is often the point.
        }
    }
}

/// <summary>A request to the site, and the means to answer it.</summary>
internal sealed class SiteCall(string path, IReadOnlyDictionary<string, string> headers, NetworkStream stream, CancellationToken stop)
{
    public string Path => path;

    public IReadOnlyDictionary<string, string> Headers => headers;

    /// <summary>Ends with the site.</summary>
    public CancellationToken Stop => stop;

    public Task AnswerAsync(string body, string contentType = "text/html; charset=utf-8", int status = 200) => AnswerAsync(Encoding.UTF8.GetBytes(body), contentType, status);

    public async Task AnswerAsync(byte[] body, string? contentType, int status = 200, params string[] headers)
    {
        await HeadAsync(status, [.. contentType is null ? Array.Empty<string>() : [$"Content-Type: {contentType}"], $"Content-Length: {body.Length}", .. headers]);
        await WriteAsync(body);
    }

    public Task RedirectAsync(string location, int status = 302) => HeadAsync(status, $"Location: {location}", "Content-Length: 0");

    public Task HeadAsync(int status, params string[] headers) =>
        WriteAsync(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Scripted\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n")));

    public async Task WriteAsync(byte[] bytes) => await stream.WriteAsync(bytes, stop);

    /// <summary>Waits until the other side has closed.</summary>
    public async Task WaitForEndAsync()
    {
        try
        {
            _ = await stream.ReadAsync(new byte[1], stop);
        }
        catch (IOException)
        {
            // Reset: closed as well.
        }
    }
}
