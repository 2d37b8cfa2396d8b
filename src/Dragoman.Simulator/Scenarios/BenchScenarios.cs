using System.Globalization;
using System.Text;
using Dragoman.Simulator.Replies;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Fixed answers at next to no cost: requests are neither parsed nor checked, and the bytes are made once.</summary>
internal static class BenchScenarios
{
    private const string Prefix = "sim/bench-";
    private const string Words = "The quick brown fox jumps over the lazy dog while the gateway keeps out of the way. ";
    private const string UsageJson = """{"prompt_tokens":120,"completion_tokens":200,"total_tokens":320}""";

    private static readonly Prepared[] All =
    [
        Prepare("small", "One sentence: whole, or in three events.", TextDeltas(3)),
        Prepare("50", "50 text events at once.", TextDeltas(50)),
        Prepare("bulk-200", "200 text events at once.", TextDeltas(200)),
        Prepare("paced-200", "200 text events, one every 10 ms.", TextDeltas(200), TimeSpan.FromMilliseconds(10)),
        Prepare("tool-215", "One tool call whose arguments come in 215 fragments at once.", ToolDeltas(215), finish: "tool_calls"),
    ];

    public static ScenarioFamily Family { get; } = new(
        "Load",
        "The bytes are made beforehand and requests are not validated, so that the backend's own cost stays out of a measurement. Each event is an HTTP chunk of its own; usage comes last.",
        [.. All.Select(p => new Scenario(p.Name, p.Description, exchange => exchange.Request.Stream ? p.Streamed : p.Whole))]);

    /// <summary>The answer to a load request, or null if it is none. Looks for the members' bytes, which no JSON string can hold unescaped.</summary>
    public static Reply? Match(ReadOnlySpan<byte> body)
    {
        var opening = "\"model\":\"sim/bench-"u8;
        var at = body.IndexOf(opening);
        if (at < 0)
        {
            opening = "\"model\": \"sim/bench-"u8;
            at = body.IndexOf(opening);
            if (at < 0) return null;
        }

        var name = body[(at + opening.Length)..];
        foreach (var prepared in All)
        {
            if (name.StartsWith(prepared.NameEnd)) return IsStreamed(body) ? prepared.Streamed : prepared.Whole;
        }

        return null;
    }

    private static bool IsStreamed(ReadOnlySpan<byte> body) => body.IndexOf("\"stream\":true"u8) >= 0
        || body.IndexOf("\"stream\": true"u8) >= 0;

    private static Prepared Prepare(string name, string description, List<string> deltas, TimeSpan? every = null, string finish = "stop")
    {
        var model = Prefix + name;
        List<ReadOnlyMemory<byte>> events = [Chunk(model, """{"role":"assistant","content":""}""", null)];
        events.AddRange(deltas.Select(delta => Chunk(model, delta, null)));
        events.Add(Chunk(model, "{}", finish));
        events.Add(Framed($"data: {Start(model, "chat.completion.chunk")}\"choices\":[],\"usage\":{UsageJson}}}\n\n"));
        events.Add(Framed("data: [DONE]\n\n"));
        Step all = every is { } pace ? new Step.Beat(events, pace) : new Step.Send(events.SelectMany(e => e.ToArray()).ToArray());
        var streamed = Reply.Events([all, new Step.Send("0\r\n\r\n"u8.ToArray())], delivery: Delivery.Framed);
        var message = finish == "stop"
            ? """{"role":"assistant","content":"The quick brown fox jumps over the lazy dog."}"""
            : """{"role":"assistant","content":null,"tool_calls":[{"id":"call_bench","type":"function","function":{"name":"Write","arguments":"{\"content\":\"The quick brown fox.\"}"}}]}""";
        var whole = Reply.Json(
            $"{Start(model, "chat.completion")}\"choices\":[{{\"index\":0,\"message\":{message},\"finish_reason\":\"{finish}\"}}],\"usage\":{UsageJson}}}");
        return new Prepared(model, Encoding.ASCII.GetBytes(name + "\""), description, streamed, whole);
    }

    private static List<string> TextDeltas(int count) => [.. Fragments(count).Select(word => $$"""{"content":"{{word}}"}""")];

    private static List<string> ToolDeltas(int count) =>
    [
        """{"tool_calls":[{"index":0,"id":"call_bench","type":"function","function":{"name":"Write","arguments":""}}]}""",
        Arguments("{\\\"content\\\":\\\""),
        .. Fragments(count - 2).Select(Arguments),
        Arguments("\\\"}"),
    ];

    private static string Arguments(string escaped) => $$$"""{"tool_calls":[{"index":0,"function":{"arguments":"{{{escaped}}}"}}]}""";

    private static IEnumerable<string> Fragments(int count)
    {
        var words = Words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Enumerable.Range(0, count).Select(i => words[i % words.Length] + " ");
    }

    private static string Start(string model, string kind) =>
        $"{{\"id\":\"chatcmpl-bench\",\"object\":\"{kind}\",\"created\":1780000000,\"model\":\"{model}\",";

    private static ReadOnlyMemory<byte> Chunk(string model, string delta, string? finish) =>
        Framed($"data: {Start(model, "chat.completion.chunk")}\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{(finish is null ? "null" : $"\"{finish}\"")}}}]}}\n\n");

    /// <summary>An HTTP chunk. The text is ASCII.</summary>
    private static ReadOnlyMemory<byte> Framed(string text) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text.Length:x}\r\n{text}\r\n"));

    private sealed record Prepared(string Name, byte[] NameEnd, string Description, Reply Streamed, Reply Whole);
}
