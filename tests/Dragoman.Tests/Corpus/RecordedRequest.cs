using System.Text.Json;
using Dragoman.Testing;

namespace Dragoman.Tests.Corpus;

/// <summary>A request that a real client once sent to a Messages endpoint.</summary>
internal sealed class RecordedRequest
{
    private static readonly string[] Folders = ["corpus/anthropic-requests", "captures/claude-code", "captures/other-clients"];

    private RecordedRequest(string path, byte[] body, IReadOnlyDictionary<string, string> headers)
    {
        Path = path;
        Body = body;
        Headers = headers;
    }

    /// <summary>Where it goes, with its query.</summary>
    public string Path { get; }

    public byte[] Body { get; }

    /// <summary>Those of its headers that say something about the request; none for most cases of the corpus.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Names of all cases, such as <c>captures/claude-code/compact.json</c>; one empty name where there are none.</summary>
    public static IEnumerable<string> Names()
    {
        var names = Folders.Where(folder => SharedData.Find(folder) is not null)
            .SelectMany(folder => Directory.EnumerateFiles(SharedData.Find(folder)!, "*.json").Select(file => $"{folder}/{System.IO.Path.GetFileName(file)}"))
            .Where(name => !name.EndsWith(".meta.json", StringComparison.Ordinal) && !name.EndsWith(".headers.json", StringComparison.Ordinal))
            // Another API's request.
            .Where(name => !name.Contains("codex", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        return names.Count > 0 ? names : [""];
    }

    public static RecordedRequest Load(string name)
    {
        var body = File.ReadAllBytes(SharedData.Require(name));
        if (SharedData.Find(name.Replace(".json", ".headers.json", StringComparison.Ordinal)) is { } captured)
        {
            using var about = JsonDocument.Parse(File.ReadAllBytes(captured));
            var headers = about.RootElement.GetProperty("headers").EnumerateObject()
                .Where(header => header.Name.StartsWith("anthropic-", StringComparison.Ordinal) || header.Name.StartsWith("x-", StringComparison.Ordinal))
                .ToDictionary(header => header.Name, header => header.Value.GetString()!);
            return new RecordedRequest(about.RootElement.GetProperty("path").GetString() + about.RootElement.GetProperty("query").GetString(), body, headers);
        }

        using var meta = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require(name.Replace(".request.json", ".meta.json", StringComparison.Ordinal))));
        var version = meta.RootElement.GetProperty("anthropic_version").GetString() ?? "2023-06-01";
        Dictionary<string, string> sent = new() { ["anthropic-version"] = version };
        return new RecordedRequest(meta.RootElement.GetProperty("endpoint").GetString()!, body, sent);
    }
}
