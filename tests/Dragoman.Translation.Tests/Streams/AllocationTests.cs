using System.Buffers;
using System.Text;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.ServerSentEvents;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Streams;

/// <summary>product.md section 7: no allocation per streamed event.</summary>
public sealed class AllocationTests
{
    private const int Events = 500;

    [Fact]
    public void A_streamed_text_event_allocates_nothing() => ExpectNone(Contexts.New(), """{"id":"x","choices":[{"index":0,"delta":{"content":" word \"and\" more"}}]}""");

    [Fact]
    public void A_streamed_text_event_of_an_ever_new_shape_allocates_nothing() =>
        ExpectNone(Contexts.New(), """{"id":"x","choices":[{"index":0,"delta":{"content":" word"}}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}""");

    [Fact]
    public void A_streamed_reasoning_event_allocates_nothing() => ExpectNone(Contexts.New(), """{"id":"x","choices":[{"index":0,"delta":{"reasoning_content":" hm"}}]}""");

    [Fact]
    public void A_streamed_text_event_behind_a_filter_allocates_nothing() =>
        ExpectNone(
            Contexts.New(Dialects.Generic with { ToolLeak = ToolLeak.Auto }, "Read"),
            """{"id":"x","choices":[{"index":0,"delta":{"content":" word"}}]}""");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_streamed_argument_event_allocates_nothing(bool streamed) =>
        ExpectNone(
            Contexts.New(Dialects.Generic with { StreamToolArguments = streamed }, "Read"),
            """{"id":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"more of \\\"it\\\" "}}]}}]}""",
            """{"id":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c0","type":"function","function":{"name":"Read","arguments":"{\"text\":\""}}]}}]}""");

    private static void ExpectNone(AnswerContext context, string chunk, string? first = null)
    {
        var output = new ArrayBufferWriter<byte>(16 << 20);
        using var reader = new ServerSentEventReader();
        using var translator = new StreamTranslator(context, new MessageEventWriter(output), "msg_1", static () => "toolu_1");
        if (first is not null) Hand(reader, translator, Encoding.UTF8.GetBytes($"data: {first}\n\n"));
        var events = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"data: {chunk}\n\n", Events)));

        // Grows what grows with the answer (a call that is collected) to its full size first.
        for (var i = 0; i < 16; i++) Hand(reader, translator, events);
        var allocated = Allocations.Fewest(() => Hand(reader, translator, events));
        Assert.False(translator.HasEnded);
        Assert.True(allocated < Events, $"{allocated} bytes for {Events} events");
    }

    private static void Hand(ServerSentEventReader reader, StreamTranslator translator, byte[] input)
    {
        ReadOnlySpan<byte> bytes = input;
        while (reader.TryRead(ref bytes, out var next)) translator.OnData(next.Data);
    }
}
