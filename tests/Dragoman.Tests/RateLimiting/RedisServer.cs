using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Dragoman.Tests.RateLimiting;

/// <summary>A real redis-server of this machine's, on a free port, that keeps nothing on disk.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly Process _process;

    private RedisServer(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Starts one; skips the running test where there is none to start.</summary>
    public static async Task<RedisServer> StartAsync(int? port = null)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);
        if (program is null) Assert.Skip("There is no redis-server on this machine's PATH (Debian: apt-get install redis-server).");
        var at = port ?? FreePort();
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        foreach (var argument in new[] { "--port", $"{at}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath() }) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal)) break;
        }

        Assert.False(process.HasExited, "redis-server did not start.");
        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        return new(process, at);
    }

    /// <summary>Stops answering without closing a connection, as a machine that is lost does; or goes on.</summary>
    public void Freeze(bool freeze)
    {
        using var kill = Process.Start("kill", $"-{(freeze ? "STOP" : "CONT")} {_process.Id}");
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>One server for all tests of a class; each takes names of its own.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private RedisServer? _server;
    private string? _missing;

    /// <summary>Its address; skips the running test where there is none.</summary>
    internal RedisServer Server
    {
        get
        {
            if (_missing is not null) Assert.Skip(_missing);
            return _server!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        try
        {
            _server = await RedisServer.StartAsync();
        }
        catch (Xunit.Sdk.SkipException e)
        {
            _missing = e.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }
}
