using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Dragoman.Protocol.Json;

namespace Dragoman.Protocol.Tests.Json;

public sealed class JsonOutputTests
{
    private delegate void Writing(ref JsonOutput output);

    private static string Written(Writing write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var output = new JsonOutput(bytes);
        write(ref output);
        output.Flush();
        Assert.Equal(bytes.WrittenCount, output.Written);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    [Fact]
    public void Any_text_reads_back_as_it_was() => Gen.String.Select(s => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(s))).Sample(
        text => JsonSerializer.Deserialize<string>(Written((ref JsonOutput output) => output.Quoted(text))) == text);

    [Fact]
    public void Any_json_inside_a_string_reads_back_without_its_spaces_and_otherwise_byte_for_byte()
    {
        var text = Gen.String[Gen.Char["ab \"\\\n\té/"], 0, 40];
        Gen.Select(text, text, Gen.Double.Where(double.IsFinite)).Sample((name, value, number) =>
        {
            var members = $"{JsonSerializer.Serialize(name)}SP:SP[{JsonSerializer.Serialize(value)}SP,SP{JsonSerializer.Serialize(number)}]";
            var spaced = "{ " + members.Replace("SP", " \r\n\t", StringComparison.Ordinal) + " }";
            var compact = "{" + members.Replace("SP", "", StringComparison.Ordinal) + "}";
            var written = Written((ref JsonOutput output) =>
            {
                output.Raw("\""u8);
                output.EscapedJson(Encoding.UTF8.GetBytes(spaced));
                output.Raw("\""u8);
            });
            return JsonSerializer.Deserialize<string>(written) == compact;
        });
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1.5, "1.5")]
    [InlineData(0.01, "0.01")]
    [InlineData(-2, "-2")]
    public void Numbers_are_written_short(double value, string expected) => Assert.Equal(expected, Written((ref JsonOutput output) => output.Number(value)));

    [Fact]
    public void A_text_longer_than_any_buffer_is_written_whole()
    {
        var text = new string('x', 300_000);
        Assert.Equal(text, Written((ref JsonOutput output) =>
        {
            output.Raw("a"u8);
            output.Raw(Encoding.UTF8.GetBytes(text));
        })[1..]);
    }
}
