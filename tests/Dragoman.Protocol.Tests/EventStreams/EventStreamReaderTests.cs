using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Dragoman.Protocol.EventStreams;
using Dragoman.Testing;
using Dragoman.Testing.Native;

namespace Dragoman.Protocol.Tests.EventStreams;

public sealed class EventStreamReaderTests
{
    [Fact]
    public void A_message_has_headers_and_a_payload()
    {
        using var reader = new EventStreamReader();
        ReadOnlySpan<byte> bytes = EventStreamFrames.Message("{}", (":message-type", "event"), (":event-type", "chunk"));

        Assert.True(reader.TryRead(ref bytes, out var next));
        Assert.Equal("chunk", Encoding.UTF8.GetString(next.Text(":event-type"u8)));
        Assert.Equal("event", Encoding.UTF8.GetString(next.Text(":message-type"u8)));
        Assert.True(next.Text(":exception-type"u8).IsEmpty);
        Assert.Equal("{}", Encoding.UTF8.GetString(next.Payload));
        Assert.True(bytes.IsEmpty);
    }

    // A message without headers and payload is the shortest there is; its bytes are known from the format's description.
    [Fact]
    public void The_shortest_message_is_known_by_its_bytes()
    {
        byte[] shortest = [0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff];

        Assert.Equal(shortest, EventStreamFrames.Message([], []));
        Assert.Equal(["|"], Read(shortest, 100));
    }

    [Fact]
    public void Headers_of_every_type_are_stepped_over()
    {
        byte[] headers =
        [
            1, (byte)'a', 0, 1, (byte)'b', 1, 1, (byte)'c', 2, 9, 1, (byte)'d', 3, 9, 9, 1, (byte)'e', 4, 9, 9, 9, 9, 1, (byte)'f', 5, 9, 9, 9, 9, 9, 9, 9, 9,
            1, (byte)'g', 6, 0, 2, 9, 9, 1, (byte)'h', 8, 9, 9, 9, 9, 9, 9, 9, 9, 1, (byte)'i', 9, .. new byte[16], 11, .. ":event-type"u8, 7, 0, 1, (byte)'x',
        ];

        Assert.Equal(["x|payload"], Read(EventStreamFrames.Message(headers, "payload"u8.ToArray()), 1000));
    }

    [Fact]
    public void However_a_stream_is_cut_its_messages_are_the_same() =>
        Gen.Select(Gen.String[0, 300].Array[0, 12], Gen.Int[1, 70]).Sample((payloads, cut) =>
        {
            var stream = payloads.SelectMany(payload => EventStreamFrames.Message(payload, (":event-type", "chunk"))).ToArray();
            Assert.Equal(payloads.Select(payload => $"chunk|{Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(payload))}"), Read(stream, cut));
        });

    [Fact]
    public void No_single_changed_bit_goes_unseen() =>
        Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 7], Gen.Int[1, 300]).Sample((at, bit, cut) =>
        {
            var stream = EventStreamFrames.Chunk("""{"type":"ping"}""").Concat(EventStreamFrames.Chunk("""{"type":"message_stop"}""")).ToArray();
            stream[at % stream.Length] ^= (byte)(1 << bit);
            Assert.Throws<InvalidDataException>(() => Read(stream, cut));
        });

    [Fact]
    public void Any_bytes_at_all_are_messages_or_refused() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[1, 50]).Sample((bytes, cut) =>
        {
            try
            {
                Read(bytes, cut);
            }
            catch (InvalidDataException)
            {
            }
        });

    [Theory]
    [InlineData(15, 0)]
    [InlineData(0, 0)]
    [InlineData(100, 90)]
    [InlineData(int.MaxValue, 0)]
    public void Impossible_lengths_are_refused_though_their_sum_be_right(int length, int headers)
    {
        var message = EventStreamFrames.Message(new byte[4], new byte[100]);
        BinaryPrimitives.WriteInt32BigEndian(message, length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), headers);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), System.IO.Hashing.Crc32.HashToUInt32(message.AsSpan(0, 8)));

        Assert.Throws<InvalidDataException>(() => Read(message, 1000));
    }

    [Fact]
    public void A_stream_that_closes_inside_a_message_was_cut_off()
    {
        using var reader = new EventStreamReader();
        ReadOnlySpan<byte> bytes = EventStreamFrames.Chunk("{}").AsSpan()[..^1];
        Assert.False(reader.TryRead(ref bytes, out _));
        Assert.True(reader.IsInsideMessage);
    }

    [Fact]
    public void Reading_allocates_nothing_per_message()
    {
        using var reader = new EventStreamReader();
        var input = Enumerable.Repeat(EventStreamFrames.Chunk("""{"type":"ping"}"""), 20).SelectMany(static message => message).ToArray();
        Count(reader, input);
        Assert.Equal(0, Allocations.Fewest(() =>
        {
            for (var i = 0; i < 100; i++) Count(reader, input);
        }));
    }

    private static void Count(EventStreamReader reader, byte[] input)
    {
        ReadOnlySpan<byte> bytes = input;
        while (reader.TryRead(ref bytes, out _))
        {
        }
    }

    private static List<string> Read(byte[] stream, int cut)
    {
        using var reader = new EventStreamReader();
        var messages = new List<string>();
        for (var start = 0; start < stream.Length; start += cut)
        {
            ReadOnlySpan<byte> bytes = stream.AsSpan(start, Math.Min(cut, stream.Length - start));
            while (reader.TryRead(ref bytes, out var next))
                messages.Add($"{Encoding.UTF8.GetString(next.Text(":event-type"u8))}|{Encoding.UTF8.GetString(next.Payload)}");
        }

        if (reader.IsInsideMessage) throw new InvalidDataException("cut off");
        return messages;
    }
}
