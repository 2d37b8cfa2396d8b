using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Translation.Tests.Streams;

namespace Dragoman.Translation.Tests.Golden;

/// <summary>A golden file: comments and settings (<c># …</c>, <c>#! name: value</c>), what the backend sends, a dashed line, what the client gets.</summary>
/// <remarks>Lines of the backend may write the line ends <c>\r</c> and <c>\n</c> as ␍ and ␊, to be seen. Client events are shown without what never changes:
/// the type that repeats the event's name, and the constant parts of message_start and message_delta (held by tests of their own).
/// With DRAGOMAN_UPDATE_GOLDEN=1 the part below the line is written anew, to be read before it is kept.</remarks>
internal sealed record GoldenCase(string Path, Dictionary<string, string> Settings, byte[] Upstream, string Expected)
{
    private const string Line = "--------------------------------------------------------------------------------";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Indented = new(Readable) { WriteIndented = true };

    internal static bool Updates => Environment.GetEnvironmentVariable("DRAGOMAN_UPDATE_GOLDEN") == "1";

    internal static IEnumerable<TheoryDataRow<string>> Names(string folder) =>
        Directory.EnumerateFiles(Folder(folder), "*.txt").Select(System.IO.Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)
            .Select(static name => new TheoryDataRow<string>(name!));

    internal static GoldenCase Read(string folder, string name)
    {
        var path = System.IO.Path.Combine(Folder(folder), name + ".txt");
        var lines = File.ReadAllText(path).Split('\n').ToList();
        var settings = new Dictionary<string, string>();
        foreach (var line in lines.TakeWhile(static line => line.StartsWith('#')).Where(static line => line.StartsWith("#! ", StringComparison.Ordinal)))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            settings[line[3..colon]] = line[(colon + 1)..].Trim();
        }

        var body = lines.SkipWhile(static line => line.StartsWith('#')).ToList();
        var dashes = body.IndexOf(Line);
        var upstream = string.Join('\n', dashes < 0 ? body : body.Take(dashes));
        upstream = upstream.Replace("␍␊\n", "\r\n", StringComparison.Ordinal).Replace("␍\n", "\r", StringComparison.Ordinal);
        if (dashes >= 0 || upstream.Length > 0) upstream += "\n";
        if (settings.ContainsKey("no-final-newline")) upstream = upstream.TrimEnd('\n');
        var expected = dashes < 0 ? "" : string.Join('\n', body.Skip(dashes + 1)).Trim('\n');
        return new GoldenCase(path, settings, Encoding.UTF8.GetBytes(upstream), expected);
    }

    /// <summary>The request, new each time.</summary>
    internal AnswerContext Context()
    {
        var dialect = Settings.TryGetValue("dialect", out var name) ? Dialects.Find(name)! : Dialects.Generic;
        if (Settings.TryGetValue("arguments", out var arguments)) dialect = dialect with { StreamToolArguments = arguments == "stream" };
        if (Settings.TryGetValue("think-tags", out var tags)) dialect = dialect with { ThinkTags = Enum.Parse<ThinkTags>(tags, ignoreCase: true) };
        if (Settings.TryGetValue("tool-leak", out var leak)) dialect = dialect with { ToolLeak = Enum.Parse<ToolLeak>(leak, ignoreCase: true) };
        if (Settings.TryGetValue("reasoning-in", out var input)) dialect = dialect with { ReasoningInput = Enum.Parse<ReasoningInput>(input, ignoreCase: true) };
        var used = new UsedToolIds();
        foreach (var id in List("used-ids")) used.Add(id);
        return new AnswerContext
        {
            Model = "claude-test",
            Backend = "local",
            Dialect = dialect,
            Tools = Contexts.Tools(List("tools")),
            UsedToolIds = used,
            Stream = true,
            UpstreamStream = true,
            ShowThinking = !Settings.ContainsKey("hide-thinking"),
            OmitThinkingText = Settings.ContainsKey("omit-thinking"),
            StructuredOutput = Settings.ContainsKey("structured-output"),
            SingleToolUse = Settings.ContainsKey("single-tool-use"),
            SentStopSequences = List("sent-stops"),
            OwnStopSequences = List("own-stops"),
            EstimatedInputTokens = 100,
            MaxTokens = Settings.TryGetValue("max-tokens", out var limit) ? int.Parse(limit) : 1000,
            ContextWindow = Settings.TryGetValue("context-window", out var window) ? int.Parse(window) : null,
            EchoedPrefill = Settings.GetValueOrDefault("echoed-prefill"),
            Safeguards = Settings.ContainsKey("safeguards"),
            ContextManagement = Settings.ContainsKey("context-management"),
            SignatureKey = Contexts.SignatureKey,
        };
    }

    internal void Check(string actual)
    {
        actual = actual.Trim('\n');
        if (Updates && actual != Expected)
        {
            var source = File.ReadAllText(Path);
            var at = source.IndexOf(Line, StringComparison.Ordinal);
            File.WriteAllText(Path, $"{(at < 0 ? source.TrimEnd('\n') + "\n\n" : source[..at])}{Line}\n{actual}\n");
            return;
        }

        Assert.Equal(Expected, actual);
    }

    /// <summary>The client's side of a run, to be read by eye.</summary>
    internal string Show(AnswerRun run, bool isStream)
    {
        var shown = new StringBuilder();
        if (run.Failure is { } failure && !run.HasStarted)
        {
            shown.Append("HTTP ").Append(failure.Status).Append(' ').Append(failure.Error.TypeName).Append(": ").Append(failure.Error.Message).Append('\n');
            if (failure.Kind != UpstreamErrorKind.Other) shown.Append("kind: ").Append(failure.Kind).Append('\n');
            return shown.ToString();
        }

        if (!isStream) return JsonNode.Parse(run.Output)!.ToJsonString(Indented);
        var isFull = Settings.ContainsKey("full");
        foreach (var (name, data) in StreamGrammar.Read(run.Output).Events)
        {
            var event_ = data.DeepClone().AsObject();
            if (!isFull) Shorten(name, event_);
            shown.Append(name);
            if (event_.Count > 0) shown.Append(' ').Append(event_.ToJsonString(Readable));
            shown.Append('\n');
        }

        return shown.ToString();
    }

    private static void Shorten(string name, JsonObject data)
    {
        data.Remove("type");
        if (name == "message_start") data.Remove("message");
        if (data["delta"] is JsonObject delta) Shorten(delta);
        if (data["content_block"] is JsonObject block)
        {
            foreach (var member in (ReadOnlySpan<string>)["text", "thinking", "signature", "caller", "input"]) block.Remove(member);
        }

        if (data["usage"] is JsonObject usage) data["usage"] = ShortUsage(usage);
    }

    private static void Shorten(JsonObject delta)
    {
        if (delta["signature"]?.GetValue<string>() is { } signature)
        {
            var opened = ReasoningSignature.Open(Encoding.UTF8.GetBytes(signature), Contexts.SignatureKey) ?? throw new InvalidOperationException("not our signature");
            var parts = new JsonObject { ["dialect"] = opened.Dialect, ["field"] = opened.Field };
            if (opened.Text is not null) parts["text"] = opened.Text;
            if (!opened.Details.IsEmpty) parts["details"] = JsonNode.Parse(opened.Details.Span);
            foreach (var (id, extra) in opened.ExtraContent ?? new Dictionary<string, ReadOnlyMemory<byte>>()) parts[id] = JsonNode.Parse(extra.Span);
            delta["signature"] = parts;
        }

        foreach (var name in delta.Where(static member => member.Value is null).Select(static member => member.Key).ToArray()) delta.Remove(name);
    }

    private static string ShortUsage(JsonObject usage)
    {
        var text = new StringBuilder().Append(usage["input_tokens"]);
        if (usage["cache_read_input_tokens"]!.GetValue<long>() > 0) text.Append('+').Append(usage["cache_read_input_tokens"]).Append(" read");
        if (usage["cache_creation_input_tokens"]!.GetValue<long>() > 0) text.Append('+').Append(usage["cache_creation_input_tokens"]).Append(" written");
        text.Append(" in, ").Append(usage["output_tokens"]).Append(" out");
        if (usage["output_tokens_details"]?["thinking_tokens"] is { } thinking) text.Append(", ").Append(thinking).Append(" of it thinking");
        return text.ToString();
    }

    private string[] List(string name) =>
        Settings.TryGetValue(name, out var value) ? value.Split(", ").Select(static item => item.Replace("\\n", "\n", StringComparison.Ordinal)).ToArray() : [];

    private static string Folder(string name)
    {
        // The files of the source tree, not copies: a golden file is changed where it is read.
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = System.IO.Path.Combine(folder.FullName, "Golden", name);
            if (Directory.Exists(path) && folder.EnumerateFiles("*.csproj").Any()) return path;
        }

        throw new DirectoryNotFoundException(name);
    }
}
