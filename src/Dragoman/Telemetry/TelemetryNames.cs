namespace Dragoman.Telemetry;

/// <summary>Every name under which something is measured or told: dashboards and alerts are built on them.</summary>
internal static class TelemetryNames
{
    /// <summary>The meter of all measurements.</summary>
    public const string Meter = "Dragoman";

    /// <summary>Counts attempts, by <see cref="Backend"/> and <see cref="Outcome"/>.</summary>
    public const string UpstreamAttempts = "dragoman.upstream.attempts";

    /// <summary>A backend's name in the configuration.</summary>
    public const string Backend = "backend";

    /// <summary>How something ended; for attempts the status, or one of <see cref="Dragoman.Upstream.AttemptOutcomes"/>.</summary>
    public const string Outcome = "outcome";
}
