using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dragoman.Bench.Wire;

/// <summary>One answer of the backend, as prepared bytes, and what a client must get out of it.</summary>
/// <remarks>Streamed answers have every event in an HTTP chunk of its own, as real servers send them.</remarks>
public sealed class AnswerScript
{
    public const string Model = "bench-model";
    public const int StampDigits = 19;

    private const string Identity =
        "\"id\":\"chatcmpl-9f4c1e7ab2d84d6c8a05\",\"object\":\"chat.completion.chunk\",\"created\":1763800000,\"model\":\"bench-model\"";

    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<byte[]> _events = [];
    private readonly StringBuilder _content = new();

    private AnswerScript(string name) => Name = name;

    public string Name { get; }

    public bool IsStreamed { get; private init; } = true;

    /// <summary>Content carries time stamps: <c>@</c> and nineteen digits at the start of each event's text.</summary>
    public bool IsStamped { get; private init; }

    public bool IsToolCall { get; private init; }

    /// <summary>HTTP head and what comes before the first content event.</summary>
    public byte[] Start { get; private set; } = [];

    /// <summary>Content events, each a whole HTTP chunk; empty for a whole answer.</summary>
    public IReadOnlyList<byte[]> Events => _events;

    /// <summary>Finish chunk, usage chunk, [DONE] and the last HTTP chunk.</summary>
    public byte[] End { get; private set; } = [];

    /// <summary>Everything at once, for answers sent in bulk.</summary>
    public byte[] Bulk { get; private set; } = [];

    /// <summary>The answer's body without HTTP's head and chunks: server-sent events, or the JSON of a whole answer.</summary>
    public byte[] Body()
    {
        var reader = new HttpMessageReader();
        ReadOnlySpan<byte> rest = Bulk;
        var body = new List<byte>();
        for (var part = reader.Read(ref rest, out var bytes); part != HttpPart.End; part = reader.Read(ref rest, out bytes)) body.AddRange(bytes);
        return [.. body];
    }

    /// <summary>All text, or all tool arguments, as JSON writes them between quotes; time stamps are zeros.</summary>
    public byte[] Content { get; private set; } = [];

    /// <exception cref="ArgumentException">There is no such answer.</exception>
    public static AnswerScript Named(string name) => name switch
    {
        "small" => Whole(name),
        "bulk-200" => Text(name, events: 200, stamped: false),
        "bulk-50" => Text(name, events: 50, stamped: false),
        "paced-200" => Text(name, events: 200, stamped: true),
        "tool-215" => ToolCall(name, fragments: 215),
        "tool-15" => ToolCall(name, fragments: 15),
        _ => throw new ArgumentException($"no answer is named '{name}'"),
    };

    /// <summary>Where the digits of an event's time stamp go.</summary>
    public static int StampOffset(ReadOnlySpan<byte> content) => content.IndexOf((byte)'@') + 1;

    /// <summary>Writes the time of sending (nanoseconds of the monotonic clock, which all processes share).</summary>
    public static void Stamp(Span<byte> content, long time) =>
        Utf8Formatter.TryFormat(time, content.Slice(StampOffset(content), StampDigits), out _, new('D', StampDigits));

    private static AnswerScript Whole(string name)
    {
        var script = new AnswerScript(name) { IsStreamed = false };
        script._content.Append(Quote(new Prose(7).Text(400)));
        var body = "{" + Identity.Replace(".chunk", "", StringComparison.Ordinal)
            + $",\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{script._content}\"}},"
            + "\"logprobs\":null,\"finish_reason\":\"stop\"}],"
            + "\"usage\":{\"prompt_tokens\":412,\"completion_tokens\":96,\"total_tokens\":508,\"prompt_tokens_details\":{\"cached_tokens\":256}}}";
        var head = $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n";
        script.Start = Encoding.UTF8.GetBytes(head + body);
        return script.Seal();
    }

    private static AnswerScript Text(string name, int events, bool stamped)
    {
        var script = new AnswerScript(name) { IsStamped = stamped };
        script.Begin("{\"role\":\"assistant\",\"content\":\"\"}");
        var prose = new Prose(11);
        var stamp = stamped ? "@" + new string('0', StampDigits) : "";
        for (var i = 0; i < events; i++)
        {
            var text = prose.Below(14) switch { 0 => "\n\n", 1 => $" \"{prose.Word()}\"", _ => " " + prose.Word() };
            script.Add(stamp + Quote(text), text => $"{{\"content\":\"{text}\"}}");
        }
        script.Finish("stop");
        return script.Seal();
    }

    private static AnswerScript ToolCall(string name, int fragments)
    {
        var script = new AnswerScript(name) { IsToolCall = true };
        script.Begin("{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":\"call_7d21c0a94be\","
            + "\"type\":\"function\",\"function\":{\"name\":\"edit_file\",\"arguments\":\"\"}}]}");
        var prose = new Prose(13);
        var arguments = JsonSerializer.Serialize(
            new { file_path = "/home/user/project/src/orders.cs", old_string = prose.Code(500), new_string = prose.Code(700) }, AsWritten);
        var units = Units(Quote(arguments));
        for (var i = 0; i < fragments; i++)
        {
            var part = string.Concat(units[(i * units.Count / fragments)..((i + 1) * units.Count / fragments)]);
            script.Add(part, text => $"{{\"tool_calls\":[{{\"index\":0,\"function\":{{\"arguments\":\"{text}\"}}}}]}}");
        }
        script.Finish("tool_calls");
        return script.Seal();
    }

    private void Begin(string firstDelta) => Start = Encoding.UTF8.GetBytes(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n"
        + Event(Chunk(firstDelta, "null")));

    private void Add(string content, Func<string, string> delta)
    {
        _content.Append(content);
        _events.Add(Encoding.UTF8.GetBytes(Event(Chunk(delta(content), "null"))));
    }

    private void Finish(string reason) => End = Encoding.UTF8.GetBytes(
        Event(Chunk("{}", $"\"{reason}\""))
        + Event("{" + Identity + ",\"choices\":[],\"usage\":{\"prompt_tokens\":9812,\"completion_tokens\":215,\"total_tokens\":10027,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":8192}}}")
        + Event("[DONE]")
        + "0\r\n\r\n");

    private AnswerScript Seal()
    {
        Content = Encoding.UTF8.GetBytes(_content.ToString());
        Bulk = [.. Start, .. _events.SelectMany(e => e), .. End];
        return this;
    }

    private static string Chunk(string delta, string reason) =>
        "{" + Identity + $",\"choices\":[{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{reason}}}]}}";

    /// <summary>A server-sent event in an HTTP chunk of its own.</summary>
    private static string Event(string payload) =>
        string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(payload) + 8:x}\r\ndata: {payload}\n\n\r\n");

    /// <summary>A JSON string without its quotes, escaped as servers do: only what must be.</summary>
    private static string Quote(string text) => JsonSerializer.Serialize(text, AsWritten)[1..^1];

    /// <summary>The characters of an escaped string; an escape stays whole, as tokens leave it.</summary>
    private static List<string> Units(string escaped)
    {
        var units = new List<string>();
        for (var i = 0; i < escaped.Length; i += units[^1].Length) units.Add(escaped[i] == '\\' ? escaped.Substring(i, 2) : escaped[i..(i + 1)]);
        return units;
    }
}
