using System.Globalization;
using Dragoman.Simulator.Replies;
using Dragoman.Simulator.Requests;
using static Dragoman.Simulator.Model.Script;

namespace Dragoman.Simulator.Model;

/// <summary>The named conversations. They use Claude Code's tools.</summary>
internal static class Scripts
{
    private const string AfterCompaction = "after-compaction";

    public static IReadOnlyList<Script> All { get; } =
    [
        new("bash-write-read-edit", "Runs a command, writes a file, reads it, edits it, reads it again.",
            Says(new Part.Say("I will run a command first."), Bash("echo hello from the script")),
            Says(Call("Write", """{"file_path":"{cwd}/simulated.txt","content":"first line\nsecond line\n"}""")),
            Says(Call("Read", """{"file_path":"{cwd}/simulated.txt"}""")),
            Says(Call("Edit", """{"file_path":"{cwd}/simulated.txt","old_string":"second line","new_string":"another line"}""")),
            Says(Call("Read", """{"file_path":"{cwd}/simulated.txt"}""")),
            Says(new Part.Say("The file was written, read and edited."))),
        new("three-parallel", "Three calls at once, twice, each time with the ids call_0, call_1, call_2.",
            Says(Bash("echo one", "call_0"), Bash("echo two", "call_1"), Bash("echo three", "call_2")),
            Says(Bash("echo four", "call_0"), Bash("echo five", "call_1"), Bash("echo six", "call_2"))),
        new("parallel-failures", "Three calls at once, of which two fail.",
            Says(Bash("echo fine"), Bash("exit 3"), Call("Read", """{"file_path":"{cwd}/no-such-file.txt"}"""))),
        new("toolsearch", "Loads the deferred tool WebSearch and calls it.",
            Says(Call("ToolSearch", """{"query":"select:WebSearch","max_results":1}""")),
            Says(Call("WebSearch", """{"query":"what is a dragoman"}"""))),
        new("web-search", "Calls WebSearch at once.", Says(Call("WebSearch", """{"query":"what is a dragoman"}"""))),
        new("subagent", "Starts a subagent, which answers with a text.",
            Says(Call("Agent",
                    """{"description":"Say a word","prompt":"[[text The subagent was here.]]","subagent_type":"general-purpose"}"""))),
        new("thinking-roundtrip", "Thinks before a call, twice, then says whether the thoughts came back.",
            Says(new Part.Think("First I look around."), Bash("echo looked around")),
            Says(new Part.Think("Now I look again."), new Part.Say("Once more."), Bash("echo looked again")),
            Says((e, _) => new Answer(new Part.Say(ThoughtsSeen(e.Request))))),
        new("read-image", "Reads {cwd}/image.png, then says how many images it was shown.",
            Says(Call("Read", """{"file_path":"{cwd}/image.png"}""")),
            Says((e, _) => new Answer(new Part.Say(PartsSeen(e.Request))))),
        new("read-pdf", "Reads {cwd}/document.pdf, then says how many images and files it was shown and quotes the results.",
            Says(Call("Read", """{"file_path":"{cwd}/document.pdf"}""")),
            Says((e, _) => new Answer(new Part.Say(PartsSeen(e.Request) + " " + DemoModel.QuoteResults(e).Text)))),
        new("overflow-then-compact",
            "Two commands, then the prompt is too long, in OpenAI's words; goes on after the client has compacted.",
            Says(Bash("echo step one")), Says(Bash("echo step two")), (_, _, _) => TooLong()),
        new("overflow-then-compact-llamacpp", "The same in llama.cpp's words.",
            Says(Bash("echo step one")), Says(Bash("echo step two")), (_, _, _) => TooLongForLlama()),
        new(AfterCompaction, "What the summary written by this backend asks for, so that a compacted conversation goes on.",
            [.. Enumerable.Repeat(Says(new Part.Say("The conversation was compacted, and goes on.")), 20)]),
        new("rate-limit-then-ok", "429 with Retry-After 1 first, then a text.", (e, form, _) =>
            First(e, "429", ErrorReply.Of(429, "Rate limit reached.", "requests", null, "rate_limit_exceeded", ("Retry-After", "1")),
                form)),
        new("error-then-ok", "500 first, then a text.", (e, form, _) =>
            First(e, "500", ErrorReply.Of(500, "The server had an error.", "server_error"), form)),
        new("cut-mid-tool", "The stream is reset inside a call's arguments; the same call works unstreamed.",
            Says((e, _) => new Answer(new Part.Say("Let me see."), Bash("echo this was cut once")) { Ending = OnlyStreamed(e, Ending.Reset),
                    EventsBeforeEnding = 2 })),
        new("cut-mid-text", "The stream is closed inside a text; the same text works unstreamed.",
            Says((e, _) => new Answer(new Part.Say("This text was cut while it was streamed."))
            {
                Ending = OnlyStreamed(e, Ending.HangUp),
                EventsBeforeEnding = 3,
            })),
        new("non-stream-fallback", "Streams end cleanly but too early, again and again; whole requests are answered.",
            Says((e, _) => e.Request.Stream
                ? new Answer(new Part.Say("This will not be finished.")) { Ending = Ending.TooEarly, EventsBeforeEnding = 2 }
                : new Answer(new Part.Say("Answered without streaming.")))),
        new("silence-60", "Silence for that many seconds (any number), then a text.",
            Says((_, seconds) =>
                new Answer(new Part.Say(string.Create(CultureInfo.InvariantCulture,
                            $"I was silent for {seconds} seconds."))) { SilentFor = TimeSpan.FromSeconds(seconds) })),
        new("broken-arguments", "A call whose arguments are no JSON, then a right one.",
            Says(Call("Bash", """{"command":"echo broken""")),
            Says(Bash("echo repaired"))),
        new("unknown-tool", "Calls a tool that does not exist, then a real one.", Says(Call("NoSuchTool", "{}")),
            Says(Bash("echo a real one"))),
        new("length-then-continue", "A text that ends for want of room, and its rest in the next turn.",
            Says((_, _) => new Answer(new Part.Say("This sentence is going to be")) { FinishReason = "length" }),
            Says(new Part.Say(" continued."))),
        new("many-calls-20", "That many commands one after the other (any number).",
            [.. Enumerable.Repeat<Func<Exchange, WireForm, int,
                Reply>>((e, form, number) => e.Conversation.Instructions!.Value.Turn is var turn && turn < number
                ? DemoModel.Say(e, new Answer(Bash(string.Create(CultureInfo.InvariantCulture, $"echo step {turn + 1}"))), form)
                : DemoModel.Say(e, DemoModel.QuoteResults(e), form), 1000)]),
    ];

    public static Reply Play(Exchange exchange, string name, int turn, WireForm form)
    {
        var stem = name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        var script = All.FirstOrDefault(s => s.Name == name) ?? All.FirstOrDefault(s => s.Name != stem
            && s.Name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') == stem);
        if (script is null) return DemoModel.Say(exchange, new Answer(new Part.Say($"No script is named {name}.")), form);
        _ = int.TryParse(name[stem.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        if (turn < script.Turns.Count) return script.Turns[turn](exchange, form, number);
        return DemoModel.Say(exchange, exchange.Request.AnswersToolResults ? DemoModel.QuoteResults(exchange)
            : new Answer(new Part.Say("The script has ended.")), form);
    }

    /// <summary>The answer to a request for a summary, after which the conversation goes on.</summary>
    public static Answer Summary() =>
        new(new Part.Say(
            $"<summary>\nThe conversation so far was a demonstration, in which some commands were run. [[script {AfterCompaction}]]\n</summary>"));

    private static Part.Call Call(string name, string arguments) => new(name, arguments);

    private static Part.Call Bash(string command, string? id = null) =>
        new("Bash", $$"""{"command":{{JsonReading.Quote(command)}},"description":"A step of the simulated script"}""", id);

    private static Ending OnlyStreamed(Exchange exchange, Ending ending) => exchange.Request.Stream ? ending : Ending.Finished;

    private static Reply First(Exchange exchange, string what, Reply trouble, WireForm form) =>
        exchange.Counters.Next(exchange.Request, what) == 0 ? trouble
            : DemoModel.Say(exchange, new Answer(new Part.Say("It worked at the second try.")), form);

    private static Reply TooLong() =>
        ErrorReply.Of(400,
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 10240 tokens. Please reduce the length of the messages.",
        param: "messages", code: "context_length_exceeded");

    private static Reply TooLongForLlama() =>
        Reply.Json(
        """{"error":{"code":400,"message":"request (10240 tokens) exceeds the available context size (8192 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":10240,"n_ctx":8192}}""",
        400);

    private static string ThoughtsSeen(ChatRequest request)
    {
        var thoughts = request.Messages.Count(m => m.Role == "assistant"
            && (m.Json.StringAt("reasoning_content") ?? m.Json.StringAt("reasoning") ?? "").Trim().Length > 0);
        return string.Create(CultureInfo.InvariantCulture, $"{thoughts} of my thoughts came back.");
    }

    private static string PartsSeen(ChatRequest request)
    {
        var types = request.Messages.SelectMany(m => m.Json.ItemsAt("content")).Select(p => p.StringAt("type")).ToList();
        return string.Create(CultureInfo.InvariantCulture,
            $"I was shown {types.Count(t => t == "image_url")} images and {types.Count(t => t == "file")} files.");
    }
}
