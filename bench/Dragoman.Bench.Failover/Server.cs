using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Dragoman.Bench.Failover;

/// <summary>A process of the program's, on a port of its own that it keeps when it is started again.</summary>
internal sealed class Server : IDisposable
{
    private const string Listens = "listens on ";
    private readonly string _name;
    private readonly string _folder;
    private readonly string[] _arguments;
    private Process? _process;

    private Server(string name, string folder, string[] arguments)
    {
        _name = name;
        _folder = folder;
        _arguments = arguments;
    }

    /// <summary>Where it listens, once it was started.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:1/");

    public static Server Simulator(string program, string folder, string name) =>
        new(name, folder, [program, "simulate", "--urls", $"http://127.0.0.1:{FreePort()}"]);

    public static Server Gateway(string program, string folder, string configuration) => new("gateway", folder, [program, "serve", "--config", configuration]);

    /// <summary>Starts it, and waits until it listens.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = TextWriter.Synchronized(new StreamWriter(Path.Combine(_folder, _name + ".log"), append: true) { AutoFlush = true });
        var process = new Process { StartInfo = new("dotnet", _arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder } };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => log.WriteLine(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        await listening.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellation);

        void Take(string? line)
        {
            // What a simulator says of each call would only fill the disk.
            if (line?.IndexOf(Listens, StringComparison.Ordinal) is not (>= 0 and var at)) return;
            log.WriteLine(line);
            Address = new(new Uri(line[(at + Listens.Length)..].Trim().Split(' ')[0]).GetLeftPart(UriPartial.Authority));
            listening.TrySetResult();
        }
    }

    /// <summary>SIGKILL: no word to anybody.</summary>
    public Task KillAsync()
    {
        _process!.Kill();
        return _process.WaitForExitAsync();
    }

    /// <summary>Sends it a signal.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process!.Id}"]);
        await kill.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (_process is null) return;
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
