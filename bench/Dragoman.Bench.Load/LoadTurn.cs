using System.Diagnostics;
using Dragoman.Bench.Wire;

namespace Dragoman.Bench.Load;

/// <summary>Closed-loop load on one target: so many requests at any time, each answer followed by the next request.</summary>
internal sealed class LoadTurn : IDisposable
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(30);
    private const int ErrorLimit = 50;

    private readonly EventLoop _loop = new();
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly List<LoadConnection> _connections = [];
    private readonly Func<int, LoadConnection> _connect;

    public LoadTurn(int port, byte[] request, AnswerScript script, Api api)
    {
        _connect = key => new LoadConnection(_loop, key, port, request, new AnswerChecker(script, api, Record), Record);
    }

    public TurnRecord Record { get; } = new();

    /// <summary>Keeps <paramref name="concurrency"/> requests open for this long. Connections not there yet open one after
    /// another during <paramref name="ramp"/>, so that paced streams do not run in step.</summary>
    public void Run(int concurrency, TimeSpan ramp, TimeSpan time)
    {
        var start = Stopwatch.GetTimestamp();
        var before = _connections.Count;
        while (Stopwatch.GetElapsedTime(start) < time && Record.Errors < ErrorLimit)
        {
            var share = ramp == TimeSpan.Zero ? 1 : Stopwatch.GetElapsedTime(start) / ramp;
            var wanted = Math.Min(concurrency, before + (int)((concurrency - before) * share) + 1);
            while (_connections.Count < wanted)
            {
                _connections.Add(_connect(_connections.Count));
                _connections[^1].Send();
            }
            Step(again: true);
        }
    }

    /// <summary>One request, to its end.</summary>
    public void RunOnce()
    {
        _connections.Add(_connect(0));
        _connections[0].Send();
        Drain();
    }

    /// <summary>Lets open answers come to their end.</summary>
    public void Drain()
    {
        var start = Stopwatch.GetTimestamp();
        while (_connections.Exists(c => c.IsBusy) && Record.Errors < ErrorLimit && Stopwatch.GetElapsedTime(start) < DrainLimit) Step(again: false);
        foreach (var connection in _connections) connection.Fail("no end of the answer in 30 s");
    }

    public void Dispose()
    {
        foreach (var connection in _connections) connection.Dispose();
        _loop.Dispose();
    }

    private void Step(bool again)
    {
        var ready = _loop.Wait(2);
        for (var i = 0; i < ready; i++)
        {
            var connection = _connections[_loop[i]];
            connection.OnReady(_buffer);
            if (again && !connection.IsBusy && Record.Errors < ErrorLimit) connection.Send();
        }
    }
}
