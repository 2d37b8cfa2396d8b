using System.Text;
using System.Text.Json;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Requests;

/// <summary>Each block of a recorded request is in what the backend gets, or a placeholder stands for it, or the answer's header names it.</summary>
public sealed class NothingIsLostTests
{
    public static TheoryData<string> DialectNames() => [.. Dialects.Names];

    [Theory]
    [MemberData(nameof(DialectNames))]
    public void Every_block_is_accounted_for(string dialect)
    {
        foreach (var (name, body) in RecordedRequestTests.Recordings("captures/claude-code").Concat(RecordedRequestTests.Recordings("corpus/anthropic-requests")))
        {
            (string Body, AnswerContext Answer) translated;
            try
            {
                translated = Translating.Request(Encoding.UTF8.GetString(body), Translating.TargetOf(Dialects.Find(dialect)!) with { ExtractPdfText = _ => "text of the PDF" });
            }
            catch (TranslationException)
            {
                continue;
            }

            using var sent = JsonDocument.Parse(translated.Body);
            var texts = new StringBuilder();
            Gather(sent.RootElement, texts);
            var all = texts.ToString();
            using var request = JsonDocument.Parse(body);
            foreach (var message in request.RootElement.GetProperty("messages").EnumerateArray())
            {
                if (message.TryGetProperty("content", out var content))
                    AssertThere(content, all, translated.Answer, $"{name} for {dialect}");
            }
        }
    }

    private static void AssertThere(JsonElement content, string all, AnswerContext answer, string where)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            AssertText(content.GetString()!, all, where);
            return;
        }

        foreach (var block in content.EnumerateArray())
        {
            var type = block.GetProperty("type").GetString()!;
            switch (type)
            {
                case "text":
                    AssertText(block.GetProperty("text").GetString()!, all, where);
                    break;
                case "thinking":
                    Assert.True(
                        answer.Dropped.Contains("thinking") || all.Contains(block.GetProperty("thinking").GetString()!, StringComparison.Ordinal), where);
                    break;
                case "redacted_thinking" or "fallback" or "mcp_tool_listing":
                    Assert.Contains(type, answer.Dropped);
                    break;
                case "tool_use":
                    AssertText(block.GetProperty("name").GetString()!, all, where);
                    foreach (var input in block.GetProperty("input").EnumerateObject())
                        AssertText(input.Name, all, where);
                    break;
                case "tool_result" when block.TryGetProperty("content", out var inner):
                    AssertThere(inner, all, answer, where);
                    break;
                case "image":
                    var source = block.GetProperty("source");
                    var data = source.TryGetProperty("data", out var base64) ? base64.GetString()! : "://";
                    Assert.True(all.Contains(data, StringComparison.Ordinal) || answer.Dropped.Contains("image") || all.Contains("[file", StringComparison.Ordinal), where);
                    break;
                case "document":
                    Assert.True(
                        answer.Dropped.Contains("document") || all.Contains("<document", StringComparison.Ordinal)
                            || all.Contains("data:application/pdf", StringComparison.Ordinal) || all.Contains("http", StringComparison.Ordinal), where);
                    break;
                case "server_tool_use" or "mcp_tool_use":
                    AssertText($"[{block.GetProperty("name").GetString()}: ", all, where);
                    break;
                case "tool_reference":
                    AssertText($"Tool {block.GetProperty("tool_name").GetString()} is available.", all, where);
                    break;
            }
        }
    }

    private static void AssertText(string text, string all, string where)
    {
        if (text.Trim().Length > 0)
            Assert.True(all.Contains(text.TrimEnd(), StringComparison.Ordinal), $"{where}: lost {text}");
    }

    private static void Gather(JsonElement element, StringBuilder texts)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                texts.Append(element.GetString()).Append('\n');
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    Gather(item, texts);
                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                    Gather(member.Value, texts);
                break;
        }
    }
}
