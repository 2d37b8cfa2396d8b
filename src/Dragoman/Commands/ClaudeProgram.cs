using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Dragoman.Configuration;

namespace Dragoman.Commands;

/// <summary>The installed Claude Code: where it is, and running it in this terminal.</summary>
internal static class ClaudeProgram
{
    private const int Hangup = 1;
    private const int Terminate = 15;

    /// <summary>Finds the program.</summary>
    /// <param name="asked">A path that was asked for; null looks at CLAUDE_PATH, the search path and the usual places.</param>
    /// <exception cref="ConfigurationException">It is not there; says how to install it.</exception>
    public static string Find(string? asked)
    {
        var named = asked ?? Environment.GetEnvironmentVariable("CLAUDE_PATH");
        if (!string.IsNullOrEmpty(named))
            return File.Exists(named) ? Path.GetFullPath(named) : throw new ConfigurationException($"There is no file '{named}' ({(asked is null ? "CLAUDE_PATH" : "--claude-path")}).");

        string[] names = OperatingSystem.IsWindows() ? ["claude.exe", "claude.cmd"] : ["claude"];
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(Path.Combine(home, ".local", "bin"))
            .Append(Path.Combine(home, ".claude", "local"));
        return folders.SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new ConfigurationException(
                "Claude Code is not installed, or not on the search path. Install it with 'npm install -g @anthropic-ai/claude-code', or say where it is with --claude-path FILE or CLAUDE_PATH.");
    }

    /// <summary>Runs the program in this terminal until it ends. Signals are for it; we end when it has ended.</summary>
    /// <returns>Its exit status; 128 and the signal's number if a signal ended it.</returns>
    /// <exception cref="ConfigurationException">It cannot be started.</exception>
    public static async Task<int> RunAsync(string path, IEnumerable<string> arguments, ClaudeEnvironment environment)
    {
        var start = new ProcessStartInfo(path) { UseShellExecute = false };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        environment.ApplyTo(start.Environment);

        Process? claude = null;
        // The terminal sends Ctrl-C to both of us, and to Claude Code it means "stop this answer", not "end". So we must not end either.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, signal => signal.Cancel = true);
        // These two may come to us alone.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => PassOn(signal, claude, Terminate));
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => PassOn(signal, claude, Hangup));
        try
        {
            claude = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new ConfigurationException($"'{path}' cannot be started: {e.Message}");
        }

        using (claude)
        {
            await claude.WaitForExitAsync();
            return claude.ExitCode;
        }
    }

    private static void PassOn(PosixSignalContext context, Process? claude, int signal)
    {
        context.Cancel = claude is not null;
        if (claude is null || claude.HasExited)
            return;
        if (OperatingSystem.IsWindows())
            claude.Kill();
        else
            _ = Kill(claude.Id, signal);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
