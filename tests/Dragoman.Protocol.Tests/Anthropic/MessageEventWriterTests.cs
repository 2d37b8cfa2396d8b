using System.Buffers;
using System.Text;
using Dragoman.Protocol.Anthropic;
using Dragoman.Testing;

namespace Dragoman.Protocol.Tests.Anthropic;

public sealed class MessageEventWriterTests
{
    [Fact]
    public void Every_event_has_its_name_its_data_and_a_blank_line()
    {
        Assert.Equal("event: ping\ndata: {\"type\":\"ping\"}\n\n", Written(static client => client.Ping()));
        Assert.Equal(
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":12,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\\nb\"}}\n\n",
            Written(static client => client.TextDelta(12, "a\\nb"u8)));
        Assert.Equal(
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"x\"}}\n\n",
            Written(static client => client.ThinkingDelta(1, "x"u8)));
        Assert.Equal(
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\"}}\n\n",
            Written(static client => client.InputJsonDelta(1, "{"u8)));
        Assert.Equal("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":3}\n\n", Written(static client => client.StopBlock(3)));
    }

    [Fact]
    public void Names_and_messages_are_escaped()
    {
        Assert.Contains("\"name\":\"a\\\"b\\\\c\\u0001é😀\"", Written(static client => client.StartToolUse(0, "id", "a\"b\\c\u0001é😀", null)), StringComparison.Ordinal);
        Assert.Contains(
            "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"two\\nlines\"}}\n\n",
            Written(static client => client.Error(new AnthropicError(AnthropicErrorType.Api, "two\nlines"))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_delta_is_the_same_event_as_a_short_one()
    {
        var text = new string('x', 100_000);
        var written = Written(client => client.TextDelta(0, Encoding.UTF8.GetBytes(text)));
        Assert.Equal("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + text + "\"}}\n\n", written);
    }

    [Fact]
    public void A_member_of_a_toolset_names_its_toolset() =>
        Assert.Contains("\"toolset_name\":\"computer\"", Written(static client => client.StartToolUse(0, "id", "click", "computer")), StringComparison.Ordinal);

    [Fact]
    public void Deltas_allocate_nothing()
    {
        var output = new ArrayBufferWriter<byte>(1 << 20);
        var client = new MessageEventWriter(output);
        client.StartText(0);
        client.TextDelta(0, "warm"u8);
        client.StopBlock(0);
        Assert.Equal(0, Allocations.Fewest(() =>
        {
            output.ResetWrittenCount();
            for (var i = 0; i < 1000; i++) client.TextDelta(0, "some text"u8);
        }));
    }

    private static string Written(Action<MessageEventWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new MessageEventWriter(output));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
