using System.Text.Json;
using Dragoman.Testing;

namespace Dragoman.Tests.Corpus;

/// <summary>One recorded answer of a Chat Completions endpoint, and what a careful reader must know after reading it.</summary>
internal sealed class RecordedAnswer
{
    private const string Folder = "corpus/openai";

    private RecordedAnswer(string name, byte[] body, JsonElement meta, JsonElement expected)
    {
        Name = name;
        Body = body;
        Status = meta.GetProperty("status").GetInt32();
        Streamed = meta.GetProperty("stream").GetBoolean();
        ContentType = meta.TryGetProperty("response_headers", out var headers) && headers.ValueKind == JsonValueKind.Object && headers.TryGetProperty("content-type", out var type)
            ? type.GetString()!
            : Streamed ? "text/event-stream" : "application/json";
        Expected = expected;
    }

    public string Name { get; }

    public byte[] Body { get; }

    public int Status { get; }

    /// <summary>The body is a stream of events.</summary>
    public bool Streamed { get; }

    public string ContentType { get; }

    /// <summary>The case's <c>expect.json</c>; the recordings' README has its rules.</summary>
    public JsonElement Expected { get; }

    /// <summary>Names of all cases; one empty name where there are none, so that the theory is skipped and not failed.</summary>
    public static IEnumerable<string> Names()
    {
        if (SharedData.Find(Folder) is not { } folder) return [""];
        return Directory.EnumerateFiles(folder, "*.expect.json").Select(file => Path.GetFileName(file)[..^".expect.json".Length]).Order(StringComparer.Ordinal);
    }

    public static RecordedAnswer Load(string name)
    {
        var folder = SharedData.Require(Folder);
        var meta = Parse(Path.Combine(folder, name + ".meta.json"));
        var body = File.ReadAllBytes(Path.Combine(folder, meta.GetProperty("body_file").GetString()!));
        return new RecordedAnswer(name, body, meta, Parse(Path.Combine(folder, name + ".expect.json")));
    }

    /// <summary>An answer that was not recorded: whole, and well.</summary>
    public static RecordedAnswer Of(string body)
    {
        using var nothing = JsonDocument.Parse("{}");
        using var meta = JsonDocument.Parse("""{"status":200,"stream":false}""");
        return new RecordedAnswer("", System.Text.Encoding.UTF8.GetBytes(body), meta.RootElement, nothing.RootElement.Clone());
    }

    private static JsonElement Parse(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.Clone();
    }
}
