using System.Diagnostics;
using Dragoman.Simulator;

namespace Dragoman.Tests.Commands;

/// <summary>The real command with a stand-in for Claude Code: a script that tells what it was given.</summary>
public sealed class ClaudeCommandTests : IDisposable
{
    private const string Needs = "Needs bash.";
    private readonly string _folder = Directory.CreateTempSubdirectory("dragoman-claude").FullName;

    public static bool HasBash => File.Exists("/bin/bash");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Script(string text)
    {
        var path = Path.Combine(_folder, "claude");
        File.WriteAllText(path, "#!/bin/bash\n" + text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in (string[])["exec", Path.Combine(AppContext.BaseDirectory, "dragoman.dll"), "claude", .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("ANTHROPIC_", StringComparison.Ordinal) || k.StartsWith("CLAUDE_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["PATH"] = "/usr/bin:/bin:" + Path.GetDirectoryName(Environment.ProcessPath) + ":" + Environment.GetEnvironmentVariable("PATH");
        return Process.Start(start)!;
    }

    private static async Task<(string Output, string Error, int Status)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (await output, await error, process.ExitCode);
    }

    [Fact(SkipUnless = nameof(HasBash), Skip = Needs)]
    public async Task Arguments_environment_and_exit_status_pass_through_and_the_gateway_answers()
    {
        await using var backend = await SimulatorApp.StartAsync(new(), TestContext.Current.CancellationToken);
        var script = Script("""
            echo "[$1] [$2] [$3]"
            echo "model=$ANTHROPIC_MODEL key=${ANTHROPIC_API_KEY-none}"
            exec 3<>"/dev/tcp/127.0.0.1/${ANTHROPIC_BASE_URL##*:}"
            printf 'GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
            head -1 <&3
            exit 42
            """);

        var (output, error, status) = await RunAsync("--backend", $"{backend.BaseAddress}v1", "--model", "sim/demo", "--claude-path", script, "--", "-p", "two words", "--model");

        Assert.Equal(42, status);
        Assert.Equal("[-p] [two words] [--model]\nmodel=sim/demo key=none\nHTTP/1.1 200 OK\r\n", output);
        Assert.Equal("", error);
    }

    [Fact(SkipUnless = nameof(HasBash), Skip = Needs)]
    public async Task The_log_goes_to_a_file_and_never_to_the_terminal()
    {
        await using var backend = await SimulatorApp.StartAsync(new(), TestContext.Current.CancellationToken);
        var log = Path.Combine(_folder, "gateway.log");
        var script = Script("""
            exec 3<>"/dev/tcp/127.0.0.1/${ANTHROPIC_BASE_URL##*:}"
            printf 'GET /v1/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
            cat <&3 >/dev/null
            echo "my own words" >&2
            """);

        var (output, error, status) = await RunAsync("--backend", $"{backend.BaseAddress}v1", "--claude-path", script, "--log-file", log);

        Assert.Equal(("", "my own words\n", 0), (output, error, status));
        Assert.Contains("/v1/nothing", await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact(SkipUnless = nameof(HasBash), Skip = Needs)]
    public async Task Ctrl_c_is_claude_codes_and_a_signal_to_end_is_passed_on()
    {
        await using var backend = await SimulatorApp.StartAsync(new(), TestContext.Current.CancellationToken);
        var script = Script("""
            trap 'echo asked to end; exit 9' TERM
            echo ready
            while read -r line; do echo "$line"; done
            """);
        using var process = Start("--backend", $"{backend.BaseAddress}v1", "--claude-path", script);
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        await SignalAsync(process, "INT");
        await process.StandardInput.WriteLineAsync("still here");
        Assert.Equal("still here", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        await SignalAsync(process, "TERM");

        Assert.Equal("asked to end", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(9, process.ExitCode);
    }

    [Fact(SkipUnless = nameof(HasBash), Skip = Needs)]
    public async Task A_signal_that_ended_claude_code_shows_in_the_status()
    {
        var (_, _, status) = await RunAsync("--backend", "http://127.0.0.1:1/v1", "--claude-path", Script("kill -KILL $$\n"));

        Assert.Equal(128 + 9, status);
    }

    [Fact]
    public async Task A_missing_claude_code_is_explained_in_one_paragraph()
    {
        var (output, error, status) = await RunAsync("--claude-path", Path.Combine(_folder, "nothing-here"));

        Assert.Equal(1, status);
        Assert.Equal("", output);
        Assert.Equal($"dragoman: There is no file '{Path.Combine(_folder, "nothing-here")}' (--claude-path).\n", error);
    }

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
