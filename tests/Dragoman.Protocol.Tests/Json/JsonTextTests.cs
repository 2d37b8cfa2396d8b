using System.Text;
using System.Text.Json;
using CsCheck;
using Dragoman.Protocol.Json;

namespace Dragoman.Protocol.Tests.Json;

public sealed class JsonTextTests
{
    private static JsonText Parse(string json, int maxDepth = 256) => JsonText.Parse(Encoding.UTF8.GetBytes(json), maxDepth);

    [Theory]
    [InlineData("""{"a":[1,2.5e-3,-0],"b":{"c":"d\n\u00e9\ud83d\ude00"},"":null,"t":true,"f":false}""")]
    [InlineData(" \r\n\t[ ] ")]
    [InlineData("\"\"")]
    [InlineData("0")]
    [InlineData("-12.0E+10")]
    public void Json_is_accepted_and_read_like_the_platforms_own_reader_does(string json)
    {
        using var text = Parse(json);
        AssertSame(JsonDocument.Parse(json).RootElement, text.Root);
    }

    [Theory]
    [InlineData("", "expected a value at line 1, column 1, but the text ends here")]
    [InlineData("{\"a\":1,}", "expected a member name in double quotes at line 1, column 8")]
    [InlineData("[1,]", "1: The body is not valid JSON: expected a value at line 1, column 4")]
    [InlineData("[1 2]", "expected ',' or ']'")]
    [InlineData("{\"a\" 1}", "expected ':'")]
    [InlineData("01", "nothing may follow")]
    [InlineData("-", "expected a digit")]
    [InlineData("1.", "expected a digit")]
    [InlineData("1e+", "expected a digit")]
    [InlineData("tru", "expected a value")]
    [InlineData("{} x", "nothing may follow")]
    [InlineData("\"a", "a string is not closed")]
    [InlineData("\"a\nb\"", "a control character in a string must be escaped at line 1, column 3")]
    [InlineData("\"\\x\"", "unknown escape")]
    [InlineData("\"\\u12g4\"", "unknown escape")]
    [InlineData("\"\\", "a string is not closed")]
    [InlineData("{\"messages\":[{\"role\":\"user\"},\n {\"content\":[{\"text\": nope}]}]}",
        "messages.1.content.0.text: The body is not valid JSON: expected a value at line 2, column 23")]
    [InlineData("{\"messages\":[{\"role\":\"user\"}", "messages.1: The body is not valid JSON: expected ',' or ']' at line 1, column 29, but the text ends here")]
    public void What_is_not_json_is_refused_with_its_place(string json, string message)
    {
        var fault = Assert.Throws<JsonFormatException>(() => Parse(json));
        Assert.Contains(message, fault.Message);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused_with_their_place()
    {
        byte[] json = [.. "[\"é"u8, 0xFF, .. "\"]"u8];
        var fault = Assert.Throws<JsonFormatException>(() => JsonText.Parse(json));
        Assert.Contains("not UTF-8 at line 1, column 4", fault.Message);
    }

    [Fact]
    public void Nesting_is_limited()
    {
        using (Parse(new string('[', 8) + new string(']', 8), maxDepth: 8))
        {
        }

        var fault = Assert.Throws<JsonFormatException>(() => Parse(new string('[', 9) + new string(']', 9), maxDepth: 8));
        Assert.Contains("nested deeper than 8 levels", fault.Message);
        Assert.Throws<JsonFormatException>(() => Parse(new string('[', 1_000_000)));
    }

    [Theory]
    [InlineData("""["\ud83d"]""", """["\ufffd"]""")]
    [InlineData("""["\ud83d\ud83d\ude00"]""", """["\ufffd\ud83d\ude00"]""")]
    [InlineData("""["\ude00x"]""", """["\ufffdx"]""")]
    [InlineData("""["\ud83d\u0041"]""", """["\ufffd\u0041"]""")]
    public void Half_an_emoji_is_replaced_in_place(string json, string repaired)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        using var text = JsonText.Parse(bytes);
        Assert.Equal(repaired, Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void Of_two_members_with_one_name_the_last_counts()
    {
        using var text = Parse("""{"a":1,"\u0061":2,"b":3}""");
        Assert.Equal("2", Encoding.UTF8.GetString(text.Root["a"u8].Raw));
    }

    [Fact]
    public void A_member_that_is_not_there_is_absent_all_the_way_down()
    {
        using var text = Parse("[1]");
        var absent = text.Root["a"u8]["b"u8];
        Assert.False(absent.IsPresent);
        Assert.True(absent.IsMissing);
        Assert.Equal(JsonValueKind.Undefined, absent.Kind);
        Assert.True(absent.Raw.IsEmpty);
    }

    [Fact]
    public void A_value_knows_its_place()
    {
        using var text = Parse("""{"messages":[1,{"x":[], "content":[{"source":{"data":7}}]}]}""");
        var messages = text.Root["messages"u8].Items;
        messages.MoveNext();
        messages.MoveNext();
        var blocks = messages.Current["content"u8].Items;
        blocks.MoveNext();
        Assert.Equal("messages.1.content.0.source.data", blocks.Current["source"u8]["data"u8].Path);
        Assert.Equal("", text.Root.Path);
    }

    [Theory]
    [InlineData("12", true, 12)]
    [InlineData("12.0", true, 12)]
    [InlineData("1e3", true, 1000)]
    [InlineData("1.5", false, 0)]
    [InlineData("1e300", false, 0)]
    [InlineData("99999999999999999999", false, 0)]
    [InlineData("\"12\"", false, 0)]
    public void Whole_numbers_are_read_however_they_are_written(string json, bool isWhole, long expected)
    {
        using var text = Parse(json);
        Assert.Equal(isWhole, text.Root.TryGetInt64(out var value));
        if (isWhole)
            Assert.Equal(expected, value);
    }

    [Fact]
    public void Any_text_is_accepted_or_refused_as_by_the_platforms_own_reader()
    {
        // Texts near the edge of the grammar: valid JSON with a few bytes changed.
        string[] pieces =
        [
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\\n\"", "\"", "\\", "\\u00e9", "\\u12", "1", "-", ".", "0", "e", "E+",
            "true", "false", "null", " ", "\n", "\u0001", "é", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "{\"k\":", "[[", "]]", "\"x\":",
        ];
        Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]).Array[0, 24].Select(string.Concat).Sample(AssertSameVerdict, iter: 50_000);
    }

    [Fact]
    public void Any_value_written_by_the_platform_reads_the_same()
    {
        var leaf = Gen.OneOf(
            Gen.String.Select(s => JsonSerializer.Serialize(Clean(s))),
            Gen.String[Gen.Char["ab\"\\\n\t/é😀\u0000"], 0, 200].Select(s => JsonSerializer.Serialize(Clean(s))),
            Gen.Double.Where(double.IsFinite).Select(d => JsonSerializer.Serialize(d)),
            Gen.Long.Select(l => JsonSerializer.Serialize(l)),
            Gen.OneOf(Gen.Const("true"), Gen.Const("false"), Gen.Const("null")));
        var value = Gen.Recursive<string>((depth, nested) => depth > 4
            ? leaf
            : Gen.OneOf(
                leaf,
                nested.Array[0, 5].Select(items => "[" + string.Join(",", items) + "]"),
                Gen.Select(leaf.Where(l => l.StartsWith('"')), nested).Array[0, 5]
                    .Select(members => "{ " + string.Join(" ,\n", members.Select(m => m.Item1 + " : " + m.Item2)) + "}")));
        value.Sample(AssertSameVerdict, iter: 5_000);
    }

    private static string Clean(string s) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(s));

    private static void AssertSameVerdict(string json)
    {
        JsonDocument? expected = null;
        try
        {
            expected = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 });
        }
        catch (JsonException)
        {
        }

        if (expected is null)
        {
            Assert.Throws<JsonFormatException>(() => Parse(json));
            return;
        }

        using (expected)
        {
            using var text = Parse(json);
            AssertSame(expected.RootElement, text.Root);
        }
    }

    private static void AssertSame(JsonElement expected, JsonView actual)
    {
        Assert.Equal(expected.ValueKind, actual.Kind);
        Assert.Equal(expected.GetRawText(), Encoding.UTF8.GetString(actual.Raw));
        switch (expected.ValueKind)
        {
            case JsonValueKind.String:
                Assert.Equal(expected.GetString(), actual.GetString());
                Assert.True(actual.Equals(Encoding.UTF8.GetBytes(expected.GetString()!)));
                break;
            case JsonValueKind.Array:
                var items = actual.Items;
                foreach (var item in expected.EnumerateArray())
                {
                    Assert.True(items.MoveNext());
                    AssertSame(item, items.Current);
                }

                Assert.False(items.MoveNext());
                break;
            case JsonValueKind.Object:
                var members = actual.Members;
                foreach (var member in expected.EnumerateObject())
                {
                    Assert.True(members.MoveNext());
                    Assert.Equal(member.Name, members.Current.Name.GetString());
                    AssertSame(member.Value, members.Current.Value);
                }

                Assert.False(members.MoveNext());
                break;
        }
    }
}
