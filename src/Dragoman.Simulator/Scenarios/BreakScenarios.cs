using System.Text;
using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Streams that fail after they began (failures.md G1, G2).</summary>
internal static class BreakScenarios
{
    private const string Cuda = """{"error":{"message":"CUDA out of memory","type":"server_error","param":null,"code":null}}""";

    public static ScenarioFamily Family { get; } = new(
        "Errors and breaks in mid-stream",
        "Some text has been sent when it happens, unless the description says otherwise. Whole requests get the same kind of break in the middle of the body, or the error with status 500.",
        Failing("data", "A data event with an error object, then the end (vLLM, llama.cpp).", s => s.Event(Cuda)),
        Failing("data-done", "The same, and [DONE] after it.", s => s.Event(Cuda).Done()),
        Failing("event", "An event named error.", s => s.Raw($"event: error\ndata: {Cuda}\n\n")),
        Failing("text", "An error that is a string.", s => s.Event("""{"error":"unexpected EOF"}""")),
        Failing("detail", "The error in old vLLM's shape.", s =>
            s.Event("""{"object":"error","message":"CUDA out of memory","type":"InternalServerError","param":null,"code":500}""")),
        Failing("openrouter", "A chunk with error and a choice that finishes with reason error (OpenRouter).", s => s
            .Event("""{"id":"gen-sim","object":"chat.completion.chunk","created":0,"model":"m","error":{"code":502,"message":"Provider disconnected"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}""")
                .Done()),
        Failing("choice", "The error inside the choice.", s =>
            s.Chunk("""[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"code":502,"message":"Provider disconnected"}}]""")
            .Done()),
        Failing("rate-limit", "A rate limit error with a code of 429.", s =>
            s.Event("""{"error":{"message":"Rate limit exceeded","type":"rate_limit_error","code":429}}""")),
        Failing("overflow", "The window is full in mid-stream.", s =>
            s.Event("""{"error":{"message":"This model's maximum context length is 8192 tokens.","type":"invalid_request_error","code":"context_length_exceeded"}}""")),
        new Scenario("sim/break-error-first", "The first event of the stream is an error.", e =>
            Or500(e, s => s.Event(Cuda), opened: false)) { Rows = "G1" },
        new Scenario("sim/break-error-in-tool", "An error in the middle of a call's arguments.", e =>
            Or500(e, s => ToolHead(s).Event(Cuda))) { Rows = "G1" },
        Breaking("reset", "A TCP reset.", Text, s => s.Then(new Step.Reset())),
        Breaking("reset-in-tool", "A TCP reset inside a call's arguments.", ToolHead, s => s.Then(new Step.Reset())),
        Breaking("reset-after-tool", "A TCP reset after a complete call, before the finish reason.", WholeTool, s =>
            s.Then(new Step.Reset())),
        Breaking("hang-up", "The sending side closes without the last HTTP chunk.", Text, s => s.Then(new Step.HangUp())),
        Breaking("eof", "A clean end without finish reason and [DONE].", Text, s => s),
        Breaking("eof-in-tool", "A clean end inside a call's arguments.", ToolHead, s => s),
        Breaking("eof-after-tool", "A clean end after a complete call, without finish reason.", WholeTool, s => s),
        Breaking("eof-in-thought", "A clean end inside a thought.", s => s.Delta("""{"reasoning_content":"Let me"}"""), s => s),
        Breaking("eof-in-event", "A clean end in the middle of an event's JSON.", Text, s =>
            s.Raw("data: {\"id\":\"chatcmpl-sim\",\"choices\":[{\"index\":0,\"del")),
        Breaking("eof-after-finish", "A clean end right after the finish reason: complete, though usage and [DONE] are missing.", Text, s =>
            s.Finish()),
        Breaking("reset-after-finish", "A TCP reset after the finish reason.", Text, s => s.Finish().Then(new Step.Reset())),
        Breaking("garbage", "An event that is no JSON, then the rest of the answer.", Text, s => s.Raw("data: {not json}\n\n").Finish()
            .Done()),
        Breaking("garbage-utf8", "An event with bytes that are no UTF-8, then the rest.", Text, s =>
            s.Raw([.. "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\""u8, 0xFF, 0xC3, 0x28,
                    .. "\"},\"finish_reason\":null}]}\n\n"u8]).Finish().Done()),
        Breaking("types", "Wrong types: content a number, choices an object, tool_calls a string; then the rest.", Text, s => s
            .Delta("""{"content":42}""").Event("""{"choices":{"delta":{}}}""").Delta("""{"tool_calls":"none"}""").Finish().Done()),
        Breaking("html", "An HTML page in the middle of the events.", Text, s =>
            s.Raw("<html><body><h1>504 Gateway Time-out</h1></body></html>\n")),
        new Scenario("sim/break-empty", "200, event stream, and nothing in it.", e => Streamed(e, s => s)) { Rows = "G2" },
        new Scenario("sim/break-only-done", "Nothing but [DONE].", e => Streamed(e, s => s.Done())) { Rows = "G2" },
        new Scenario("sim/break-only-role", "The opening chunk, then [DONE].", e =>
            Streamed(e, s => s.Delta("""{"role":"assistant","content":""}""").Done())) { Rows = "G2" },
        new Scenario("sim/break-only-comments", "Comments and a clean end.", e =>
            Streamed(e, s => s.Raw(": one\n\n: two\n\n"))) { Rows = "G2" },
        new Scenario("sim/break-before-headers", "A TCP reset instead of an answer.", _ =>
            new Reply { Steps = [new Step.Reset()] }) { Rows = "G2" },
        new Scenario("sim/break-after-headers", "Headers, then a TCP reset.", e => e.Request.Stream
            ? Reply.Events([new Step.SendHeaders(), new Step.Reset()])
            : new Reply { Delivery = Delivery.Chunked, Steps = [new Step.SendHeaders(), new Step.Reset()] }) { Rows = "G2" },
        new Scenario("sim/break-short-length", "A Content-Length larger than the body that comes before the connection ends.",
            ShortLength) { Rows = "G2" });

    private static Scenario Failing(string name, string description, Func<ChatStream, ChatStream> end) =>
        new("sim/break-error-" + name, description, e => Or500(e, s => end(Text(s)))) { Rows = "G1" };

    private static Scenario Breaking(string name, string description, Func<ChatStream, ChatStream> begin, Func<ChatStream,
        ChatStream> end) =>
        new("sim/break-" + name, description, e => Streamed(e, s => end(begin(Open(s))))) { Rows = "G2" };

    private static ChatStream Open(ChatStream stream) => stream.Delta("""{"role":"assistant","content":""}""");

    private static ChatStream Text(ChatStream stream) => stream.Text("Half of ").Text("the ans");

    private static ChatStream ToolHead(ChatStream stream)
    {
        var call = Call(stream);
        return stream.Delta(ToolForm.Head(0, call, "")).Delta(ToolForm.Tail(0, "{\"ci"));
    }

    private static ChatStream WholeTool(ChatStream stream)
    {
        var call = Call(stream);
        return stream.Delta(ToolForm.Head(0, call, call.Arguments));
    }

    private static IssuedCall Call(ChatStream stream)
    {
        var call = DemoModel.CallOf(stream.Exchange, 0);
        return new IssuedCall(stream.Exchange.NewCallId(0), call.Name, call.Arguments);
    }

    private static Reply Or500(Exchange exchange, Func<ChatStream, ChatStream> write, bool opened = true)
    {
        if (!exchange.Request.Stream) return Reply.Json(Cuda, 500);
        var stream = new ChatStream(exchange);
        return write(opened ? Open(stream) : stream).ToReply();
    }

    /// <summary>A whole request gets half of an answer, ended as the stream ends: broken, or as if it were complete.</summary>
    private static Reply Streamed(Exchange exchange, Func<ChatStream, ChatStream> write)
    {
        var stream = write(new ChatStream(exchange));
        if (exchange.Request.Stream) return stream.ToReply();
        var half = "{\"id\":\"chatcmpl-sim\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"mess"u8.ToArray();
        return new Reply { Delivery = Delivery.Chunked,
            Steps = [new Step.Send(half), .. stream.Steps.Where(s => s is Step.Reset or Step.HangUp)] };
    }

    private static Reply ShortLength(Exchange exchange) => new()
    {
        ContentType = exchange.Request.Stream ? "text/event-stream" : "application/json",
        Delivery = Delivery.Chunked,
        Headers = [("Content-Length", "100000")],
        Steps = [new Step.Send(Encoding.UTF8.GetBytes(exchange.Request.Stream ? "data: {\"id\":\"chatcmpl-sim\""
                    : "{\"id\":\"chatcmpl-sim\"")), new Step.HangUp()],
    };
}
