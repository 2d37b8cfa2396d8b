using System.Buffers;
using System.Text;
using System.Text.Json;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Requests;

/// <summary>What real clients sent, through every preset.</summary>
public sealed class RecordedRequestTests
{
    public static TheoryData<string> DialectNames() => [.. Dialects.Names];

    [Theory]
    [MemberData(nameof(DialectNames))]
    public void Every_request_of_Claude_Code_translates(string dialect)
    {
        foreach (var (name, body) in Recordings("captures/claude-code"))
        {
            if (name.StartsWith("count-tokens", StringComparison.Ordinal))
                TranslatePrompt(dialect, body);
            else if (name.StartsWith("websearch-side", StringComparison.Ordinal))
                // failures.md B11, mapping.md section 5.4: this fails Claude Code's WebSearch tool, visibly, and nothing else.
                Assert.Contains("web_search_20250305 is not supported", Assert.Throws<TranslationException>(() => Translate(dialect, body)).Message);
            else
                AssertLegal(name, Translate(dialect, body));
        }
    }

    [Theory]
    [MemberData(nameof(DialectNames))]
    public void Every_request_that_clients_sent_to_the_real_service_translates_or_is_refused_with_a_reason(string dialect)
    {
        var translated = 0;
        foreach (var (name, body) in Recordings("corpus/anthropic-requests"))
        {
            try
            {
                AssertLegal(name, name.Contains(".count.", StringComparison.Ordinal) ? TranslatePrompt(dialect, body) : Translate(dialect, body));
                translated++;
            }
            catch (TranslationException refusal)
            {
                Assert.Matches(
                    "not supported|max_tokens|prefill|tools: Tool names must be unique|PDF|messages.0: Input should be an object", refusal.Message);
            }
        }

        Assert.True(translated > 50, $"only {translated} translated");
    }

    internal static IEnumerable<(string Name, byte[] Body)> Recordings(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(SharedData.Require(folder), "*.json").Order())
        {
            var name = Path.GetFileName(file);
            if (name.EndsWith(".headers.json", StringComparison.Ordinal) || name.EndsWith(".meta.json", StringComparison.Ordinal))
                continue;
            var body = File.ReadAllBytes(file);
            if (body.Length > 2)
                yield return (name, body);
        }
    }

    internal static JsonElement Translate(string dialect, byte[] body) => Run(dialect, body, RequestTranslator.Translate);

    private static JsonElement TranslatePrompt(string dialect, byte[] body) => Run(dialect, body, (r, t, w) => RequestTranslator.TranslatePrompt(r, t, w));

    private static JsonElement Run(string dialect, byte[] body, Func<MessagesRequest, TranslationTarget, IBufferWriter<byte>, object> translate)
    {
        using var text = JsonText.Parse(body.ToArray());
        var output = new ArrayBufferWriter<byte>();
        var target = new TranslationTarget { Dialect = Dialects.Find(dialect)!, Model = "m", ExtractPdfText = _ => "text of the PDF" };
        translate(new MessagesRequest(text.Root), target, output);
        return JsonDocument.Parse(output.WrittenMemory).RootElement;
    }

    /// <summary>Rules that every backend checks: each call is answered right behind it, nothing is empty that may not be.</summary>
    private static void AssertLegal(string name, JsonElement body)
    {
        var open = new List<string>();
        foreach (var message in body.GetProperty("messages").EnumerateArray())
        {
            var role = message.GetProperty("role").GetString();
            if (role == "tool")
            {
                Assert.True(open.Remove(message.GetProperty("tool_call_id").GetString()!), $"{name}: a tool message answers no open call");
                continue;
            }

            Assert.True(open.Count == 0, $"{name}: {role} before all calls were answered");
            if (message.TryGetProperty("tool_calls", out var calls))
            {
                foreach (var call in calls.EnumerateArray())
                {
                    open.Add(call.GetProperty("id").GetString()!);
                    Assert.Matches("^[a-zA-Z0-9_-]{1,64}$", call.GetProperty("function").GetProperty("name").GetString()!);
                    using var arguments = JsonDocument.Parse(call.GetProperty("function").GetProperty("arguments").GetString()!);
                    Assert.Equal(JsonValueKind.Object, arguments.RootElement.ValueKind);
                }
            }
            else
            {
                Assert.True(message.GetProperty("content").ValueKind is JsonValueKind.String or JsonValueKind.Array, name);
            }
        }

        Assert.True(open.Count == 0, $"{name}: a call is not answered");
        if (body.TryGetProperty("tools", out var tools))
        {
            Assert.NotEqual(0, tools.GetArrayLength());
            foreach (var tool in tools.EnumerateArray())
            {
                var parameters = tool.GetProperty("function").GetProperty("parameters");
                Assert.Equal("object", parameters.GetProperty("type").GetString());
                Assert.Equal(JsonValueKind.Object, parameters.GetProperty("properties").ValueKind);
                Assert.NotEqual("DeferredToolPlaceholder", tool.GetProperty("function").GetProperty("name").GetString());
            }
        }
    }
}
