using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dragoman.Telemetry;

namespace Dragoman.WebSearch;

/// <summary>The span and the measurements of one search.</summary>
internal sealed class SearchTelemetry : IDisposable
{
    private const string Ok = "ok";

    private static readonly ActivitySource Activities = new(TelemetryNames.Activities);
    private static readonly Meter Meter = new(TelemetryNames.Meter);
    private static readonly Histogram<double> Searches = Meter.CreateHistogram<double>(TelemetryNames.WebSearchDuration, "s", "Time a web search took.");
    private static readonly Histogram<double> Providers = Meter.CreateHistogram<double>(TelemetryNames.WebSearchProviderDuration, "s", "Time a search provider took.");

    private readonly Activity? _span = Activities.StartActivity(TelemetryNames.WebSearch, ActivityKind.Client);
    private readonly TimeProvider _time;
    private readonly long _began;

    private SearchTelemetry(TimeProvider time)
    {
        _time = time;
        _began = time.GetTimestamp();
    }

    /// <summary>A search begins.</summary>
    public static SearchTelemetry Begin(TimeProvider time) => new(time);

    /// <summary>A provider was asked.</summary>
    /// <param name="provider">Its name.</param>
    /// <param name="error">Why it did not answer; null: it did.</param>
    /// <param name="took">How long that took.</param>
    public static void ProviderAnswered(string provider, SearchError? error, TimeSpan took)
    {
        if (Providers.Enabled) Providers.Record(took.TotalSeconds, new(TelemetryNames.Provider, provider), new(TelemetryNames.Outcome, error?.Code() ?? Ok));
    }

    /// <summary>The search ends; without this it was cancelled, and is not measured.</summary>
    public void End(SearchOutcome outcome)
    {
        var word = outcome.Error?.Code() ?? Ok;
        if (Searches.Enabled)
        {
            Searches.Record(
                _time.GetElapsedTime(_began).TotalSeconds,
                new(TelemetryNames.Provider, outcome.Provider ?? ""),
                new(TelemetryNames.Outcome, word),
                new(TelemetryNames.Cached, outcome.IsCached));
        }

        if (_span is null) return;
        _span.SetTag(TelemetryNames.Provider, outcome.Provider);
        _span.SetTag(TelemetryNames.Outcome, word);
        _span.SetTag(TelemetryNames.Cached, outcome.IsCached);
        _span.SetTag(TelemetryNames.Results, outcome.Results.Count);
        if (outcome.Error is not null) _span.SetStatus(ActivityStatusCode.Error);
    }

    public void Dispose() => _span?.Dispose();
}
