using Dragoman.Bench.Wire;

namespace Dragoman.Bench.Load;

/// <summary>A kind of traffic and what is promised for it. Goals are CPU time per request as multiples of nginx's.</summary>
/// <param name="Interval">Milliseconds between the events of an answer; 0: all at once.</param>
/// <param name="Goal">At most so many times nginx; null: none.</param>
/// <param name="FirstStep">At most so many times nginx; null: none, or see <paramref name="FirstStepIsYarp"/>.</param>
internal sealed record Workload(
    string Name, string Title, Func<Conversation> Conversation, string Script, int Interval, int Concurrency,
    double? Goal, double? FirstStep, bool FirstStepIsYarp = false)
{
    public static readonly Workload[] All =
    [
        new("small", "small whole answer", Wire.Conversation.Small, "small", 0, 16, Goal: 2.5, FirstStep: null, FirstStepIsYarp: true),
        new("bulk", "40 KB request, 200 events in bulk", () => Wire.Conversation.OfSize(40_000), "bulk-200", 0, 8, Goal: 1.5, FirstStep: 1.8),
        new("paced-100", "the same, an event every 10 ms, 100 streams", () => Wire.Conversation.OfSize(40_000), "paced-200", 10, 100, Goal: 1.3, FirstStep: 1.7),
        new("paced-500", "the same, 500 streams", () => Wire.Conversation.OfSize(40_000), "paced-200", 10, 500, Goal: 1.3, FirstStep: null),
        new("large", "1 MB request, 50 events", () => Wire.Conversation.OfSize(1_000_000), "bulk-50", 0, 4, Goal: 2.5, FirstStep: 4),
        new("image", "5 MB image request, 50 events", () => Wire.Conversation.WithImage(5_000_000), "bulk-50", 0, 2, Goal: 3, FirstStep: 4),
        new("tool", "tool call in 215 fragments", () => Wire.Conversation.OfSize(40_000), "tool-215", 0, 8, Goal: 1, FirstStep: null),
    ];

    public bool IsPaced => Interval > 0;
}
