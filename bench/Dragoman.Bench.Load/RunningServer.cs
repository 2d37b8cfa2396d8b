using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Dragoman.Bench.Wire;

namespace Dragoman.Bench.Load;

/// <summary>A started process that listens on a loopback port.</summary>
internal sealed class RunningServer : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StreamWriter _log;

    private readonly long _startedAt;

    private RunningServer(Process process, long startedAt, StreamWriter log, int port)
    {
        _process = process;
        _startedAt = startedAt;
        _log = log;
        Port = port;
    }

    public int Port { get; }

    public int Id => _process.Id;

    /// <summary>From the start of the process to the end of its first right answer.</summary>
    public TimeSpan FirstAnswerAfter { get; private set; }

    /// <exception cref="InvalidOperationException">It ended, or gave no right answer in 30 s; the message says where to look.</exception>
    public static RunningServer Start(Target target, int backendPort, Workshop workshop, Conversation question)
    {
        var port = FreePort();
        var (file, arguments) = target.Command(port, backendPort, workshop);
        var server = Start(target.Name, port, workshop, file, arguments);
        try
        {
            var request = question.Request(target.Api, port);
            server.FirstAnswerAfter = server.WaitFor(() => TryOnce(port, request, AnswerScript.Named("small"), target.Api));
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public static RunningServer StartBackend(Workshop workshop)
    {
        var port = FreePort();
        var server = Start("backend", port, workshop, "dotnet", [workshop.Backend, $"{port}"]);
        server.WaitFor(() =>
        {
            using var probe = new TcpClient();
            try
            {
                probe.Connect(IPAddress.Loopback, port);
                return null;
            }
            catch (SocketException e)
            {
                return e.Message;
            }
        });
        return server;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(5000);
        }
        _process.Dispose();
        lock (_log) _log.Dispose();
    }

    private static RunningServer Start(string name, int port, Workshop workshop, string file, string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workshop.Folder,
        };
        var log = new StreamWriter(workshop.Path($"{name}.log"), append: true, Encoding.UTF8) { AutoFlush = true };
        log.WriteLine($"--- {file} {string.Join(' ', arguments)}");
        var process = new Process { StartInfo = start };
        void Keep(object _, DataReceivedEventArgs e)
        {
            lock (log)
            {
                if (e.Data is not null && log.BaseStream is not null) log.WriteLine(e.Data);
            }
        }
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        var startedAt = Stopwatch.GetTimestamp();
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new RunningServer(process, startedAt, log, port);
    }

    /// <param name="attempt">Says what went wrong, or null when nothing did.</param>
    private TimeSpan WaitFor(Func<string?> attempt)
    {
        while (true)
        {
            var fault = attempt();
            if (fault is null) return Stopwatch.GetElapsedTime(_startedAt);
            if (_process.HasExited) throw new InvalidOperationException($"it ended with status {_process.ExitCode}");
            if (Stopwatch.GetElapsedTime(_startedAt) > StartLimit) throw new InvalidOperationException($"no right answer in 30 s: {fault}");
            Thread.Sleep(1);
        }
    }

    private static string? TryOnce(int port, byte[] request, AnswerScript script, Api api)
    {
        using var turn = new LoadTurn(port, request, script, api);
        turn.RunOnce();
        return turn.Record.FirstError;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
