using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dragoman.Telemetry;

namespace Dragoman.WebFetch;

/// <summary>The span and the measurements of one fetch. Neither holds a URL: it may be a caller's secret.</summary>
internal sealed class FetchTelemetry : IDisposable
{
    private const string Ok = "ok";

    private static readonly ActivitySource Activities = new(TelemetryNames.Activities);
    private static readonly Meter Meter = new(TelemetryNames.Meter);
    private static readonly Histogram<double> Fetches = Meter.CreateHistogram<double>(TelemetryNames.WebFetchDuration, "s", "Time fetching a page took.");
    private static readonly Histogram<long> Sizes = Meter.CreateHistogram<long>(TelemetryNames.WebFetchCharacters, "{character}", "Length of the text of fetched pages.");

    private readonly Activity? _span = Activities.StartActivity(TelemetryNames.WebFetch, ActivityKind.Client);
    private readonly TimeProvider _time;
    private readonly long _began;

    private FetchTelemetry(TimeProvider time)
    {
        _time = time;
        _began = time.GetTimestamp();
    }

    /// <summary>A fetch begins.</summary>
    public static FetchTelemetry Begin(TimeProvider time) => new(time);

    /// <summary>The fetch ends; without this it was cancelled, and is not measured.</summary>
    public void End(FetchOutcome outcome)
    {
        var (word, isCached) = outcome switch
        {
            FetchedPage page => (Ok, page.IsCached),
            FetchFailure failure => (failure.Error.Code(), false),
            _ => ("", false),
        };
        Fetches.Record(_time.GetElapsedTime(_began).TotalSeconds, new(TelemetryNames.Outcome, word), new(TelemetryNames.Cached, isCached));
        if (outcome is FetchedPage { Text.Length: var length }) Sizes.Record(length);
        _span?.SetTag(TelemetryNames.Outcome, word).SetTag(TelemetryNames.Cached, isCached);
        if (outcome is FetchFailure) _span?.SetStatus(ActivityStatusCode.Error);
    }

    public void Dispose() => _span?.Dispose();
}
