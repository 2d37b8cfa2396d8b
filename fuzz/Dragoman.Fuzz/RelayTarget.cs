using System.Buffers;
using System.Text;
using Dragoman.Protocol.Json;
using Dragoman.Protocol.Anthropic;
using Dragoman.Testing.Native;
using Dragoman.Translation.Messages;

namespace Dragoman.Fuzz;

/// <summary>Bytes of a service that speaks the Messages API, passed on: as a stream, as Bedrock's messages, as a whole answer; and as a
/// request, forwarded. Promised: one legal end, whatever comes, the same stream however it is cut, and JSON for the service.</summary>
internal sealed class RelayTarget : FuzzTarget
{
    private static readonly int[] Cuts = [int.MaxValue, 1, 7, 61];
    private static readonly RelayContext Context = new("claude-test", "fuzzed");

    public override bool IsSeed(string path) =>
        path.EndsWith(".sse", StringComparison.Ordinal) || (path.EndsWith(".json", StringComparison.Ordinal) && !path.EndsWith(".meta.json", StringComparison.Ordinal));

    public override void Run(ReadOnlySpan<byte> input)
    {
        var taken = Stream(input, MessagesService.Anthropic) | Stream(input, MessagesService.Bedrock) | Stream(Framed(input), MessagesService.Bedrock);
        var whole = new ArrayBufferWriter<byte>();
        if (WholeMessage.Relay(input.ToArray(), Context, whole).Failure is null != whole.WrittenCount > 0) throw new BrokenPromiseException("A whole answer is a message or a failure.");
        if (Forward(input) || taken || whole.WrittenCount > 0) Taken++;
    }

    private static bool Stream(ReadOnlySpan<byte> input, MessagesService service)
    {
        byte[]? uncut = null;
        var isComplete = false;
        foreach (var cut in Cuts)
        {
            var client = new ArrayBufferWriter<byte>();
            using var relay = new MessageRelay(Context, client);
            using var feed = new MessageFeed(relay, service, 1 << 20);
            for (var rest = input; !rest.IsEmpty && !relay.HasEnded; rest = rest[Math.Min(cut, rest.Length)..]) feed.Take(rest[..Math.Min(cut, rest.Length)]);
            feed.Close();
            if (!relay.HasEnded) throw new BrokenPromiseException("The answer has no end.");
            if (relay.HasStarted != client.WrittenCount > 0) throw new BrokenPromiseException("HasStarted does not tell whether something was written.");
            if (relay.HasStarted && Ends(client.WrittenSpan) != 1) throw new BrokenPromiseException("It must end once, in message_stop or in an error.");
            uncut ??= client.WrittenSpan.ToArray();
            if (!client.WrittenSpan.SequenceEqual(uncut)) throw new BrokenPromiseException($"Cut into pieces of {cut} the answer becomes another.");
            isComplete = relay.Failure is null;
        }

        return isComplete;
    }

    // At the start of a line only: what stands in data may say anything.
    private static int Ends(ReadOnlySpan<byte> told) =>
        told.Count("\nevent: message_stop\n"u8) + told.Count("\nevent: error\n"u8) + (told.StartsWith("event: error\n"u8) ? 1 : 0);

    /// <summary>The lines of the input, each as the data of an event.</summary>
    private static byte[] Framed(ReadOnlySpan<byte> input)
    {
        var frames = new ArrayBufferWriter<byte>();
        foreach (var line in input.Split((byte)'\n'))
        {
            var data = input[line];
            if (data.StartsWith("data:"u8)) frames.Write(EventStreamFrames.Chunk(Encoding.UTF8.GetString(data[5..].Trim("\r "u8))));
        }

        return frames.WrittenSpan.ToArray();
    }

    private static bool Forward(ReadOnlySpan<byte> input)
    {
        try
        {
            using var text = JsonText.Parse(input.ToArray());
            if (!text.Root.IsObject) return false;
            foreach (var service in (ReadOnlySpan<MessagesService>)[MessagesService.Anthropic, MessagesService.Bedrock, MessagesService.Vertex])
            {
                var sent = new ArrayBufferWriter<byte>();
                var target = new ForwardingTarget(service, "model") { Betas = ["a-beta"], RefusedMembers = ["metadata", "messages"], LimitsAnswer = true };
                MessagesForwarding.Write(new MessagesRequest(text.Root), target, sent);
                Check(sent);
                sent.Clear();
                MessagesForwarding.Write(new MessagesRequest(text.Root), target with { RefusedMembers = [] }, sent);
                Check(sent);
            }

            return true;
        }
        catch (JsonFormatException)
        {
            return false;
        }
    }

    private static void Check(ArrayBufferWriter<byte> sent)
    {
        try
        {
            using var json = JsonText.Parse(sent.WrittenMemory.ToArray());
        }
        catch (JsonFormatException e)
        {
            throw new BrokenPromiseException($"What is forwarded is no JSON: {e.Message}");
        }
    }
}
