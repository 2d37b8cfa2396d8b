using System.Globalization;
using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Tool calls and their deviations (failures.md A and B; openai-chat-completions.md 6.4).</summary>
internal static class ToolScenarios
{
    public static ScenarioFamily Family { get; } = new(
        "Tool calls",
        "Without directives these call the first tools on offer (or invented ones), then quote what the tools answered; with directives they call what the directives say, spelled in their own way.",
        Of("single", "One call, arguments in fragments, as OpenAI streams it.", ToolForm.Standard, Speakers.OneTool, "A6, A9"),
        Of("parallel", "Two calls one after the other, as OpenAI streams them; one if parallel calls are forbidden.", ToolForm.Standard, Speakers.TwoTools, "A5"),
        Of("parallel-always", "Two calls even if parallel calls are forbidden.", ToolForm.Standard, Speakers.AlwaysTwoTools, "B15"),
        Of("text-first", "Text, then a call whose first chunk carries its whole arguments.", ToolForms.ChunkPerCall, Speakers.TextThenTool, "A3"),
        Of("text-after", "A call, then text.", ToolForm.Standard, Speakers.ToolThenText, "A14"),
        Of("text-between", "A call, text, another call.", ToolForm.Standard, e => new Answer(DemoModel.CallOf(e, 0), new Part.Say("And then:"), DemoModel.CallOf(e, 1)), "A14"),
        Of("interleaved", "Two heads in one chunk, then argument fragments by turns.", ToolForms.Interleaved, Speakers.TwoTools, "A4"),
        Of("interleaved-heads", "Two heads one after the other, then argument fragments by turns.", ToolForms.InterleavedHeads, Speakers.TwoTools, "A4"),
        Of("interleaved-chunks", "Each chunk holds a fragment of every call, the later call first.", ToolForms.SharedChunks, Speakers.ThreeTools, "A4, A5"),
        Of("one-chunk", "Two whole calls in one chunk.", ToolForms.OneChunk, Speakers.TwoTools, "A5"),
        Of("chunk-per-call", "A chunk for each whole call (Groq, Ollama).", ToolForms.ChunkPerCall, Speakers.TwoTools, "A3"),
        new Scenario("sim/tools-finish-in-chunk", "A whole call in one chunk that also carries the finish reason and the usage.", e => DemoModel.Reply(e,
            new WireForm { Tools = ToolForms.OneChunk, FinishOnLastDelta = true, UsagePlacement = UsagePlacement.OnFinish }, Speakers.OneTool)) { Rows = "A12" },
        new Scenario("sim/tools-mistral", "Mistral: no index, no type, nine-character ids, all calls in one chunk with finish reason and usage.", e => DemoModel.Reply(e,
            new WireForm { Tools = ToolForms.MistralChunk, FinishOnLastDelta = true, UsagePlacement = UsagePlacement.OnFinish, UsageJson = UsageForms.Plain }, Speakers.TwoTools)) { Rows = "A12, B3" },
        new Scenario("sim/tools-gemini", "Gemini compat: no index, finish reason stop, a thought signature on the first call that must come back, else 400.", e => DemoModel.Reply(e,
            new WireForm { Tools = ToolForms.GeminiSigned, FinishReason = _ => "stop", Framing = new SseFraming { Done = false } }, Speakers.TwoTools))
        { Rows = "B1, B3, B5", Rules = new() { ThoughtSignatureRequired = true } },
        Of("arguments-in-head", "The chunk with the name already carries the first bytes of the arguments (llama.cpp, Mistral parser).", ToolForms.ArgumentsInHead, Speakers.TwoTools, "A3, B9"),
        Of("no-index", "No index; fragments belong to the call before them.", ToolForms.NoIndex, Speakers.TwoTools, "B3"),
        Of("no-index-id-repeated", "No index; every fragment has its call's id.", ToolForms.NoIndexIdRepeated, Speakers.TwoTools, "B3"),
        Of("index-zero", "Every call has index 0 and an id of its own (older Ollama).", ToolForms.AllIndexZero, Speakers.TwoTools, "B3"),
        Of("index-zero-no-ids", "Every call has index 0 and none has an id.", ToolForms.AllIndexZeroNoIds, Speakers.TwoTools, "B3"),
        Of("index-from-one", "The first call has index 1 (Anthropic's OpenAI endpoint, LiteLLM's Responses bridge).", ToolForms.IndexFromOne, Speakers.TwoTools, "A14"),
        Of("index-gaps", "Indices 0, 3 and 6.", ToolForms.IndexGaps, Speakers.ThreeTools),
        Of("heads-at-zero", "Every head has index 0, its fragments the right index (hosts of deepseek-v4-flash).", ToolForms.HeadsAtZero, Speakers.TwoTools),
        Of("orphan-fragments", "Fragments for indices that never had a head, around good calls (Nebius, Cerebras).", ToolForms.OrphanFragments, Speakers.TwoTools),
        Of("empty-id-on-tails", "id \"\" on every continuation (Qwen DashScope).", ToolForms.EmptyIdOnTails, Speakers.TwoTools, "B2"),
        Of("empty-name-on-tails", "name \"\" on every continuation (GLM at Mistral).", ToolForms.EmptyNameOnTails, Speakers.TwoTools, "B2"),
        Of("nulls-on-tails", "id, type and name are null on every continuation.", ToolForms.NullsOnTails, Speakers.TwoTools, "B2"),
        Of("id-repeated", "The id on every fragment (LocalAI).", ToolForms.IdRepeated, Speakers.TwoTools, "B2"),
        Of("id-and-name-repeated", "Id and name on every fragment.", ToolForms.IdAndNameRepeated, Speakers.TwoTools, "B2"),
        Of("repeated-under-other-index", "Each call comes again under another index with the same id (LocalAI).", ToolForms.RepeatedUnderOtherIndex, Speakers.TwoTools, "B2"),
        Of("name-after-arguments", "The name comes after the first fragment of the arguments.", ToolForms.NameAfterArguments, Speakers.TwoTools),
        Of("id-then-name", "Id and name in deltas of their own.", ToolForms.IdThenName, Speakers.TwoTools),
        Of("empty-content-between", "Empty and null content, empty deltas and an empty tool_calls array between fragments (vLLM, Azure, Copilot).", ToolForms.EmptyContentBetween, Speakers.TwoTools, "A8"),
        new Scenario("sim/tools-null-fields", "tool_calls and role are null in deltas that say something else (SGLang).", e => DemoModel.Reply(e,
            new WireForm { OpeningDelta = """{"role":"assistant","content":"","reasoning_content":null,"tool_calls":null}""", Tools = ToolForms.NullsOnTails, Reasoning = ReasoningForm.NullBeside }, Speakers.TextThenTool)) { Rows = "A8" },
        new Scenario("sim/tools-rest-on-finish", "The last fragment of the arguments rides on the finish chunk, id and name null (old vLLM).", RestOnFinish) { Rows = "A12" },
        Of("finish-stop", "Finish reason stop after a call (Ollama, LM Studio).", ToolForm.Standard, Speakers.OneTool, "B1", _ => "stop"),
        Of("finish-without-call", "Finish reason tool_calls, but only text (TGI and others).", ToolForm.Standard, Speakers.Finishing(Speakers.Text, "tool_calls")),
        Of("finish-function-call", "The old function_call delta and finish reason.", ToolForms.LegacyFunctionCall, Speakers.OneTool, finish: a => a.Calls.Any() ? "function_call" : "stop"),
        Of("arguments-object", "arguments is a JSON object, not a string.", ToolForms.ArgumentsObject, Speakers.OneTool),
        Of("arguments-empty", "arguments is the empty string.", ToolForms.ArgumentsEmpty, Speakers.OneTool, "B6"),
        Of("arguments-missing", "No arguments member at all.", ToolForms.ArgumentsMissing, Speakers.OneTool, "B6"),
        Of("arguments-braces", "arguments is \"{}\" (Groq).", ToolForms.ArgumentsBraces, Speakers.OneTool, "B6"),
        Of("arguments-null-text", "arguments is the text \"null\" (Groq).", ToolForms.ArgumentsNullText, Speakers.OneTool, "B6"),
        Of("arguments-null", "arguments is null.", ToolForms.ArgumentsNull, Speakers.OneTool, "B6"),
        Of("arguments-truncated", "The answer's length is used up inside the arguments.", ToolForm.Standard, Speakers.Finishing(Speakers.ToolWith("""{"location":"Par"""), "length"), "B7"),
        Of("arguments-broken", "Arguments that are no JSON: a comma too many, single quotes, an open bracket.", ToolForm.Standard, Speakers.ToolWith("""{'city': 'Paris',, "days": [1, 2"""), "B8"),
        Of("arguments-two-objects", "Two JSON objects glued into the arguments of one call.", ToolForm.Standard, Speakers.ToolWith("""{"city":"Paris"}{"city":"Tokyo"}"""), "B3"),
        Of("arguments-array", "Arguments that are JSON, but no object.", ToolForm.Standard, Speakers.ToolWith("""["Paris"]""")),
        Of("arguments-twice-encoded", "Arguments that are a JSON string with the object in it.", ToolForm.Standard, Speakers.ToolWith("\"{\\\"city\\\":\\\"Paris\\\"}\"")),
        Of("arguments-spelling", "Numbers as 1.0 and 1e2, unsorted keys, escapes and emoji: to be kept as they are.", ToolForms.ArgumentsInHead, Speakers.ToolWith("""{"z":1.0,"a":1e2,"text":"tab\tquote\" snowman \u2603 家 😀","empty":{},"list":[]}"""), "B19"),
        Of("unknown-name", "Calls a tool that nobody offered.", ToolForm.Standard, _ => new Answer(new Part.Call("no_such_tool", "{}"))),
        Of("wrong-case", "Calls the first tool in capitals.", ToolForm.Standard, e => new Answer(DemoModel.CallOf(e, 0) with { Name = e.Request.ToolName(0).ToUpperInvariant() })),
        Of("ids-repeated", "Ids call_0, call_1 in every turn.", ToolForms.WithIds((_, _, i) => string.Create(CultureInfo.InvariantCulture, $"call_{i}")), Speakers.TwoTools),
        Of("ids-equal", "The same id for both calls of an answer.", ToolForms.WithIds((e, _, _) => e.NewCallId(0)), Speakers.TwoTools),
        Of("ids-none", "No ids.", ToolForms.NoIds, Speakers.TwoTools),
        Of("ids-numeric", "Ids are JSON numbers.", ToolForms.NumericIds, Speakers.TwoTools),
        Of("ids-long", "Ids of 46 characters (vLLM).", ToolForms.WithIds((e, _, i) => "chatcmpl-tool-" + e.NewCallId(i)[8..].PadLeft(32, 'a')), Speakers.TwoTools) with { Rules = new() { MaxToolCallIdLength = int.MaxValue } },
        Of("ids-kimi", "Ids such as functions.Read:0 (Kimi K2).", ToolForms.WithIds((_, c, i) => string.Create(CultureInfo.InvariantCulture, $"functions.{c.Name}:{i}")), Speakers.TwoTools),
        new Scenario("sim/tools-empty-content", "content \"\" beside the calls, in whole answers too (llama.cpp).", EmptyContent) { Rows = "A9, O2" },
        new Scenario("sim/tools-choice-ignored", "Answers with text whatever tool_choice asks for (Ollama).", e => AnswerWriter.Write(e, Speakers.Text(e), new WireForm())) { Rows = "B14" });

    private static Scenario Of(string name, string description, ToolForm form, Func<Exchange, Answer> speaker, string rows = "", Func<Answer, string?>? finish = null) =>
        Scenario.Spelled("sim/tools-" + name, description, new WireForm { Tools = form, FinishReason = finish }, speaker) with { Rows = rows };

    private static Reply RestOnFinish(Exchange exchange)
    {
        var form = new WireForm { Tools = ToolForms.NullsOnTails, FinishOnLastDelta = true };
        return DemoModel.Reply(exchange, form, Speakers.OneTool);
    }

    private static Reply EmptyContent(Exchange exchange) =>
        DemoModel.Reply(exchange, new WireForm { EmptyContentBesideCalls = true }, Speakers.TwoTools);
}
