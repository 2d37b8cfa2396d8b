using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Dragoman.Testing;

/// <summary>A backend on a real socket that answers, stalls or hangs up as a test tells it, byte by byte.</summary>
/// <remarks>Every <c>POST</c> runs the script; <c>GET …/models</c> is answered with <see cref="Models"/>. Nothing is paced: a test waits
/// for what it wants to see (<see cref="NextCallAsync"/>, <see cref="ScriptedCall.CallerIsGone"/>) and then lets the script go
/// on.</remarks>
public sealed class ScriptedBackend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<ScriptedCall, Task> _script;
    private readonly ConcurrentQueue<ScriptedCall> _calls = new();
    private readonly ConcurrentDictionary<Socket, byte> _open = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Task _accepting;
    private int _connections;

    public ScriptedBackend(Func<ScriptedCall, Task> script)
    {
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Answers every call alike, with a stream of these events.</summary>
    public static ScriptedBackend Streaming(params string[] events) => new(call => call.StreamAsync(events));

    /// <summary>Answers every call alike, with a whole answer.</summary>
    public static ScriptedBackend Answering(string json, int status = 200) => new(call => call.AnswerAsync(json, status));

    /// <summary>What <c>GET /v1/models</c> answers; null: 404.</summary>
    public string? Models { get; set; } = """{"object":"list","data":[{"id":"model-a","object":"model","created":1700000000,"owned_by":"scripted"}]}""";

    /// <summary>Status of that answer.</summary>
    public int ModelsStatus { get; set; } = 200;

    /// <summary>Sent as <c>Server</c> with the list of models.</summary>
    public string? ServerHeader { get; set; }

    /// <summary>The address to give to a gateway, <c>/v1</c> included.</summary>
    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1");

    /// <summary>What was called so far, lists of models left out.</summary>
    public IReadOnlyList<ScriptedCall> Calls => [.. _calls];

    /// <summary>Connections accepted so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Waits for the next call that no earlier wait has returned.</summary>
    public async Task<ScriptedCall> NextCallAsync(CancellationToken cancellation)
    {
        await _arrived.WaitAsync(cancellation);
        return _calls.ElementAt(_returned++);
    }

    private int _returned;

    /// <summary>Closes every connection that waits for its next request, as servers do with idle ones.</summary>
    public void CloseIdleConnections()
    {
        foreach (var socket in _open.Keys) socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        CloseIdleConnections();
        await _accepting;
        _stop.Dispose();
        _arrived.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                socket.NoDelay = true;
                Interlocked.Increment(ref _connections);
                _open[socket] = 0;
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
        using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            Task<byte?> first = ReadByteAsync(stream);
            while (await ReadRequestAsync(stream, first) is { } request)
            {
                first = ReadByteAsync(stream);
                var call = new ScriptedCall(request, socket, stream, first.ContinueWith(next => next.Result is null, TaskScheduler.Default));
                if (request.Method == "GET") await AnswerModelsAsync(call);
                else
                {
                    _calls.Enqueue(call);
                    _arrived.Release();
                    await _script(call);
                }

                if (call.HungUp) return;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The gateway has gone, which is often the point.
        }
        finally
        {
            _open.TryRemove(socket, out _);
        }
    }

    private Task AnswerModelsAsync(ScriptedCall call) =>
        Models is null ? call.AnswerAsync("{}", 404) : call.AnswerAsync(Models, ModelsStatus, ServerHeader is null ? [] : [("Server", ServerHeader)]);

    private static async Task<byte?> ReadByteAsync(NetworkStream stream)
    {
        var one = new byte[1];
        try
        {
            return await stream.ReadAsync(one) == 0 ? null : one[0];
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    private static async Task<ScriptedRequest?> ReadRequestAsync(NetworkStream stream, Task<byte?> first)
    {
        if (await first is not { } begin) return null;
        var head = new List<byte> { begin };
        while (!EndsInBlankLine(head))
        {
            if (await ReadByteAsync(stream) is not { } next) return null;
            head.Add(next);
        }

        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var start = lines[0].Split(' ');
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        var body = new byte[headers.TryGetValue("content-length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body);
        return new(start[0], start[1], headers, body);
    }

    private static bool EndsInBlankLine(List<byte> head) =>
        head.Count >= 4 && head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n';
}

/// <summary>What a scripted backend was sent.</summary>
public sealed record ScriptedRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>One call of a scripted backend, and the means to answer it.</summary>
public sealed class ScriptedCall
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    internal ScriptedCall(ScriptedRequest request, Socket socket, NetworkStream stream, Task<bool> closed)
    {
        Request = request;
        _socket = socket;
        _stream = stream;
        CallerIsGone = WhenClosed(closed);
    }

    /// <summary>What was asked.</summary>
    public ScriptedRequest Request { get; }

    /// <summary>Completes when the gateway closes the connection of this call before it has got its whole answer.</summary>
    public Task CallerIsGone { get; }

    internal bool HungUp { get; private set; }

    /// <summary>A whole answer with a Content-Length.</summary>
    public Task AnswerAsync(string body, int status = 200, params (string Name, string Value)[] headers) =>
        WriteAsync(Head(status, "application/json", headers) + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    /// <summary>The head of a chunked answer.</summary>
    public Task BeginAsync(int status = 200, string contentType = "text/event-stream", params (string Name, string Value)[] headers) =>
        WriteAsync(Head(status, contentType, headers) + "Transfer-Encoding: chunked\r\n\r\n");

    /// <summary>One server-sent event, in an HTTP chunk of its own as real servers do.</summary>
    public Task EventAsync(string data) => ChunkAsync($"data: {data}\n\n");

    /// <summary>One HTTP chunk.</summary>
    public Task ChunkAsync(string text) => WriteAsync($"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n");

    /// <summary>The end of a chunked answer.</summary>
    public Task EndAsync() => WriteAsync("0\r\n\r\n");

    /// <summary>A whole stream: head, the events, <c>[DONE]</c>, end.</summary>
    public async Task StreamAsync(params string[] events)
    {
        await BeginAsync();
        foreach (var data in events) await EventAsync(data);
        await EventAsync("[DONE]");
        await EndAsync();
    }

    /// <summary>The end of a stream that has begun: finish, usage, <c>[DONE]</c>.</summary>
    public async Task StreamRestAsync()
    {
        await EventAsync("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""");
        await EventAsync("""{"choices":[],"usage":{"prompt_tokens":11,"completion_tokens":2,"total_tokens":13}}""");
        await EventAsync("[DONE]");
        await EndAsync();
    }

    /// <summary>False if the gateway has taken nothing for a while: it holds the backend back.</summary>
    public bool TakesMore() => _socket.Poll(TimeSpan.FromSeconds(1), SelectMode.SelectWrite);

    /// <summary>Any bytes at all.</summary>
    public async Task WriteAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Closes the connection in order, in the middle of whatever it was.</summary>
    public void Close()
    {
        HungUp = true;
        _socket.Shutdown(SocketShutdown.Both);
        _socket.Dispose();
    }

    /// <summary>Resets the connection.</summary>
    public void Reset()
    {
        HungUp = true;
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    private static string Head(int status, string contentType, (string Name, string Value)[] headers)
    {
        var head = new StringBuilder($"HTTP/1.1 {status} Scripted\r\nContent-Type: {contentType}\r\n");
        foreach (var (name, value) in headers) head.Append(name).Append(": ").Append(value).Append("\r\n");
        return head.ToString();
    }

    private static async Task WhenClosed(Task<bool> closed)
    {
        // A next request on the same connection means that this one was answered: then this never completes.
        if (!await closed) await Task.Delay(Timeout.Infinite);
    }
}
