using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dragoman.Telemetry;

namespace Dragoman.ServerTools;

/// <summary>Counts rounds of server tools, and spans them; each search and fetch in them has its own.</summary>
internal static class ServerToolTelemetry
{
    private static readonly Meter Meter = new(TelemetryNames.Meter);
    private static readonly ActivitySource Source = new(TelemetryNames.Activities);
    private static readonly Counter<long> Rounds =
        Meter.CreateCounter<long>(TelemetryNames.ServerToolRounds, description: "Rounds of server tools within answers.");

    /// <summary>A round begins; ends with what is returned.</summary>
    /// <param name="calls">How many calls run side by side in it.</param>
    public static Activity? Begin(int calls)
    {
        Rounds.Add(1);
        var activity = Source.StartActivity(TelemetryNames.ServerToolRound);
        activity?.SetTag(TelemetryNames.Calls, calls);
        return activity;
    }
}
