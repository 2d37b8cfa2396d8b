using System.Text;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Protocol.Tests.OpenAI;

/// <summary>Perplexity sends both members in every choice.</summary>
public sealed class MessageBesideDeltaTests
{
    [Fact]
    public void In_a_whole_answer_the_message_counts_and_not_the_empty_delta_beside_it()
    {
        Assert.True(ChatChunk.TryParse(
            """{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"All of it"},"delta":{"role":"assistant","content":""}}]}"""u8,
            out var chunk,
            isWhole: true));
        Assert.Equal("All of it", Encoding.UTF8.GetString(chunk.Content));
    }

    [Fact]
    public void In_a_stream_the_delta_counts_and_not_the_message_so_far_beside_it()
    {
        Assert.True(ChatChunk.TryParse(
            """{"choices":[{"index":0,"message":{"role":"assistant","content":"All so far"},"delta":{"role":"assistant","content":" far"}}]}"""u8,
            out var chunk));
        Assert.Equal(" far", Encoding.UTF8.GetString(chunk.Content));
    }
}
