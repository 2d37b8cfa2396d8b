using System.Threading.Channels;
using Dragoman.Configuration;

namespace Dragoman.Reloading;

/// <summary>Sees edits of the configuration's files and puts them in force; an edit with faults changes nothing.</summary>
/// <remarks>
/// Edits are noticed by the system's events, and by a look every few seconds where there are none (network file systems, and folders
/// that Kubernetes swaps as a whole). What counts is the content: files that are only touched change nothing. An edit is taken when the
/// content has been the same for a moment, as editors write in several steps.
/// </remarks>
internal sealed partial class ConfigurationWatch : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(100);

    private readonly ConfigurationSource _source;
    private readonly GatewaySnapshots _snapshots;
    private readonly ConfigurationStatus _status;
    private readonly TimeProvider _time;
    private readonly ILogger<ConfigurationWatch> _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<string, FileSystemWatcher?> _folders = new(StringComparer.Ordinal);
    private readonly GatewayOptions _start;
    private readonly bool _backendsWereFound;
    private readonly ITimer _timer;
    private readonly Task _watching;
    private IReadOnlyList<FileContent> _seen;
    private IReadOnlyList<string> _waiting = [];

    /// <summary>Begins to watch.</summary>
    /// <param name="source">Where the configuration comes from.</param>
    /// <param name="read">What the gateway was started with: edits since then are seen.</param>
    /// <param name="snapshots">Takes the edited configurations.</param>
    /// <param name="status">Is told what became of them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Is told what became of them, too.</param>
    public ConfigurationWatch(
        ConfigurationSource source, ConfigurationReading read, GatewaySnapshots snapshots, ConfigurationStatus status, TimeProvider time, ILogger<ConfigurationWatch> log)
    {
        _source = source;
        _seen = read.Files;
        _snapshots = snapshots;
        _start = snapshots.Current.Options;
        _backendsWereFound = read.Options.Backends.Count == 0;
        _status = status;
        _time = time;
        _log = log;
        WatchFolders();
        _timer = time.CreateTimer(_ => Signal(), null, Look, Look);
        _watching = Task.Run(WatchAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _timer.DisposeAsync();
        await _watching;
        foreach (var folder in _folders.Values) folder?.Dispose();
        _stop.Dispose();
    }

    private void Signal() => _signals.Writer.TryWrite(true);

    private async Task WatchAsync()
    {
        try
        {
            await foreach (var _ in _signals.Reader.ReadAllAsync(_stop.Token))
            {
                var now = ReadAgain();
                if (AreAlike(now, _seen))
                {
                    // Other files of the folder may change all the time.
                    await Task.Delay(Settled, _time, _stop.Token);
                    continue;
                }

                for (var before = _seen; !AreAlike(now, before); now = ReadAgain())
                {
                    before = now;
                    await Task.Delay(Settled, _time, _stop.Token);
                }

                TryLoad();
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    /// <summary>An edit that trips us must not end the watch: the next one may mend it.</summary>
    private void TryLoad()
    {
        try
        {
            Load();
        }
        catch (Exception e)
        {
            _status.Refused([new("", "The edit could not be taken over, for a reason nobody foresaw.") { Source = _source.File }]);
            LogUnforeseen(_log, _source.File!, e.GetType().Name, e.StackTrace);
        }
    }

    private void Load()
    {
        var reading = _source.Read();
        _seen = reading.Files;
        WatchFolders();
        var faults = reading.Faults.Count > 0 ? reading.Faults : Change(reading.Options);
        if (faults.Count > 0)
        {
            _status.Refused(faults);
            LogRefused(_log, _source.File!, faults.Count, _status.LoadedAt);
            foreach (var fault in faults) LogFault(_log, fault.ToString());
            return;
        }

        _status.Loaded();
        LogLoaded(_log, _source.File!);
        var waiting = StartSettings.Changed(_start, reading.Options);
        if (waiting.Count > 0 && !waiting.SequenceEqual(_waiting)) LogWaiting(_log, string.Join(", ", waiting));
        _waiting = waiting;
    }

    /// <returns>Why it was not taken; empty: it was.</returns>
    private IReadOnlyList<ConfigurationFault> Change(GatewayOptions edited)
    {
        try
        {
            // Backends that were found at start are not looked for again. A file that named some and now names none was emptied by mistake.
            if (edited.Backends.Count == 0 && _backendsWereFound) edited = edited with { Backends = _start.Backends };
            _snapshots.Change(StartSettings.Keep(_start, edited));
            return [];
        }
        catch (ConfigurationException e)
        {
            return [new("", e.Message) { Source = _source.File }];
        }
    }

    private List<FileContent> ReadAgain() => [.. _seen.Select(file => file.Again())];

    private static bool AreAlike(IReadOnlyList<FileContent> some, IReadOnlyList<FileContent> others) =>
        some.Select(file => (file.Path, file.Print)).SequenceEqual(others.Select(file => (file.Path, file.Print)));

    /// <summary>Watches the folders of all files: a file that is replaced is another file, but its folder stays.</summary>
    private void WatchFolders()
    {
        foreach (var folder in _seen.Select(file => Path.GetDirectoryName(file.Path)).OfType<string>().Distinct())
        {
            if (_folders.ContainsKey(folder)) continue;
            _folders[folder] = Watch(folder);
        }
    }

    private FileSystemWatcher? Watch(string folder)
    {
        try
        {
            var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.DirectoryName };
            watcher.Changed += (_, _) => Signal();
            watcher.Created += (_, _) => Signal();
            watcher.Deleted += (_, _) => Signal();
            watcher.Renamed += (_, _) => Signal();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException or PlatformNotSupportedException)
        {
            return null; // The folder is not there, or the system has no more watches to give: the look every few seconds has to do.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The configuration of {File} was loaded")]
    private static partial void LogLoaded(ILogger log, string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "{File} was edited, but not taken over; the configuration loaded at {LoadedAt:u} stays. Faults: {Count}")]
    private static partial void LogRefused(ILogger log, string file, int count, DateTimeOffset loadedAt);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Fault}")]
    private static partial void LogFault(ILogger log, string fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "{File} was edited, but taking it over failed in an unforeseen way: {Kind}\n{Place}")]
    private static partial void LogUnforeseen(ILogger log, string file, string kind, string? place);

    [LoggerMessage(Level = LogLevel.Warning, Message = "These take effect at the next start: {Settings}")]
    private static partial void LogWaiting(ILogger log, string settings);
}
