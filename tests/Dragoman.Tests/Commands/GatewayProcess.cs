using System.Diagnostics;
using System.Text;

namespace Dragoman.Tests.Commands;

/// <summary>The program itself, as a process of its own.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource _bannerShown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GatewayProcess(Process process) => _process = process;

    /// <summary>Where it listens, once the banner is out.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:1/");

    /// <summary>What it wrote on standard output.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>What it wrote on standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors) return _errors.ToString();
        }
    }

    /// <summary>Starts the program in a folder of its own, with an environment that holds no keys but <paramref
    /// name="environment"/>.</summary>
    public static GatewayProcess Start(string arguments, string? folder = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", $"\"{Path.Combine(AppContext.BaseDirectory, "dragoman.dll")}\" {arguments}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? AppContext.BaseDirectory,
        };
        foreach (var name in start.Environment.Keys.Where(IsConfiguration).ToArray()) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var gateway = new GatewayProcess(Process.Start(start)!);
        gateway._process.OutputDataReceived += (_, line) => gateway.TakeOutput(line.Data);
        gateway._process.ErrorDataReceived += (_, line) =>
        {
            lock (gateway._errors) gateway._errors.AppendLine(line.Data);
        };
        gateway._process.BeginOutputReadLine();
        gateway._process.BeginErrorReadLine();
        return gateway;
    }

    /// <summary>Waits for the whole banner.</summary>
    public async Task<GatewayProcess> ListeningAsync()
    {
        await _bannerShown.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(_process.HasExited, Errors);
        return this;
    }

    /// <summary>Waits for the end.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Sends the signal to stop, as a service manager does.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", $"-TERM {_process.Id}");
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static bool IsConfiguration(string name) =>
        name.EndsWith("_API_KEY", StringComparison.Ordinal) || name.EndsWith("_BASE_URL", StringComparison.Ordinal) || name.StartsWith("DRAGOMAN_", StringComparison.Ordinal);

    private void TakeOutput(string? line)
    {
        lock (_output) _output.AppendLine(line);
        const string listens = "listens on ";
        if (line?.IndexOf(listens, StringComparison.Ordinal) is >= 0 and var at) Address = new(line[(at + listens.Length)..].Trim());
        // The last line of either banner; null when the process has ended.
        if (line is null || line.TrimEnd().EndsWith(" claude", StringComparison.Ordinal) || line.StartsWith("Try:", StringComparison.Ordinal)) _bannerShown.TrySetResult();
    }
}
