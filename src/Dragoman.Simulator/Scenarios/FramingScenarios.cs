using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;

namespace Dragoman.Simulator.Scenarios;

/// <summary>The transport of events (failures.md H1 to H3; openai-chat-completions.md 6.5).</summary>
internal static class FramingScenarios
{
    /// <summary>Azure's front end.</summary>
    public static WireForm AzureForm { get; } = new()
    {
        EventsBefore = ["""{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"filtered":false,"detected":false}}}]}"""],
        ChoiceTail = ",\"content_filter_results\":{\"hate\":{\"filtered\":false,\"severity\":\"safe\"}},\"logprobs\":null",
        ChunkTail = ",\"system_fingerprint\":\"fp_sim\"",
    };

    public static ScenarioFamily Family { get; } = new(
        "Event framing",
        "A text in many scripts, legal as server-sent events go, put on the wire in unusual ways.",
        Of("crlf", "Lines end in CR LF.", new() { LineEnd = "\r\n" }, "H2"),
        Of("cr", "Lines end in CR alone.", new() { LineEnd = "\r" }, "H2"),
        Of("no-space", "No space after data:.", new() { SpaceAfterColon = false }, "H2"),
        Of("comments", "A comment line within every event, and comments before the first (OpenRouter).",
            new() { Preamble = ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n", LinesBefore = [": keep-alive"] }, "H2"),
        Of("colon-only", "Bare colons as comments (llama.cpp).", new() { Preamble = ":\n\n:\n\n", LinesBefore = [":"] }, "H2"),
        Of("event-lines", "event:, id: and retry: lines in every event.",
            new() { LinesBefore = ["event: message", "id: 7", "retry: 3000"] }, "H2"),
        Of("bom", "A byte order mark before the first event.", new() { ByteOrderMark = true }, "H2"),
        Of("several-data-lines", "Each event's JSON spread over three data: lines.", new() { SeveralDataLines = true }, "H2"),
        Of("blank-lines", "Several blank lines before the first event.", new() { Preamble = "\n\n\n" }, "H2"),
        Of("no-done", "No [DONE] (Gemini, Cerebras, proxies).", new() { Done = false }, "H2"),
        Of("no-final-blank-line", "The last event lacks its blank line, and there is no [DONE].",
            new() { Done = false, FinalBlankLine = false }, "H2"),
        Of("bytes-1", "Every byte in a write and an HTTP chunk of its own.", new() { BytesPerWrite = 1 }, "H1, H2"),
        Of("bytes-7", "Seven bytes a write: events and characters cut anywhere (any number).", new() { BytesPerWrite = 7 }, "H1, H2",
            (f, n) => f with { BytesPerWrite = Math.Max(1, n) }),
        Of("bytes-7-crlf", "The same with CR LF, so that pairs are cut as well.", new() { BytesPerWrite = 7, LineEnd = "\r\n" }, "H1, H2"),
        Of("all-in-one", "The whole stream in one write.", new() { EventsPerWrite = int.MaxValue }, "H2"),
        Of("three-in-one", "Three events a write.", new() { EventsPerWrite = 3 }, "H2"),
        Of("ascii", "Everything beyond ASCII as \\u escapes, pairs for emoji (Python servers).", new() { AsciiOnly = true }, "H1"),
        new Scenario("sim/framing-lone-surrogates", "The two escapes of an emoji in two deltas, and one half alone.", e => e.Request.Stream
            ? new ChatStream(e).Delta("""{"role":"assistant","content":"one "}""").Delta("""{"content":"\ud83d"}""")
                .Delta("""{"content":"\ude00 half "}""").Delta("""{"content":"\ud83d end"}""").Finish().Done().ToReply()
            : DemoModel.Reply(e, new WireForm(), Speak)) { Rows = "H1" },
        Scenario.Spelled("sim/framing-azure",
            "Azure: a first chunk with prompt_filter_results, no choices, empty id and model; content_filter_results on choices.",
            AzureForm, Speak) with { Rows = "H3" },
        new Scenario("sim/framing-named-done", "[DONE] in an event named done.", e =>
            Told(e, s => s.Raw("event: done\ndata: [DONE]\n\n"))) { Rows = "H2" },
        new Scenario("sim/framing-done-variants", "[DONE] with spaces around it.", e =>
            Told(e, s => s.Raw("data:  [DONE] \n\n"))) { Rows = "H2" },
        new Scenario("sim/framing-unknown-event", "Events with names nobody knows among the good ones.", e =>
            Told(e, s => s.Raw("event: metrics\ndata: {\"tokens_per_second\":7}\n\n").Done())) { Rows = "H2" },
        Scenario.Spelled("sim/framing-big-event", "One event of about a megabyte.",
            new WireForm { WholeText = true },
            _ => new Answer(new Part.Say(string.Concat(Enumerable.Repeat("A megabyte of text. ", 52_000))))) with { Rows = "H2" },
        Typed("sim/framing-type-charset", "Content type text/event-stream; charset=utf-8.", "text/event-stream; charset=utf-8"),
        Typed("sim/framing-type-plain", "Events under text/plain.", "text/plain"),
        Typed("sim/framing-type-json", "Events under application/json.", "application/json"),
        Typed("sim/framing-type-none", "Events without any content type.", null),
        new Scenario("sim/framing-until-close", "Neither length nor chunks: the connection's end ends the body.", e => e.Request.Stream
            ? Reply.Events(AnswerWriter.Compose(e, Speak(e), new WireForm()).Steps, delivery: Delivery.UntilClose)
                : DemoModel.Reply(e, new WireForm(), Speak)) { Rows = "H2" },
        new Scenario("sim/framing-close", "Connection: close after every answer.",
            e => DemoModel.Reply(e, new WireForm(), Speak).With("Connection", "close")) { Rows = "G14" });

    private static Answer Speak(Exchange exchange) => new(new Part.Think("思考 🤔."), new Part.Say(PlainScenarios.Unicode));

    private static Scenario Of(string name, string description, SseFraming framing, string rows, Func<SseFraming, int,
        SseFraming>? numbered = null) =>
        new("sim/framing-" + name, description,
            e => DemoModel.Reply(e, new WireForm { Framing = numbered?.Invoke(framing, e.Number) ?? framing }, Speak))
        {
            Rows = rows,
            TakesNumber = numbered is not null,
        };

    private static Scenario Typed(string name, string description, string? type) => new(name, description, e => e.Request.Stream
        ? Reply.Events(AnswerWriter.Compose(e, Speak(e), new WireForm()).Steps, type)
            : DemoModel.Reply(e, new WireForm(), Speak)) { Rows = "H2" };

    private static Reply Told(Exchange exchange, Func<ChatStream, ChatStream> end) => exchange.Request.Stream
        ? end(AnswerWriter.Compose(exchange, Speak(exchange), new WireForm { Framing = new SseFraming { Done = false } })).ToReply()
        : DemoModel.Reply(exchange, new WireForm(), Speak);
}
