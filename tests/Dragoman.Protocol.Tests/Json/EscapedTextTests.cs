using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Dragoman.Protocol.Json;

namespace Dragoman.Protocol.Tests.Json;

public sealed class EscapedTextTests
{
    [Fact]
    public void What_is_escaped_is_what_another_parser_reads() =>
        Gen.String.Sample(static text =>
        {
            var sound = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            return JsonSerializer.Deserialize<string>("\"" + Escape(text) + "\"") == sound;
        });

    [Fact]
    public void What_another_writer_escaped_is_unescaped() =>
        Gen.String.Sample(static text => Unescape(JsonSerializer.Serialize(text)[1..^1]) == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("\\q", "\\q")]
    [InlineData("\\u12", "\\u12")]
    [InlineData("end\\", "end\\")]
    [InlineData("\\ud83d", "\uFFFD")]
    [InlineData("\\ude00\\ud83d\\ude00", "\uFFFD😀")]
    public void What_is_no_escape_stands_for_itself(string json, string text) => Assert.Equal(text, Unescape(json));

    [Theory]
    [InlineData(" \\n\\t\\r ", true)]
    [InlineData("", true)]
    [InlineData("\\\\n", false)]
    [InlineData("\\u0020x", false)]
    public void White_space_is_known_escaped_too(string json, bool isWhiteSpace) => Assert.Equal(isWhiteSpace, EscapedText.IsWhiteSpace(Encoding.UTF8.GetBytes(json)));

    private static string Escape(string text)
    {
        var output = new ArrayBufferWriter<byte>();
        EscapedText.Escape(text, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Unescape(string json)
    {
        var output = new ArrayBufferWriter<byte>();
        EscapedText.Unescape(Encoding.UTF8.GetBytes(json), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
