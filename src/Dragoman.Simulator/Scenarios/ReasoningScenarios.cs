using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Reasoning, wherever backends put it (failures.md A1, A6, A7, A16, C2 to C4; openai-chat-completions.md 6.1).</summary>
internal static class ReasoningScenarios
{
    public static ScenarioFamily Family { get; } = new(
        "Reasoning",
        "The model thinks, then speaks, unless the description says otherwise.",
        Of("content", "In reasoning_content (DeepSeek, Kimi, GLM, llama.cpp, SGLang).", ReasoningForm.ReasoningContent, "C2, A10"),
        Of("plain", "In reasoning (vLLM, Ollama, Groq, OpenRouter).", ReasoningForm.Reasoning, "C2"),
        Of("both-fields", "The same text in reasoning_content and in reasoning.", ReasoningForm.BothFields, "C2"),
        Of("null-beside", "content null beside reasoning, reasoning_content null beside text (DeepSeek).", ReasoningForm.NullBeside,
            "C2, A7"),
        Of("empty-beside", "content \"\" beside reasoning, reasoning_content \"\" beside text.", ReasoningForm.EmptyBeside, "A7, A16"),
        Of("details", "OpenRouter: reasoning and reasoning_details with the same text, a signature at the end.", ReasoningForm.Details,
            "C2"),
        Of("details-only", "reasoning_details alone: a summary, then encrypted data.", ReasoningForm.DetailsOnly, "C2"),
        Of("mistral", "Mistral: content is an array of thinking parts, then a string.", ReasoningForm.MistralParts, "C2"),
        Of("mistral-parts", "Mistral: content stays an array of parts for the text.", ReasoningForm.MistralPartsThroughout, "C2"),
        Of("thinking-blocks", "LiteLLM before Claude: thinking_blocks with a signature.", ReasoningForm.ThinkingBlocks, "C2"),
        Of("tags", "<think> tags in the text.", ReasoningForm.Tags, "C3"),
        Of("tags-split", "<think> tags cut into pieces of three characters.", ReasoningForm.SplitTags, "C3"),
        Of("tags-one-delta", "Tags and thought in a single delta.", ReasoningForm.TagsInOneDelta, "C3"),
        Of("tags-closing-only", "Only </think>: the template had opened it.", ReasoningForm.ClosingTagOnly, "C3"),
        Of("tags-tool", "<think> tags, blank lines, then a tool call.", ReasoningForm.Tags, "C3, O4", Speakers.ThinkThenTool),
        Of("tags-in-text", "A text that speaks about <think> tags; nothing is thought.", ReasoningForm.Tags, "C3", _ =>
            new Answer(new Part.Say("The tag <think> opens and </think> closes a thought."))),
        Of("tags-unclosed", "A <think> that is never closed.", ReasoningForm.Tags, "C3", _ =>
            new Answer(new Part.Say("<think>\nStill thinking about it")) { FinishReason = "length" }),
        Of("hidden", "Only usage tells of it (OpenAI).", ReasoningForm.Hidden, ""),
        Scenario.Spelled("sim/reasoning-first", "The first chunk is reasoning: no role, no empty content before it.",
            new WireForm { OpeningDelta = null }, Speakers.ThinkThenText) with { Rows = "A1" },
        Scenario.Spelled("sim/reasoning-role-null-content", "The first chunk has content null (llama.cpp).",
            new WireForm { OpeningDelta = """{"role":"assistant","content":null}""" }, Speakers.ThinkThenText) with { Rows = "A1" },
        Of("tool", "A thought, then a tool call with no text between.", ReasoningForm.ReasoningContent, "A6", Speakers.ThinkThenTool),
        Of("tool-plain", "The same in reasoning.", ReasoningForm.Reasoning, "A6, C2", Speakers.ThinkThenTool),
        Of("only", "Nothing but reasoning.", ReasoningForm.ReasoningContent, "A16", _ => new Answer(new Part.Think(Speakers.Thought))),
        Of("interleaved", "Thought, text, thought, text.", ReasoningForm.ReasoningContent, "A7", _ => new Answer(
            new Part.Think("First thought."), new Part.Say("First words. "), new Part.Think("Second thought."),
                new Part.Say("Second words."))),
        Of("between-tools", "Thought, call, thought, call.", ReasoningForm.ReasoningContent, "A6, A7", e => new Answer(
            new Part.Think("One."), DemoModel.CallOf(e, 0), new Part.Think("Two."), DemoModel.CallOf(e, 1))),
        Of("after-text", "Text first, then a thought.", ReasoningForm.ReasoningContent, "A7", _ =>
            new Answer(new Part.Say("Words first."), new Part.Think("Thought afterwards."))),
        Scenario.Spelled("sim/reasoning-empty", "reasoning_content is \"\" in every chunk; nothing is thought.",
            new WireForm { DeltaTail = ",\"reasoning_content\":\"\"" }, Speakers.Text) with { Rows = "A16" },
        Scenario.Spelled("sim/reasoning-null", "reasoning, reasoning_content and reasoning_details are null in every chunk.",
            new WireForm { DeltaTail = ",\"reasoning\":null,\"reasoning_content\":null,\"reasoning_details\":null" }, Speakers.Text)
                with { Rows = "A16" },
        new Scenario("sim/reasoning-with-text", "The last words of the thought and the first of the text share a chunk.",
            SharedChunk) { Rows = "C4" },
        new Scenario("sim/reasoning-with-tool", "The last words of the thought, text and the head of a call share a chunk.",
            SharedChunkWithTool) { Rows = "C4, A3" });

    private static Scenario Of(string name, string description, ReasoningForm form, string rows, Func<Exchange, Answer>? speaker = null) =>
        Scenario.Spelled("sim/reasoning-" + name, description, new WireForm { Reasoning = form }, speaker ?? Speakers.ThinkThenText)
            with { Rows = rows };

    private static Reply SharedChunk(Exchange exchange) => exchange.Request.Stream
        ? new ChatStream(exchange).Delta("""{"role":"assistant"}""").Delta("""{"reasoning_content":"It is "}""")
            .Delta("""{"reasoning_content":"ok.","content":"Hi"}""").Text(" there").Finish().Done().ToReply()
        : AnswerWriter.Whole(exchange, new Answer(new Part.Think("It is ok."), new Part.Say("Hi there")), new WireForm());

    private static Reply SharedChunkWithTool(Exchange exchange)
    {
        var call = DemoModel.CallOf(exchange, 0);
        if (exchange.Request.AnswersToolResults) return DemoModel.Reply(exchange, new WireForm());
        if (!exchange.Request.Stream)
        {
            return AnswerWriter.Whole(exchange, new Answer(new Part.Think("Look it up."), new Part.Say("Wait."), call), new WireForm());
        }

        var head = ToolForm.Head(0, new IssuedCall(exchange.NewCallId(0), call.Name, call.Arguments), call.Arguments);
        return new ChatStream(exchange).Delta("""{"role":"assistant"}""").Delta("""{"reasoning_content":"Look it "}""")
            .Delta("""{"reasoning_content":"up.","content":"Wait.",""" + head[1..]).Finish("tool_calls").Done().ToReply();
    }
}
