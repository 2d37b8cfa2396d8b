using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Dragoman.Bench.Wire;

namespace Dragoman.Bench.Backend;

internal sealed class BackendConnection(BackendLoop backend, EventLoop loop, Socket socket, int key) : IDisposable
{
    private readonly HttpMessageReader _reader = new();
    private readonly byte[] _event = new byte[1024];
    private MemoryStream? _body;
    private long _bodyLength;
    private string _target = "";

    private AnswerScript? _script;
    private int _nextEvent;
    private long _due, _interval;

    private byte[] _unsent = [];
    private int _unsentFrom;

    public int Key => key;

    /// <returns>False when the connection is over.</returns>
    public bool OnReady(byte[] buffer)
    {
        try
        {
            if (_unsentFrom < _unsent.Length) Flush();
            var received = socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return true;
            if (error != SocketError.Success || received == 0) return false;
            OnReceived(buffer.AsSpan(0, received));
            return true;
        }
        catch (Exception e) when (e is SocketException or InvalidDataException)
        {
            return false;
        }
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        if (_unsentFrom < _unsent.Length)
        {
            _unsent = [.. _unsent.AsSpan(_unsentFrom), .. bytes];
            _unsentFrom = 0;
            return;
        }
        var sent = socket.Send(bytes, SocketFlags.None, out var error);
        if (error is not (SocketError.Success or SocketError.WouldBlock)) return; // Its end is seen on reading.
        if (error == SocketError.WouldBlock) sent = 0;
        if (sent == bytes.Length) return;
        _unsent = bytes[sent..].ToArray();
        _unsentFrom = 0;
        loop.WantWrite(socket, key, wanted: true);
    }

    public void StartPacing(AnswerScript script, long interval, List<BackendConnection> paced)
    {
        _script = script;
        _nextEvent = 0;
        _interval = interval;
        _due = Stopwatch.GetTimestamp();
        Send(script.Start);
        paced.Add(this);
    }

    /// <returns>False when the last event has gone out.</returns>
    public bool SendIfDue(long now)
    {
        if (now < _due) return true;
        _due += _interval;
        if (_nextEvent == _script!.Events.Count)
        {
            Send(_script.End);
            return false;
        }
        var bytes = _script.Events[_nextEvent++];
        bytes.CopyTo(_event, 0);
        AnswerScript.Stamp(_event.AsSpan(0, bytes.Length), Stopwatch.GetTimestamp());
        Send(_event.AsSpan(0, bytes.Length));
        return true;
    }

    public void Dispose() => socket.Dispose();

    private void OnReceived(ReadOnlySpan<byte> input)
    {
        while (true)
        {
            switch (_reader.Read(ref input, out var body))
            {
                case HttpPart.NeedMore:
                    return;
                case HttpPart.Head:
                    _target = Encoding.ASCII.GetString(_reader.Head).Split(' ', 3)[1];
                    _body = backend.WantsBody ? new MemoryStream() : null;
                    _bodyLength = 0;
                    break;
                case HttpPart.Body:
                    _bodyLength += body.Length;
                    _body?.Write(body);
                    break;
                case HttpPart.End:
                    backend.Answer(this, _target, _body is null ? default : _body.GetBuffer().AsSpan(0, (int)_body.Length), _bodyLength);
                    _body = null;
                    break;
            }
        }
    }

    private void Flush()
    {
        var sent = socket.Send(_unsent.AsSpan(_unsentFrom), SocketFlags.None, out var error);
        if (error != SocketError.Success) return;
        _unsentFrom += sent;
        if (_unsentFrom == _unsent.Length) loop.WantWrite(socket, key, wanted: false);
    }
}
