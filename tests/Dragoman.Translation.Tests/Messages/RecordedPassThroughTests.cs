using System.Buffers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Testing;
using Dragoman.Testing.Native;
using Dragoman.Translation.Messages;

namespace Dragoman.Translation.Tests.Messages;

/// <summary>What services that speak the Messages API were recorded to send, and clients to ask, passes as it is.</summary>
public sealed class RecordedPassThroughTests
{
    private static RelayContext Context { get; } = new("asked-for", "native");

    [Fact]
    public void Every_recorded_stream_passes_as_server_sent_events_and_as_Bedrocks_messages()
    {
        var streams = Directory.GetFiles(SharedData.Require("corpus/anthropic"), "*.sse");
        Assert.NotEmpty(streams);
        foreach (var file in streams)
        {
            var bytes = File.ReadAllBytes(file);
            var source = StreamGrammar.Read(bytes, isOurs: false);
            var (relay, told) = Run(bytes, 61, MessagesService.Anthropic);
            var read = StreamGrammar.Read(told, isOurs: false);

            Assert.True(source.IsComplete == read.IsComplete, $"{file}: {relay.Failure}");
            if (!source.IsComplete) continue;
            Assert.Empty(read.Violations);
            Assert.Equal(Bytes(bytes), Bytes(told));
            var usage = source.Message!["usage"]!;
            Assert.Equal((Count(usage, "input_tokens"), Count(usage, "output_tokens"), Count(usage, "cache_read_input_tokens")), (relay.Usage.InputTokens, relay.Usage.OutputTokens, relay.Usage.CacheReadInputTokens));
            Assert.False(relay.Usage.Estimated);

            var frames = ClaudeAnswer.Frames([.. Events(bytes)]);
            Assert.Equal(Bytes(told), Bytes(Run(frames, 113, MessagesService.Bedrock).Told));
        }
    }

    [Fact]
    public void Every_recorded_message_passes_and_every_recorded_error_is_one()
    {
        foreach (var file in Directory.GetFiles(SharedData.Require("corpus/anthropic"), "*.json").Where(file => !file.EndsWith(".meta.json", StringComparison.Ordinal)))
        {
            var bytes = File.ReadAllBytes(file);
            var root = JsonNode.Parse(bytes)!;
            var client = new ArrayBufferWriter<byte>();
            var read = WholeMessage.Relay(File.ReadAllBytes(file), Context, client);
            if (root["type"]?.GetValue<string>() == "message")
            {
                Assert.True(read.Failure is null, $"{file}: {read.Failure}");
                root["model"] = "asked-for";
                Assert.True(JsonNode.DeepEquals(root, JsonNode.Parse(client.WrittenSpan)), file);
                Assert.Equal(Count(root["usage"]!, "output_tokens"), read.Usage.OutputTokens);
            }
            else
            {
                Assert.NotNull(read.Failure);
            }
        }
    }

    [Fact]
    public void Every_recorded_request_is_forwarded_byte_for_byte_but_for_the_models_name()
    {
        var requests = Directory.GetFiles(SharedData.Require("corpus/anthropic-requests"), "*.request.json");
        Assert.NotEmpty(requests);
        foreach (var file in requests)
        {
            // Lone surrogates are mended where a request is read, before anything is forwarded.
            var bytes = File.ReadAllBytes(file);
            using var json = JsonText.Parse(bytes);
            var model = json.Root["model"u8];
            var expected = new ArrayBufferWriter<byte>();
            expected.Write(bytes.AsSpan(0, model.Offset));
            expected.Write("\"upstream\""u8);
            expected.Write(bytes.AsSpan(model.Offset + model.Raw.Length));

            var sent = new ArrayBufferWriter<byte>();
            MessagesForwarding.Write(new MessagesRequest(json.Root), new(MessagesService.Anthropic, "upstream"), sent);
            Assert.True(expected.WrittenSpan.TrimEnd("\r\n "u8).SequenceEqual(sent.WrittenSpan), file);

            var bedrock = new ArrayBufferWriter<byte>();
            MessagesForwarding.Write(new MessagesRequest(json.Root), new(MessagesService.Bedrock, "upstream"), bedrock);
            var wrapped = JsonNode.Parse(bedrock.WrittenSpan)!.AsObject();
            Assert.True(wrapped.Remove("anthropic_version"));
            var original = JsonNode.Parse(bytes)!.AsObject();
            original.Remove("model");
            original.Remove("stream");
            Assert.True(JsonNode.DeepEquals(original, wrapped), file);
        }
    }

    private static long Count(JsonNode usage, string name) => usage[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? value.GetValue<long>() : 0;

    /// <summary>The data of the events that are passed on.</summary>
    private static IEnumerable<string> Events(byte[] sse)
    {
        using var stream = new MemoryStream(sse);
        return [.. SseParser.Create(stream).Enumerate().Where(item => item.EventType != "ping" && item.Data != "[DONE]").Select(item => item.Data)];
    }

    /// <summary>The data with the model's name taken out, and what Bedrock tells of its machines.</summary>
    private static IEnumerable<string> Bytes(byte[] sse) => Events(sse).Select(data =>
    {
        if (data.Contains("amazon-bedrock-invocationMetrics", StringComparison.Ordinal)) return ClaudeAnswer.Stop;
        if (!data.Contains("message_start", StringComparison.Ordinal)) return data;
        var start = JsonNode.Parse(data)!;
        start["message"]!["model"] = "";
        return start.ToJsonString();
    });

    private static (MessageRelay Relay, byte[] Told) Run(byte[] stream, int cut, MessagesService service)
    {
        var client = new ArrayBufferWriter<byte>();
        using var relay = new MessageRelay(Context, client);
        using var feed = new MessageFeed(relay, service, 1 << 24);
        for (var start = 0; start < stream.Length && !relay.HasEnded; start += cut) feed.Take(stream.AsSpan(start, Math.Min(cut, stream.Length - start)));
        feed.Close();
        return (relay, client.WrittenSpan.ToArray());
    }
}
