using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Requests;

/// <summary>One file a case: lines that choose the backend, what the client sends, a dashed line, what the backend gets or what the client is told.</summary>
/// <remarks>A new case is a new file with nothing below the dashed line and a run with DRAGOMAN_GOLDEN_UPDATE=1; then read what came out.</remarks>
public sealed class GoldenRequestTests
{
    private const string Separator = "\n-----\n";
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static TheoryData<string> Cases()
    {
        var cases = new TheoryData<string>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Golden", "request"), "*.txt").Order())
            cases.Add(Path.GetFileNameWithoutExtension(file));
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_backend_gets_what_the_golden_file_says(string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Golden", "request", name + ".txt");
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        var separator = text.IndexOf(Separator, StringComparison.Ordinal);
        var given = text[..separator];
        var expected = text[(separator + Separator.Length)..].TrimEnd();

        var (target, json) = Read(given);
        var actual = Translate(target, json);
        if (Environment.GetEnvironmentVariable("DRAGOMAN_GOLDEN_UPDATE") == "1")
            File.WriteAllText(SourceOf(name), given + Separator + actual + "\n");
        else
            Assert.Equal(expected, actual);
    }

    private static (TranslationTarget Target, string Json) Read(string given)
    {
        var target = new TranslationTarget { Dialect = Dialects.Generic, Model = "backend-model", SignatureKey = "golden key"u8.ToArray() };
        var lines = given.Split('\n');
        var line = 0;
        for (; !lines[line].StartsWith('{'); line++)
        {
            var (key, value) = lines[line].Split(':', 2) is [var k, var v] ? (k.Trim(), v.Trim()) : ("", "");
            target = key switch
            {
                "dialect" => target with { Dialect = Dialects.Find(value) ?? throw new InvalidDataException($"no dialect {value}") },
                "window" => target with { ContextWindow = int.Parse(value) },
                "session" => target with { SessionKey = value },
                "pdf text" => target with { ExtractPdfText = _ => value.Length == 0 ? null : value },
                "strict" => target with { Dialect = target.Dialect with { Strict = true } },
                "system role" => target with { Dialect = target.Dialect with { SystemRole = Enum.Parse<SystemRole>(value) } },
                "alternation" => target with { Dialect = target.Dialect with { Alternation = Enum.Parse<Alternation>(value) } },
                "response format" => target with { Dialect = target.Dialect with { ResponseFormat = Enum.Parse<ResponseFormat>(value) } },
                "schema filters" => target with { Dialect = target.Dialect with { SchemaFilters = Enum.Parse<SchemaFilters>(value) } },
                "tool choices" => target with { Dialect = target.Dialect with { ToolChoices = Enum.Parse<ToolChoices>(value) } },
                "images" => target with { Dialect = target.Dialect with { Images = Enum.Parse<Images>(value) } },
                "cache hints" => target with { Dialect = target.Dialect with { CacheHints = Enum.Parse<CacheHints>(value) } },
                "max output tokens" => target with { Dialect = target.Dialect with { MaxOutputTokens = int.Parse(value) } },
                "max stop sequences" => target with { Dialect = target.Dialect with { MaxStopSequences = int.Parse(value) } },
                "images in tool messages" => target with { Dialect = target.Dialect with { ImagesInToolMessages = true } },
                "" or "about" => target,
                _ => throw new InvalidDataException($"no setting {key}"),
            };
        }

        return (target, string.Join('\n', lines[line..]));
    }

    private static string Translate(TranslationTarget target, string json)
    {
        using var text = JsonText.Parse(Encoding.UTF8.GetBytes(json));
        var body = new ArrayBufferWriter<byte>();
        AnswerContext answer;
        try
        {
            answer = RequestTranslator.Translate(new MessagesRequest(text.Root), target, body);
        }
        catch (TranslationException refusal)
        {
            return $"{refusal.Error.Status} {refusal.Error.TypeName}: {refusal.Error.Message}"
                + (refusal.Error.ErrorCode is { } code ? $"\n{code} {string.Join(", ", refusal.Error.Unsupported ?? [])}" : "");
        }

        using var document = JsonDocument.Parse(body.WrittenMemory);
        var readable = JsonSerializer.Serialize(document.RootElement, Readable);
        if (answer.OwnStopSequences.Count > 0)
            readable += $"\nown stop sequences: {string.Join(", ", answer.OwnStopSequences)}";
        if (answer.EchoedPrefill is { } prefill)
            readable += $"\nechoed prefill: {prefill}";
        if (answer.Dropped.Count > 0)
            readable += $"\ndropped: {string.Join(", ", answer.Dropped)}";
        return readable.ReplaceLineEndings("\n");
    }

    private static string SourceOf(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "Golden", "request", name + ".txt");
            if (File.Exists(path) && File.Exists(Path.Combine(folder.FullName, "Dragoman.Translation.Tests.csproj")))
                return path;
        }

        throw new FileNotFoundException(name);
    }
}
