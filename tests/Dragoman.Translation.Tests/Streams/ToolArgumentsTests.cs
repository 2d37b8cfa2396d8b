using System.Text;
using System.Text.Json;
using CsCheck;
using Dragoman.Protocol;
using Dragoman.Protocol.Json;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Streams;

// failures.md B6, B7, B8; mapping.md section 9.4
public sealed class ToolArgumentsTests
{
    private static readonly Gen<string> Pieces = Gen.Int[0, 15].Select(static which => new[]
    {
        "{", "}", "\"a\"", ":", "1", ",", "[", "]", "\"b\\\"", "null", " ", "\n", "'c'", "True", "\\d", "text",
    }[which]);

    [Theory]
    [InlineData("", null, "{}")]
    [InlineData("  ", null, "{}")]
    [InlineData("null", null, "{}")]
    [InlineData("{\"a\": 1.0}", null, "{\"a\": 1.0}")]
    [InlineData("{\"a\":1}{\"a\":1}", null, "{\"a\":1}")]
    [InlineData("{}{\"a\":1}", null, "{\"a\":1}")]
    [InlineData("{\"a\":1} and so on", null, "{\"a\":1}")]
    [InlineData("\"{\\\"a\\\":1}\"", null, "{\"a\":1}")]
    [InlineData("\"\\\"{}\\\"\"", null, "{}")]
    [InlineData("{\"a\":\"x\ny\",}", null, "{\"a\":\"x\\ny\"}")]
    [InlineData("{'a':'it\\'s'}", null, "{\"a\":\"it's\"}")]
    [InlineData("{\"p\":\"C:\\Users\"}", null, "{\"p\":\"C:\\\\Users\"}")]
    [InlineData("\"ls\"", "command", "{\"command\":\"ls\"}")]
    [InlineData("[1,2]", "items", "{\"items\":[1,2]}")]
    [InlineData("\"ls\"", null, "{\"_raw\":\"\\\"ls\\\"\"}")]
    [InlineData("ls -la", null, "{\"_raw\":\"ls -la\"}")]
    [InlineData("{\"a\":", null, "{\"_raw\":\"{\\\"a\\\":\"}")]
    public void Arguments_become_the_object_they_were_meant_to_be(string sent, string? onlyProperty, string expected)
    {
        Assert.NotEqual(ArgumentsState.CutOff, Read(sent, onlyProperty, cutOff: false, out var result));
        Assert.Equal(expected, result);
    }

    [Theory]
    [InlineData("{\"location\":\"Par")]
    [InlineData("")]
    [InlineData("{")]
    public void Arguments_that_a_limit_cut_are_not_completed(string sent) => Assert.Equal(ArgumentsState.CutOff, Read(sent, null, cutOff: true, out _));

    [Fact]
    public void Whatever_was_sent_the_client_gets_one_object() =>
        Pieces.Array[0, 12].Sample(static pieces =>
        {
            Read(string.Concat(pieces), null, cutOff: false, out var result);
            return JsonDocument.Parse(result).RootElement.ValueKind == JsonValueKind.Object;
        });

    [Fact]
    public void A_complete_value_is_known_at_its_last_byte_and_a_fault_at_its_first() =>
        Gen.Select(Pieces.Array[0, 10], Gen.Int[1, 5]).Sample(static (pieces, cut) =>
        {
            var text = "{" + string.Concat(pieces);
            using var escaped = new PooledBuffer();
            EscapedText.Escape(Encoding.UTF8.GetBytes(text), escaped);
            var progress = default(JsonProgress);
            var consumed = 0;
            foreach (var piece in Split(escaped.Span.ToArray(), cut))
            {
                if (consumed < 0) continue;
                var used = progress.Push(piece);
                consumed = used < piece.Length ? -1 : consumed + used;
            }

            if (progress.IsComplete) return IsJson(text, firstValueOnly: true);
            return progress.Fault == JsonFault.None || !IsJson(text, firstValueOnly: false);
        });

    private static IEnumerable<byte[]> Split(byte[] escaped, int cut)
    {
        // Never inside an escape: each fragment is a JSON string of its own.
        for (var at = 0; at < escaped.Length;)
        {
            var end = at;
            for (var i = 0; i < cut && end < escaped.Length; i++) end += escaped[end] == '\\' ? escaped[end + 1] == 'u' ? 6 : 2 : 1;
            yield return escaped[at..end];
            at = end;
        }
    }

    private static bool IsJson(string text, bool firstValueOnly)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        try
        {
            reader.Read();
            reader.Skip();
            return firstValueOnly || !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static ArgumentsState Read(string sent, string? onlyProperty, bool cutOff, out string result)
    {
        using var escaped = new PooledBuffer();
        using var object_ = new PooledBuffer();
        using var text = new PooledBuffer();
        EscapedText.Escape(Encoding.UTF8.GetBytes(sent), escaped);
        var state = ToolArguments.Read(escaped.Span, onlyProperty, cutOff, object_);
        EscapedText.Unescape(object_.Span, text);
        result = Encoding.UTF8.GetString(text.Span);
        return state;
    }
}
