using System.Diagnostics.Metrics;
using System.Globalization;
using Dragoman.Telemetry;

namespace Dragoman.Upstream;

/// <summary>One try of one target.</summary>
/// <param name="Backend">The backend's name.</param>
/// <param name="Model">The model it was asked for.</param>
/// <param name="Outcome">Its HTTP status, or one of <see cref="AttemptOutcomes"/>.</param>
internal readonly record struct UpstreamAttempt(string Backend, string Model, string Outcome)
{
    public override string ToString() => $"{Backend}:{Outcome}";
}

/// <summary>How an attempt ends that has no status, or whose status does not tell.</summary>
internal static class AttemptOutcomes
{
    /// <summary>Not yet known.</summary>
    public const string Pending = "pending";

    /// <summary>No connection, or none that gave an answer.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>A time-out.</summary>
    public const string Silent = "silent";

    /// <summary>The connection broke inside an answer.</summary>
    public const string BrokenOff = "broken_off";

    /// <summary>Status 200, and then an error, or something that is no answer.</summary>
    public const string Error = "error";

    /// <summary>The gateway stopped.</summary>
    public const string Stopped = "stopped";

    private static readonly Meter Meter = new(TelemetryNames.Meter);
    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>(TelemetryNames.UpstreamAttempts, description: "Calls to backends for requests of callers.");

    /// <summary>The outcome of a status.</summary>
    public static string Of(int status) => status.ToString(CultureInfo.InvariantCulture);

    /// <summary>Counts an attempt that has ended.</summary>
    public static void Count(in UpstreamAttempt attempt)
    {
        if (Attempts.Enabled) Attempts.Add(1, new(TelemetryNames.Backend, attempt.Backend), new(TelemetryNames.Outcome, attempt.Outcome));
    }
}
