using System.Buffers;
using System.Text;
using System.Text.Json;
using Dragoman.Protocol.Anthropic;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Streams;

public sealed class StreamTranslatorTests
{
    [Fact] // failures.md A11
    public async Task Streams_at_the_same_time_do_not_mix()
    {
        var readings = await Task.WhenAll(Enumerable.Range(0, 64).Select(static which => Task.Run(() =>
        {
            var upstream = string.Concat(Enumerable.Range(0, 200).Select(i => Chunk($"s{which}w{i} "))) + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
            return AnswerRun.Stream(Encoding.UTF8.GetBytes(upstream), Contexts.New(), 7, 64, 300).Reading;
        })));
        for (var which = 0; which < readings.Length; which++)
        {
            Assert.Empty(readings[which].Violations);
            Assert.Equal(string.Concat(Enumerable.Range(0, 200).Select(i => $"s{which}w{i} ")), readings[which].Text);
        }
    }

    [Theory]
    [InlineData("Let me compare a <", "Let me compare a ")]
    [InlineData("array[0] and [TOOL", "array[0] and ")]
    [InlineData("plain words", "plain words")]
    public void No_more_text_is_held_back_than_may_be_a_mark(string text, string shown)
    {
        var context = Contexts.New(Dialects.Generic with { ToolLeak = ToolLeak.Auto }, "Read");
        Assert.Equal(shown, ShownAfter(context, "Well. ", text)["Well. ".Length..]);
    }

    [Fact]
    public void No_more_text_is_held_back_than_may_be_a_stop_sequence()
    {
        var context = new AnswerContext
        {
            Model = "claude-test",
            Dialect = Dialects.Generic,
            Tools = new ToolNames(),
            UsedToolIds = new UsedToolIds(),
            OwnStopSequences = ["\n\nHuman:"],
        };
        Assert.Equal("One\nTwo", ShownAfter(context, "One\n", "Two\n"));
    }

    // A model caught in a loop: the blanks before a first word are held, but not without end.
    [Fact]
    public void A_model_that_pours_out_blank_lines_is_shown_doing_so()
    {
        var context = Contexts.New(Dialects.Generic with { ThinkTags = ThinkTags.On, ToolLeak = ToolLeak.Auto }, "Read");
        var lines = Enumerable.Repeat("\n", 10_000).ToArray();

        Assert.InRange(ShownAfter(context, lines).Length, 8_000, 10_000);
    }

    [Theory] // failures.md B20
    [InlineData("[TOOL_CALLS]Write[ARGS]", "")]
    [InlineData("<tool_call>{\"name\":\"Write\",\"arguments\":", "}</tool_call>")]
    [InlineData("{\"name\":\"Write\",\"parameters\":", "}")]
    public void A_long_leaked_call_comes_whole(string before, string after)
    {
        var output = new ArrayBufferWriter<byte>();
        using var translator = new StreamTranslator(
            Contexts.New(Dialects.Generic with { ToolLeak = ToolLeak.Auto }, "Write"), new MessageEventWriter(output), "msg_1", static () => "toolu_1");
        var text = string.Concat(Enumerable.Range(0, 5000).Select(static i => $"line {i} of a file; "));
        foreach (var piece in (before + JsonSerializer.Serialize(new { text }) + after).Chunk(9)) translator.OnData(Data(new string(piece)));
        translator.OnData(Data("Done."));
        translator.OnData("[DONE]"u8);
        var reading = StreamGrammar.Read(output.WrittenSpan);
        Assert.Empty(reading.Violations);
        Assert.Equal(text, reading.Blocks.First()["input"]!["text"]!.GetValue<string>());
        Assert.Equal("Done.", reading.Text);
    }

    [Fact]
    public void A_stop_sequence_of_ours_ends_the_answer_before_the_backend_does()
    {
        var output = new ArrayBufferWriter<byte>();
        var context = new AnswerContext
        {
            Model = "claude-test",
            Dialect = Dialects.Generic,
            Tools = new ToolNames(),
            UsedToolIds = new UsedToolIds(),
            OwnStopSequences = ["END"],
        };
        using var translator = new StreamTranslator(context, new MessageEventWriter(output), "msg_1", static () => "toolu_1");
        translator.OnData(Data("one END two"));
        Assert.True(translator.WantsNoMore);
        Assert.True(translator.HasEnded);
        Assert.Equal(StopReason.StopSequence, translator.StopReason);
        Assert.Equal("one ", StreamGrammar.Read(output.WrittenSpan).Text);
    }

    [Fact]
    public void An_answer_can_be_begun_while_the_backend_is_silent_and_still_fail()
    {
        var output = new ArrayBufferWriter<byte>();
        using var translator = new StreamTranslator(Contexts.New(), new MessageEventWriter(output), "msg_1", static () => "toolu_1");
        translator.Begin();
        translator.Begin();
        translator.Fail(new AnthropicError(AnthropicErrorType.Timeout, "The backend was silent for too long."));
        translator.OnData(Data("too late"));
        translator.OnClosed();
        var reading = StreamGrammar.Read(output.WrittenSpan);
        Assert.Empty(reading.Violations);
        Assert.Equal(["message_start", "error"], reading.Events.Select(static e => e.Name));
    }

    [Fact]
    public void Nothing_is_told_of_an_answer_that_fails_before_it_begins()
    {
        var output = new ArrayBufferWriter<byte>();
        using var translator = new StreamTranslator(Contexts.New(), new MessageEventWriter(output), "msg_1", static () => "toolu_1");
        translator.OnData("""{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"""u8);
        translator.OnData("""{"error":{"message":"no capacity","code":503}}"""u8);
        Assert.False(translator.HasStarted);
        Assert.Equal((529, UpstreamErrorKind.Overloaded), (translator.Failure!.Status, translator.Failure.Kind));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact] // failures.md E7
    public void After_the_finish_reason_only_the_counts_are_waited_for()
    {
        using var translator = new StreamTranslator(Contexts.New(), new MessageEventWriter(new ArrayBufferWriter<byte>()), "msg_1", static () => "toolu_1");
        translator.OnData(Data("Hi"));
        Assert.False(translator.AwaitsOnlyUsage);
        translator.OnData("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"""u8);
        Assert.True(translator.AwaitsOnlyUsage);
        Assert.False(translator.HasEnded);
        translator.OnData("""{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}"""u8);
        Assert.True(translator.HasEnded);
        Assert.False(translator.WantsNoMore);
        Assert.Equal(new Usage(3, 0, 0, 2), translator.Usage);
    }

    [Fact]
    public void A_call_that_is_not_in_order_leaves_the_message_but_not_its_neighbours()
    {
        var output = new ArrayBufferWriter<byte>();
        using var message = new MessageWriter(output);
        message.Start("msg_1", "claude-test", default);
        message.StartText(0);
        message.TextDelta(0, "a"u8);
        message.StopBlock(0);
        message.StartToolUse(1, "t1", "Read", null);
        message.InputJsonDelta(1, "{\\\"cut"u8);
        message.StopBlock(1);
        message.StartToolUse(2, "t2", "Read", null);
        message.StopBlock(2);
        message.Finish(new MessageEnd { StopReason = StopReason.MaxTokens, Usage = default });
        using var document = JsonDocument.Parse(output.WrittenMemory);
        Assert.Equal(["text", "tool_use"], document.RootElement.GetProperty("content").EnumerateArray().Select(static block => block.GetProperty("type").GetString()));
    }

    private static string ShownAfter(AnswerContext context, params string[] texts)
    {
        var output = new ArrayBufferWriter<byte>();
        using var translator = new StreamTranslator(context, new MessageEventWriter(output), "msg_1", static () => "toolu_1");
        foreach (var text in texts) translator.OnData(Data(text));
        return string.Concat(StreamGrammar.Read(output.WrittenSpan).Events.Select(static e => e.Data["delta"]?["text"]?.GetValue<string>()));
    }

    private static byte[] Data(string text) => Encoding.UTF8.GetBytes($$$"""{"choices":[{"index":0,"delta":{"content":{{{JsonSerializer.Serialize(text)}}}}}]}""");

    private static string Chunk(string text) => $"data: {Encoding.UTF8.GetString(Data(text))}\n\n";
}
