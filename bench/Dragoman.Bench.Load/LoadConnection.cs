using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Dragoman.Bench.Wire;

namespace Dragoman.Bench.Load;

/// <summary>One keep-alive connection that sends a request, checks its answer, and says when it is ready for the next.</summary>
internal sealed class LoadConnection(EventLoop loop, int key, int port, byte[] request, AnswerChecker checker, TurnRecord record) : IDisposable
{
    private readonly HttpMessageReader _reader = new();
    private Socket? _socket;
    private int _unsentFrom;
    private string? _refusal;

    public bool IsBusy { get; private set; }

    public void Send()
    {
        IsBusy = true;
        _refusal = null;
        _unsentFrom = 0;
        checker.Begin(Stopwatch.GetTimestamp());
        try
        {
            if (_socket is null) Connect();
            if (!Flush()) loop.WantWrite(_socket!, key, wanted: true);
        }
        catch (SocketException e)
        {
            Fail(e.Message);
        }
    }

    /// <summary>Reads what has come; a finished or failed answer leaves the connection idle.</summary>
    public void OnReady(byte[] buffer)
    {
        if (_socket is null) return;
        try
        {
            if (IsBusy && _unsentFrom < request.Length && Flush()) loop.WantWrite(_socket, key, wanted: false);
            var received = _socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return;
            var now = Stopwatch.GetTimestamp();
            if (error != SocketError.Success || received == 0) Fail("the connection closed in mid-answer");
            else Follow(buffer.AsSpan(0, received), now);
        }
        catch (Exception e) when (e is SocketException or InvalidDataException)
        {
            Fail(e.Message);
        }
    }

    public void Fail(string reason)
    {
        if (IsBusy) record.Error(reason);
        Close();
    }

    public void Dispose() => Close();

    private void Connect()
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.Connect(IPAddress.Loopback, port);
        _socket.Blocking = false;
        _reader.Reset();
        loop.Add(_socket, key);
    }

    private void Close()
    {
        IsBusy = false;
        _socket?.Dispose(); // Closing takes it off the epoll set too.
        _socket = null;
    }

    private bool Flush()
    {
        var sent = _socket!.Send(request.AsSpan(_unsentFrom), SocketFlags.None, out var error);
        if (error == SocketError.Success) _unsentFrom += sent;
        else if (error != SocketError.WouldBlock) throw new SocketException((int)error);
        return _unsentFrom == request.Length;
    }

    private void Follow(ReadOnlySpan<byte> input, long now)
    {
        while (true)
        {
            switch (_reader.Read(ref input, out var body))
            {
                case HttpPart.NeedMore:
                    return;
                case HttpPart.Head:
                    if (_reader.Status != 200) _refusal = $"status {_reader.Status}: ";
                    break;
                case HttpPart.Body when _refusal is not null:
                    _refusal += Encoding.UTF8.GetString(body);
                    break;
                case HttpPart.Body:
                    checker.OnBody(body, now);
                    break;
                case HttpPart.End:
                    if (_refusal is null) checker.OnEnd(now);
                    if ((_refusal ?? checker.Fault) is { } fault)
                    {
                        Fail(fault);
                        return;
                    }
                    record.Answer();
                    IsBusy = false;
                    return;
            }
        }
    }
}
