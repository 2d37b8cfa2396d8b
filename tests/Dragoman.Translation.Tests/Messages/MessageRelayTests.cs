using System.Buffers;
using System.Text;
using CsCheck;
using Dragoman.Protocol.Anthropic;
using Dragoman.Testing;
using Dragoman.Testing.Native;
using Dragoman.Translation.Messages;

namespace Dragoman.Translation.Tests.Messages;

/// <summary>What a caller gets of a stream that is passed on.</summary>
public sealed class MessageRelayTests
{
    private static readonly string[] Answer =
    [
        """{"type":"message_start","message":{"model":"claude-upstream","id":"msg_1","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":12,"cache_creation_input_tokens":3,"cache_read_input_tokens":4,"output_tokens":1}}}""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}  }""",
        """{"type":"ping"}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}       }""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" wörld 😀"}}""",
        """{"type":"content_block_stop","index":0}""",
        """{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}}""",
        """{"type":"message_stop"}""",
    ];

    [Fact]
    public void Events_pass_byte_for_byte_but_for_the_models_name()
    {
        var (relay, told) = Run(Sse(Answer), 1000);

        var expected = Sse([.. Answer.Where(data => !data.Contains("ping", StringComparison.Ordinal))]).Replace("claude-upstream", "asked-for", StringComparison.Ordinal);
        Assert.Equal(expected, told);
        Assert.Equal(new Usage(12, 4, 3, 9), relay.Usage);
        Assert.Equal(StopReason.EndTurn, relay.StopReason);
        Assert.Null(relay.Failure);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void However_the_bytes_are_cut_the_caller_gets_the_same(bool bedrock)
    {
        var stream = bedrock ? Answer.SelectMany(data => EventStreamFrames.Chunk(data)).ToArray() : Encoding.UTF8.GetBytes(Sse(Answer));
        var service = bedrock ? MessagesService.Bedrock : MessagesService.Anthropic;
        var whole = Run(stream, stream.Length, service).Told;
        Assert.Equal(Run(Sse(Answer), 1 << 20).Told, whole);
        Gen.Int[1, 300].Sample(cut => Assert.Equal(whole, Run(stream, cut, service).Told));
    }

    // failures.md G1, G2
    [Fact]
    public void Wherever_a_stream_is_cut_off_it_stays_legal_and_never_ends_as_if_complete()
    {
        var whole = Sse(Answer);
        var complete = whole.IndexOf("\n\nevent: message_stop", StringComparison.Ordinal);
        for (var length = 0; length < whole.Length - 2; length += 3)
        {
            var (relay, told) = Run(whole[..length], 1000);
            if (told.Length > 0)
            {
                var read = StreamGrammar.Read(Encoding.UTF8.GetBytes(told), isOurs: false);
                Assert.Empty(read.Violations);
            }

            // The reason of the end and the counts are all there is to know; the mark behind them may be missing.
            if (length >= complete) Assert.Null(relay.Failure);
            else Assert.NotNull(relay.Failure);
            Assert.Equal(told.Length > 0 && relay.Failure is null, told.EndsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void An_error_before_content_tells_the_caller_nothing_so_that_another_target_can_answer()
    {
        var (relay, told) = Run(Sse([Answer[0], Answer[1], Answer[2], """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"""]), 1000);

        Assert.Equal("", told);
        Assert.False(relay.HasStarted);
        Assert.Equal(529, relay.Failure!.Status);
        Assert.Equal(AnthropicErrorType.Overloaded, relay.Failure.Error.Type);
    }

    [Theory]
    [InlineData("overloaded_error", "overloaded_error")]
    [InlineData("rate_limit_error", "rate_limit_error")]
    [InlineData("api_error", "api_error")]
    [InlineData("authentication_error", "api_error")]
    [InlineData("permission_error", "api_error")]
    [InlineData("timeout_error", "timeout_error")]
    public void An_error_after_content_is_the_last_event(string type, string told)
    {
        var stream = Sse([.. Answer[..4], $$$"""{"type":"error","error":{"type":"{{{type}}}","message":"see https://internal.example.com with sk-ant-abcdef"}}""", .. Answer[4..]]);

        var read = StreamGrammar.Read(Encoding.UTF8.GetBytes(Run(stream, 1000).Told), isOurs: false);

        Assert.Empty(read.Violations);
        Assert.Equal(told, read.Error!["type"]!.GetValue<string>());
        Assert.DoesNotContain("internal.example.com", read.Error.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("sk-ant", read.Error.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("throttlingException", 429, AnthropicErrorType.RateLimit)]
    [InlineData("serviceUnavailableException", 529, AnthropicErrorType.Overloaded)]
    [InlineData("modelStreamErrorException", 502, AnthropicErrorType.Api)]
    [InlineData("internalServerException", 502, AnthropicErrorType.Api)]
    [InlineData("modelTimeoutException", 504, AnthropicErrorType.Timeout)]
    [InlineData("validationException", 400, AnthropicErrorType.InvalidRequest)]
    public void Bedrocks_exceptions_inside_a_stream_are_errors_of_ours(string type, int status, AnthropicErrorType expected)
    {
        var before = Run(EventStreamFrames.Exception(type, "Too much"), 1000, MessagesService.Bedrock).Relay;
        var (after, told) = Run([.. Answer[..4].SelectMany(data => EventStreamFrames.Chunk(data)), .. EventStreamFrames.Exception(type, "Too much")], 1000, MessagesService.Bedrock);

        Assert.Equal(status, before.Failure!.Status);
        Assert.Equal(expected, before.Failure.Error.Type);
        Assert.Equal(expected, after.Failure!.Error.Type);
        Assert.Contains("event: error\n", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Bedrocks_numbers_about_its_machines_stay_behind()
    {
        var stop = """{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":12,"invocationLatency":900}}""";

        Assert.EndsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", Run([.. Answer[..^1].Append(stop).SelectMany(data => EventStreamFrames.Chunk(data))], 1000, MessagesService.Bedrock).Told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_stream_of_Bedrocks_ends_in_an_error()
    {
        var stream = Answer.SelectMany(data => EventStreamFrames.Chunk(data)).ToArray();
        stream[^200] ^= 4;

        var (relay, told) = Run(stream, 100, MessagesService.Bedrock);

        Assert.Equal(502, relay.Failure!.Status);
        Assert.Empty(StreamGrammar.Read(Encoding.UTF8.GetBytes(told), isOurs: false).Violations);
    }

    [Fact]
    public void What_other_servers_do_differently_does_not_reach_the_caller()
    {
        // No names of events, another line end, comments, another API's mark of the end.
        var stream = ": hello\r\n\r\n" + string.Concat(Answer.Select(data => $"data: {data}\r\n\r\n")) + "data: [DONE]\r\n\r\n";

        Assert.Equal(Run(Sse(Answer), 1000).Told, Run(stream, 1000).Told);
    }

    [Fact]
    public void Nothing_follows_an_end() => Assert.Equal(Run(Sse(Answer), 1000).Told, Run(Sse([.. Answer, .. Answer]), 1000).Told);

    [Fact]
    public void Events_that_are_new_to_us_pass_if_they_are_JSON()
    {
        var told = Run(Sse([.. Answer[..5], """{"type":"content_block_novelty","index":0}"""]) + "event: broken\ndata: {oops\n\n" + Sse(Answer[5..]), 1000).Told;

        Assert.Contains("event: content_block_novelty\n", told, StringComparison.Ordinal);
        Assert.DoesNotContain("oops", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void An_answer_that_the_gateway_has_begun_goes_on_without_a_second_start(int heldBefore)
    {
        var client = new ArrayBufferWriter<byte>();
        using var relay = new MessageRelay(Context, client);
        using var feed = new MessageFeed(relay, MessagesService.Anthropic, 1 << 20);
        feed.Take(Encoding.UTF8.GetBytes(Sse(Answer[..heldBefore])));
        relay.Continue();
        Assert.True(relay.HasStarted);
        Assert.False(relay.HasContent);
        feed.Take(Encoding.UTF8.GetBytes(Sse(Answer[heldBefore..])));

        Assert.Equal(Sse([Answer[1], .. Answer[3..]]), Encoding.UTF8.GetString(client.WrittenSpan));
        Assert.Equal(new Usage(12, 4, 3, 9), relay.Usage);
    }

    [Fact]
    public void An_error_after_a_start_of_the_gateways_own_is_an_event()
    {
        var client = new ArrayBufferWriter<byte>();
        using var relay = new MessageRelay(Context, client);
        relay.Continue();
        relay.OnEvent(default, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"""u8);

        Assert.StartsWith("event: error\n", Encoding.UTF8.GetString(client.WrittenSpan), StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_that_is_cut_off_is_counted_by_what_was_seen()
    {
        var relay = Run(Sse([.. Answer[..3], .. Enumerable.Repeat(Answer[4], 20)]), 1000).Relay;

        Assert.True(relay.Usage.Estimated);
        Assert.InRange(relay.Usage.OutputTokens, 20, 200);
        Assert.Equal(12, relay.Usage.InputTokens);
    }

    [Theory]
    [InlineData("""{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}""", 429)]
    [InlineData("""{"type":"message","content":[]}""", 502)]
    [InlineData("<html>", 502)]
    public void Something_whole_where_a_stream_was_asked_for_is_an_error(string body, int status)
    {
        var (relay, told) = Run(body, 1000);

        Assert.Equal(status, relay.Failure!.Status);
        Assert.Equal("", told);
    }

    [Fact]
    public void Any_bytes_at_all_end_legally() =>
        Gen.Select(OneOf([.. Answer.Select(data => Sse([data])), "event: x\n", "data: {\"type\":\"content_block_delta\"\n\n", "\n\n", "data: {}\n\n", "data: [DONE]\n\n", "{", "garbage"]).Array[0, 12], Gen.Int[1, 90])
            .Sample((pieces, cut) =>
            {
                var (relay, told) = Run(string.Concat(pieces), cut);
                Assert.True(relay.HasEnded);
                Assert.Equal(told.Length > 0, relay.HasStarted);
                if (told.Length > 0) Assert.Equal(1, Ends(told));
            });

    [Fact]
    public void Content_passes_without_allocations()
    {
        var client = new ArrayBufferWriter<byte>(1 << 20);
        using var relay = new MessageRelay(Context, client);
        using var feed = new MessageFeed(relay, MessagesService.Anthropic, 1 << 20);
        feed.Take(Encoding.UTF8.GetBytes(Sse(Answer[..4])));
        var deltas = Encoding.UTF8.GetBytes(Sse([.. Enumerable.Repeat(Answer[4], 50)]));
        feed.Take(deltas);

        Assert.Equal(0, Allocations.Fewest(() =>
        {
            client.ResetWrittenCount();
            for (var i = 0; i < 20; i++) feed.Take(deltas);
        }));
    }

    [Fact]
    public void A_whole_message_passes_byte_for_byte_but_for_the_models_name()
    {
        const string message = """{ "id":"msg_1","type":"message","model" : "up","role":"assistant","content":[{"type":"text","text":"\u00e9"}],"stop_reason":"pause_turn","usage":{"input_tokens":3,"output_tokens":2.0}}""";
        var client = new ArrayBufferWriter<byte>();

        var read = WholeMessage.Relay(Encoding.UTF8.GetBytes(message), Context, client);

        Assert.Equal(message.Replace("\"up\"", "\"asked-for\"", StringComparison.Ordinal), Encoding.UTF8.GetString(client.WrittenSpan));
        Assert.Equal(new Usage(3, 0, 0, 2), read.Usage);
        Assert.Equal(StopReason.PauseTurn, read.StopReason);
    }

    [Theory]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", 529)]
    [InlineData("""{"choices":[]}""", 502)]
    [InlineData("<html>", 502)]
    [InlineData("""{"type":"message","content":[]""", 502)]
    public void What_is_no_message_is_not_passed_on(string body, int status)
    {
        var client = new ArrayBufferWriter<byte>();

        Assert.Equal(status, WholeMessage.Relay(Encoding.UTF8.GetBytes(body), Context, client).Failure!.Status);
        Assert.Equal(0, client.WrittenCount);
    }

    [Theory]
    [InlineData(401, """{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}""", 502, AnthropicErrorType.Api)]
    [InlineData(403, """{"message":"The security token included in the request is expired"}""", 502, AnthropicErrorType.Api)]
    [InlineData(429, """{"message":"Too many tokens, please wait before trying again."}""", 429, AnthropicErrorType.RateLimit)]
    [InlineData(429, """[{"error":{"code":429,"message":"Resource exhausted","status":"RESOURCE_EXHAUSTED"}}]""", 429, AnthropicErrorType.RateLimit)]
    [InlineData(529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", 529, AnthropicErrorType.Overloaded)]
    [InlineData(503, """{"message":"Bedrock is unable to process your request."}""", 529, AnthropicErrorType.Overloaded)]
    [InlineData(424, """{"message":"The model failed","originalStatusCode":500}""", 502, AnthropicErrorType.Api)]
    [InlineData(400, """{"message":"messages.0.content: Input should be a valid list"}""", 400, AnthropicErrorType.InvalidRequest)]
    [InlineData(404, """{"type":"error","error":{"type":"not_found_error","message":"model: claude-none"}}""", 404, AnthropicErrorType.NotFound)]
    [InlineData(404, "Not Found", 502, AnthropicErrorType.Api)]
    [InlineData(413, """{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}""", 413, AnthropicErrorType.RequestTooLarge)]
    public void Refusals_are_told_as_what_they_are_to_our_caller(int status, string body, int told, AnthropicErrorType type)
    {
        var error = MessagesErrors.OfAnswer(status, Encoding.UTF8.GetBytes(body), Context.ForErrors);

        Assert.Equal(told, error.Status);
        Assert.Equal(type, error.Error.Type);
    }

    private static Gen<string> OneOf(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(which => choices[which]);

    private static RelayContext Context { get; } = new("asked-for", "native") { EstimatedInputTokens = 100 };

    private static int Ends(string told) =>
        told.Split("event: message_stop\n").Length - 1 + told.Split("event: error\n").Length - 1;

    private static string Sse(string[] events) =>
        string.Concat(events.Select(data => $"event: {data.Split('"')[3]}\ndata: {data}\n\n"));

    private static (MessageRelay Relay, string Told) Run(string stream, int cut) => Run(Encoding.UTF8.GetBytes(stream), cut, MessagesService.Anthropic);

    private static (MessageRelay Relay, string Told) Run(byte[] stream, int cut, MessagesService service)
    {
        var client = new ArrayBufferWriter<byte>();
        using var relay = new MessageRelay(Context, client);
        using var feed = new MessageFeed(relay, service, 1 << 20);
        for (var start = 0; start < stream.Length && !relay.HasEnded; start += cut) feed.Take(stream.AsSpan(start, Math.Min(cut, stream.Length - start)));
        feed.Close();
        return (relay, Encoding.UTF8.GetString(client.WrittenSpan));
    }
}
