using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Answers that never end, or never begin.</summary>
internal static class ConnectionScenarios
{
    public static ScenarioFamily Family { get; } = new(
        "Waiting and leaving",
        "For callers that must cope with silence, and that must be heard when they leave: the journal records it.",
        new Scenario("sim/endless", "Text without end, a word every 20 ms, until the caller leaves. Not streamed: silence.", Endless),
        new Scenario("sim/hang", "No answer at all, not even a status line, until the caller leaves.", _ => Reply.Nothing));

    private static Reply Endless(Exchange exchange)
    {
        if (!exchange.Request.Stream) return Reply.Nothing;
        var chunk = (Step.Send)new ChatStream(exchange).Text("again ").Steps[0];
        return new ChatStream(exchange).Delta("""{"role":"assistant","content":""}""").Then(new Step.Forever(chunk.Bytes, TimeSpan.FromMilliseconds(20))).ToReply();
    }
}
