using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Dragoman.Bench.Wire;

namespace Dragoman.Bench.Backend;

/// <summary>Accepts, reads requests, answers by script; a paced answer's events go out when they are due.</summary>
internal sealed class BackendLoop : IDisposable
{
    private const int ListenerKey = -1;

    private readonly EventLoop _loop = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<BackendConnection?> _connections = [];
    private readonly Stack<int> _freeKeys = new();
    private readonly List<BackendConnection> _paced = [];
    private readonly byte[] _buffer = new byte[256 * 1024];

    private AnswerScript _script = AnswerScript.Named("small");
    private long _interval;
    private bool _isRequestChecked;
    private long _requests, _shortest = long.MaxValue, _longest;

    public BackendLoop(int port)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen(1024);
        _loop.Add(_listener, ListenerKey);
    }

    public void Run()
    {
        while (true)
        {
            var ready = _loop.Wait(_paced.Count > 0 ? 1 : 1000);
            for (var i = 0; i < ready; i++)
            {
                var key = _loop[i];
                if (key == ListenerKey) Accept();
                else if (_connections[key] is { } connection) Serve(connection);
            }
            if (_paced.Count > 0) SendDue();
        }
    }

    /// <summary>Answers a request whose body has been read to its end.</summary>
    public void Answer(BackendConnection connection, string target, ReadOnlySpan<byte> body, long bodyLength)
    {
        if (target.StartsWith("/bench/", StringComparison.Ordinal))
        {
            connection.Send(Control(target));
        }
        else if (target.EndsWith("/models", StringComparison.Ordinal))
        {
            connection.Send(Json($$"""{"object":"list","data":[{"id":"{{AnswerScript.Model}}","object":"model","created":1763800000,"owned_by":"bench"}]}"""));
        }
        else if (!_isRequestChecked && !IsCompletionRequest(body))
        {
            connection.Send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8);
        }
        else
        {
            _isRequestChecked = true;
            _requests++;
            _shortest = Math.Min(_shortest, bodyLength);
            _longest = Math.Max(_longest, bodyLength);
            if (_interval == 0) connection.Send(_script.Bulk);
            else connection.StartPacing(_script, _interval, _paced);
        }
    }

    /// <summary>The first request after a script was chosen is read as JSON: a load of nonsense must not look fast.</summary>
    public bool WantsBody => !_isRequestChecked;

    public void Dispose()
    {
        _listener.Dispose();
        _loop.Dispose();
    }

    private static bool IsCompletionRequest(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.GetProperty("messages").GetArrayLength() > 0 && document.RootElement.TryGetProperty("model", out _);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    private byte[] Control(string target)
    {
        if (target.Split('/') is ["", "bench", "answer", var name, var milliseconds])
        {
            _script = AnswerScript.Named(name);
            _interval = long.Parse(milliseconds, CultureInfo.InvariantCulture) * Stopwatch.Frequency / 1000;
            _isRequestChecked = false;
            (_requests, _shortest, _longest) = (0, long.MaxValue, 0);
        }
        return Json($$"""{"requests":{{_requests}},"shortest":{{(_requests == 0 ? 0 : _shortest)}},"longest":{{_longest}}}""");
    }

    private static byte[] Json(string body) => Encoding.UTF8.GetBytes(
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    private void Accept()
    {
        var socket = _listener.Accept();
        socket.Blocking = false;
        socket.NoDelay = true;
        if (!_freeKeys.TryPop(out var key))
        {
            key = _connections.Count;
            _connections.Add(null);
        }
        _connections[key] = new BackendConnection(this, _loop, socket, key);
        _loop.Add(socket, key);
    }

    private void Serve(BackendConnection connection)
    {
        if (connection.OnReady(_buffer)) return;
        _paced.Remove(connection);
        _connections[connection.Key] = null;
        _freeKeys.Push(connection.Key);
        connection.Dispose();
    }

    private void SendDue()
    {
        var now = Stopwatch.GetTimestamp();
        for (var i = _paced.Count - 1; i >= 0; i--)
        {
            if (_paced[i].SendIfDue(now)) continue;
            _paced[i] = _paced[^1];
            _paced.RemoveAt(_paced.Count - 1);
        }
    }
}
