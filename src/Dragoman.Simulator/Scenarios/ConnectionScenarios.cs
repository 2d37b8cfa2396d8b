using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Answers that are late, never end, or never begin (failures.md G10, G11).</summary>
internal static class ConnectionScenarios
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static ScenarioFamily Family { get; } = new(
        "Waiting and leaving",
        "For callers that must bear silence, and must be heard when they leave: the journal of requests records it. Numbers at the end of a name are seconds, and may be any.",
        new Scenario("sim/endless", "Text without end, a word every 20 ms, until the caller leaves. Not streamed: silence.",
            Endless) { Rows = "G11" },
        new Scenario("sim/endless-thought", "The same as reasoning.", e =>
            EndlessOf(e, """{"reasoning_content":"again "}""")) { Rows = "G11" },
        new Scenario("sim/endless-tool", "The same as arguments of a call.", EndlessTool) { Rows = "G11" },
        new Scenario("sim/endless-fast", "Text without end, as fast as the caller reads it.", e =>
            EndlessOf(e, """{"content":"as fast as it can be read "}""", TimeSpan.Zero)) { Rows = "G11" },
        new Scenario("sim/endless-comments", "Comments without end, one every 20 ms, and never an event.", e => e.Request.Stream
            ? Reply.Events([new Step.Forever(": still here\n\n"u8.ToArray(), TimeSpan.FromMilliseconds(20))])
                : Reply.Nothing) { Rows = "G10" },
        new Scenario("sim/hang", "No answer at all, not even a status line, until the caller leaves.", _ =>
            Reply.Nothing) { Rows = "G10, G11" },
        new Scenario("sim/hang-after-headers", "Headers, then silence.", e =>
            Reply.Events([new Step.SendHeaders(), new Step.Silence()], e.Request.Stream ? "text/event-stream"
                : "application/json")) { Rows = "G10, G11" },
        new Scenario("sim/hang-after-text", "Some text, then silence.", e => e.Request.Stream
            ? new ChatStream(e).Delta("""{"role":"assistant","content":""}""").Text("Half of the ans").Then(new Step.Silence()).ToReply()
                : Reply.Nothing) { Rows = "G10, G11" },
        new Scenario("sim/hang-after-finish", "The whole answer with its finish reason, then neither usage nor end.", e => e.Request.Stream
            ? new ChatStream(e).Delta("""{"role":"assistant","content":""}""").Text(Speakers.Greeting).Finish().Then(new Step.Silence())
                .ToReply() : Reply.Nothing) { Rows = "E7" },
        new Scenario("sim/silence-5", "Silence before the status line, then a text.", e => DemoModel.Reply(e, new WireForm(), SilentFirst))
        { Rows = "G10", TakesNumber = true },
        new Scenario("sim/silence-after-headers-5", "Headers at once, then silence, then a text.", e =>
            After(e, new Step.SendHeaders())) { Rows = "G10", TakesNumber = true },
        new Scenario("sim/pings-5", "A comment every second, then a text (llama.cpp, OpenRouter).", Pings) { Rows = "G10, H2",
            TakesNumber = true },
        new Scenario("sim/stall-5", "Some text, silence, the rest.", Stall) { Rows = "G10", TakesNumber = true },
        new Scenario("sim/pace-50", "The demonstration model, an event every 50 ms (the number is milliseconds).", e =>
            Paced(e, TimeSpan.FromMilliseconds(e.Number))) { TakesNumber = true });

    private static Answer SilentFirst(Exchange exchange) =>
        new(new Part.Say(Speakers.Greeting)) { SilentFor = Second * exchange.Number };

    private static Reply Endless(Exchange exchange) => EndlessOf(exchange, """{"content":"again "}""");

    private static Reply EndlessOf(Exchange exchange, string delta, TimeSpan? every = null)
    {
        if (!exchange.Request.Stream) return Reply.Nothing;
        return new ChatStream(exchange).Delta("""{"role":"assistant","content":""}""")
            .Then(Repeated(exchange, delta, every ?? TimeSpan.FromMilliseconds(20))).ToReply();
    }

    private static Reply EndlessTool(Exchange exchange)
    {
        if (!exchange.Request.Stream) return Reply.Nothing;
        var head = ToolForm.Head(0, new IssuedCall(exchange.NewCallId(0), exchange.Request.ToolName(0), ""), "{\"text\":\"");
        return new ChatStream(exchange).Delta(head).Then(Repeated(exchange, ToolForm.Tail(0, "again "), TimeSpan.FromMilliseconds(20)))
            .ToReply();
    }

    private static Step.Forever Repeated(Exchange exchange, string delta, TimeSpan every) =>
        new(((Step.Send)new ChatStream(exchange).Delta(delta).Steps[0]).Bytes, every);

    private static Reply After(Exchange exchange, params Step[] first)
    {
        var reply = AnswerWriter.Write(exchange, Speakers.Text(exchange), new WireForm());
        return reply.With([.. first, new Step.Wait(Second * exchange.Number), .. reply.Steps]);
    }

    private static Reply Pings(Exchange exchange)
    {
        if (!exchange.Request.Stream) return After(exchange, new Step.SendHeaders());
        var reply = AnswerWriter.Write(exchange, Speakers.Text(exchange), new WireForm());
        var pings = Enumerable.Range(0, exchange.Number)
            .SelectMany(_ => new Step[] { new Step.Send(": ping\n\n"u8.ToArray()), new Step.Wait(Second) });
        return reply.With([.. pings, .. reply.Steps]);
    }

    private static Reply Stall(Exchange exchange)
    {
        var reply = AnswerWriter.Write(exchange, Speakers.Text(exchange), new WireForm());
        return reply.With([.. reply.Steps.Take(2), new Step.Wait(Second * exchange.Number), .. reply.Steps.Skip(2)]);
    }

    private static Reply Paced(Exchange exchange, TimeSpan pace)
    {
        var reply = DemoModel.Reply(exchange, new WireForm());
        return exchange.Request.Stream ? reply.With([new Step.Beat([.. reply.Steps.OfType<Step.Send>().Select(s => s.Bytes)], pace)])
            : reply;
    }
}
