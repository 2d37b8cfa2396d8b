namespace Dragoman.Accounting;

/// <summary>The file that accounts go to.</summary>
/// <remarks>Opened anew for what is due, at most twenty times a second: whoever moves it away, empties it or removes it, as tools that rotate
/// files do, needs to tell nobody. What a full disk or a missing folder swallows is counted and logged, and stops no request.</remarks>
internal sealed partial class AccountFile(ILogger log)
{
    private const string StandardOutput = "-";
    private const UnixFileMode ForOperators = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private long _lost;

    /// <summary>Appends whole lines. Called by one thread at a time.</summary>
    /// <param name="path">The file; <c>-</c>: standard output; null: no accounts are wanted any more.</param>
    /// <param name="lines">All of them.</param>
    /// <param name="dropped">How many came faster than they could be written.</param>
    public void Append(string? path, ReadOnlySpan<byte> lines, long dropped)
    {
        if (path is null) return;
        if (dropped > 0) Dropped(log, dropped);
        try
        {
            using var file = Open(path);
            file.Write(lines);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            if (_lost == 0) Lost(log, e.GetType().Name);
            _lost += lines.Count((byte)'\n');
            return;
        }

        if (_lost > 0) Found(log, _lost);
        _lost = 0;
    }

    private static Stream Open(string path)
    {
        if (path == StandardOutput) return Console.OpenStandardOutput();
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = ForOperators;
        return new FileStream(path, options);
    }

    [LoggerMessage(EventId = 50, Level = LogLevel.Error, Message = "Accounts cannot be written ({Kind}); their lines are lost until they can.")]
    private static partial void Lost(ILogger log, string kind);

    [LoggerMessage(EventId = 51, Level = LogLevel.Warning, Message = "Accounts can be written again; {Lines} lines were lost.")]
    private static partial void Found(ILogger log, long lines);

    [LoggerMessage(EventId = 52, Level = LogLevel.Error, Message = "{Lines} lines of accounts were lost: they came faster than they could be written.")]
    private static partial void Dropped(ILogger log, long lines);
}
