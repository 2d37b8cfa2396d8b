using System.Globalization;
using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Scenarios;

/// <summary>How answers end, and chunks that come where none is expected (failures.md A2, A12, A13, A15, G18; openai-chat-completions.md 6.5).</summary>
internal static class FinishScenarios
{
    private static readonly Func<Exchange, Answer> Text = Speakers.Text;

    public static ScenarioFamily Family { get; } = new(
        "Finish",
        "The answer is a short text unless the description says otherwise.",
        Reason("length", "length", "The answer's length is used up."),
        Reason("content-filter", "content_filter", "A safety stop after some text.", "G18"),
        Reason("insufficient-system-resource", "insufficient_system_resource", "DeepSeek is overloaded.", "G1"),
        Reason("model-length", "model_length", "Mistral's window is full."),
        Reason("sensitive", "sensitive", "Z.ai's safety stop.", "G18"),
        Reason("network-error", "network_error", "Z.ai lost the model.", "G1"),
        Reason("eos-token", "eos_token", "TGI's normal end."),
        Reason("stop-sequence", "stop_sequence", "TGI's stop string."),
        Reason("end-turn", "end_turn", "Anthropic's word for a normal end."),
        Reason("abort", "abort", "SGLang and vLLM gave up.", "G1"),
        Reason("repetition", "repetition", "vLLM saw the model repeat itself."),
        Reason("error", "error", "OpenRouter's finish reason for a failed upstream.", "G1"),
        Reason("unknown", "a_word_of_the_future", "A word nobody knows."),
        Reason("empty", "", "The empty string."),
        new Scenario("sim/finish-never", "finish_reason stays null; [DONE] ends the stream.", Never) { Rows = "G2" },
        new Scenario("sim/finish-refusal", "delta.refusal fragments, and a refusal in whole answers (OpenAI).", Refusal) { Rows = "G18" },
        new Scenario("sim/finish-stop-reason", "The stop string that matched, in choices[].stop_reason (vLLM).", e =>
            Stopped(e, "stop_reason")),
        new Scenario("sim/finish-matched-stop", "The stop string that matched, in choices[].matched_stop (SGLang).", e =>
            Stopped(e, "matched_stop")),
        Scenario.Spelled("sim/finish-stop-reason-token", "stop_reason is a token id.",
            new WireForm { FinishTail = ",\"stop_reason\":151643" }, Text),
        Scenario.Spelled("sim/finish-stop-reason-null", "stop_reason and matched_stop are null.",
            new WireForm { FinishTail = ",\"stop_reason\":null,\"matched_stop\":null" }, Text),
        Scenario.Spelled("sim/finish-native", "OpenRouter's native_finish_reason beside the finish reason, and provider on every chunk.",
            new WireForm { FinishTail = ",\"native_finish_reason\":\"end_turn\"", ChunkTail = ",\"provider\":\"Sim\"" }, Text),
        Scenario.Spelled("sim/finish-key-missing", "No finish_reason key until the end (xAI).", new WireForm { FinishKeyOnlyAtEnd = true },
            Text),
        Scenario.Spelled("sim/finish-one-chunk", "The whole text and the finish reason in a single chunk.",
            new WireForm { OpeningDelta = null, WholeText = true, FinishOnLastDelta = true }, Text) with { Rows = "A12" },
        Scenario.Spelled("sim/finish-one-chunk-usage", "Text, finish reason and usage in a single chunk.",
            new WireForm { OpeningDelta = null, WholeText = true, FinishOnLastDelta = true, UsagePlacement = UsagePlacement.OnFinish },
            Text) with { Rows = "A12, E7" },
        new Scenario("sim/finish-twice", "Two finish chunks, then usage twice.", e =>
            Changed(e, s => s.Text(Speakers.Greeting).Finish().Finish().Chunk("[]", Counts).Chunk("[]", Counts).Done())) { Rows = "A13" },
        new Scenario("sim/finish-then-text", "Text after the finish reason.", e =>
            Changed(e, s => s.Text(Speakers.Greeting).Finish().Text(" One more word.").Chunk("[]", Counts).Done())) { Rows = "A13" },
        new Scenario("sim/finish-after-done", "Chunks after [DONE].", e =>
            Changed(e, s => s.Text(Speakers.Greeting).Finish().Chunk("[]", Counts).Done().Text(" Too late.").Finish("length")
                .Done())) { Rows = "A13" },
        new Scenario("sim/finish-empty-delta-before-usage", "An empty delta with finish reason and usage null just before the usage chunk.",
            e => Changed(e, s => s.Text(Speakers.Greeting).Delta("{}", "stop", ",\"usage\":null").Chunk("[]", Counts)
                .Done())) { Rows = "O1" },
        new Scenario("sim/finish-choice-missing",
            "Chunks without choices, with choices null, with a choice without delta and with delta null, among good ones.", e =>
            Changed(e, s => s
            .Event("""{"id":"x","object":"chat.completion.chunk"}""").Chunk("null").Chunk("""[{"index":0,"finish_reason":null}]""")
                .Chunk("""[{"index":0,"delta":null,"finish_reason":null}]""")
            .Text(Speakers.Greeting).Finish().Done())) { Rows = "H3" },
        new Scenario("sim/finish-second-choice", "Text of a choice with index 1 comes before and between that of index 0 (n: 2).", e =>
            Changed(e, s => s
            .Chunk("""[{"index":1,"delta":{"role":"assistant","content":"Other "},"finish_reason":null}]""").Text("Hello from ")
            .Chunk("""[{"index":1,"delta":{"content":"answer"},"finish_reason":"length"}]""").Text("the simulated backend.").Finish()
                .Done())),
        new Scenario("sim/finish-role-twice", "The opening chunk comes twice, and the role on every chunk.", e => Changed(e, s => s
            .Delta("""{"role":"assistant","content":""}""").Delta("""{"role":"assistant","content":"Hello from "}""")
                .Delta("""{"role":"assistant","content":"the simulated backend."}""").Finish().Done())) { Rows = "A2" },
        new Scenario("sim/finish-ids-empty", "id and model are empty and created is 0 in every chunk.", e => Changed(e, s => s
            .Event(Bare("""{"content":"Hello from the simulated backend."}""", "null")).Event(Bare("{}", "\"stop\""))
                .Done())) { Rows = "A15, H3" },
        Scenario.Spelled("sim/finish-extras",
            "obfuscation, logprobs, service_tier, annotations, audio null and other members to be ignored.",
            new WireForm
            {
                DeltaTail = ",\"annotations\":[],\"audio\":null,\"refusal\":null",
                ChoiceTail = ",\"logprobs\":null",
                ChunkTail = ",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_sim\",\"obfuscation\":\"x7Qz\",\"timings\":{\"predicted_n\":3}",
            },
            Speakers.TextThenTool));

    private const string Counts = ""","usage":{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17}""";

    private static Scenario Reason(string name, string reason, string description, string rows = "") =>
        Scenario.Spelled("sim/finish-" + name, $"{description} Finish reason \"{reason}\".", new WireForm { FinishReason = _ => reason },
            Text) with { Rows = rows };

    /// <summary>A stream of its own; the whole answer is a plain one.</summary>
    private static Reply Changed(Exchange exchange, Func<ChatStream, ChatStream> write) => exchange.Request.Stream
        ? write(new ChatStream(exchange).Delta("""{"role":"assistant","content":""}""")).ToReply()
        : AnswerWriter.Whole(exchange, Text(exchange), new WireForm());

    private static Reply Never(Exchange exchange) => exchange.Request.Stream
        ? Changed(exchange, s => s.Text(Speakers.Greeting).Done())
        : Reply.Json(AnswerWriter.WholeJson(exchange, Text(exchange), new WireForm())
            .Replace("\"finish_reason\":\"stop\"", "\"finish_reason\":null", StringComparison.Ordinal));

    private static Reply Refusal(Exchange exchange) => exchange.Request.Stream
        ? new ChatStream(exchange).Delta("""{"role":"assistant","content":"","refusal":null}""").Delta("""{"refusal":"I cannot "}""")
            .Delta("""{"refusal":"help with that."}""").Finish().Done().ToReply()
        : Reply.Json(AnswerWriter.WholeJson(exchange, new Answer(), new WireForm())
            .Replace("\"content\":\"\"", "\"content\":null,\"refusal\":\"I cannot help with that.\"", StringComparison.Ordinal));

    private static Reply Stopped(Exchange exchange, string member)
    {
        var stop = exchange.Request.Root.StringAt("stop") ?? exchange.Request.Root.ItemsAt("stop").Select(s => s.GetString())
            .FirstOrDefault();
        return DemoModel.Reply(exchange, new WireForm { FinishTail = $",\"{member}\":{(stop is null ? "null" : JsonReading.Quote(stop))}" },
            Text);
    }

    private static string Bare(string delta, string finish) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"id":"","object":"chat.completion.chunk","created":0,"model":"","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finish}}}]}""");
}
