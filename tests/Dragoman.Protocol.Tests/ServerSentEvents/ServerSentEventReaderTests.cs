using System.Net.ServerSentEvents;
using System.Text;
using CsCheck;
using Dragoman.Protocol.ServerSentEvents;
using Dragoman.Testing;

namespace Dragoman.Protocol.Tests.ServerSentEvents;

// failures.md H1, H2, H4
public sealed class ServerSentEventReaderTests
{
    [Theory]
    [InlineData("data: a\n\n", "|a")]
    [InlineData("data:a\n\ndata: b\n\n", "|a", "|b")]
    [InlineData("data: a\r\n\r\ndata: b\r\n\r\n", "|a", "|b")]
    [InlineData("data: a\r\rdata: b\r\r", "|a", "|b")]
    [InlineData("data: a\ndata: b\ndata:\n\n", "|a\nb\n")]
    [InlineData("data:\ndata: b\n\n", "|\nb")]
    [InlineData("event: ping\nid: 7\nretry: 10\ndata:  two spaces\n\n", "ping| two spaces")]
    [InlineData(": OPENROUTER PROCESSING\n\ndata: a\n\n:\n\n", "|a")]
    [InlineData("event: lonely\n\ndata: a\n\n", "|a")]
    [InlineData("data\n\n", "|")]
    [InlineData("\uFEFFdata: a\n\n", "|a")]
    [InlineData("\n\n\ndata: a\n\n", "|a")]
    [InlineData("datax: no\ndata: a\n\n", "|a")]
    public void Events_are_read_by_the_grammar(string stream, params string[] expected) => Assert.Equal(expected, Read(Encoding.UTF8.GetBytes(stream), 1000));

    [Fact]
    public void An_event_that_was_open_when_the_stream_closed_counts() =>
        Assert.Equal(["|a", "|b"], Read("data: a\n\ndata: b"u8.ToArray(), 1000, last: true));

    [Fact]
    public void However_a_stream_is_cut_the_events_are_those_that_another_parser_finds()
    {
        // A name always with data: the other parser keeps the name of an event without any for the next one, which the grammar does not.
        var piece = OneOf("data: ", "data:", "event: x\ndata: y\n", "id: 1", ": c", "text é😀", "\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "data", " ");
        Gen.Select(piece.Array[0, 25], Gen.Int[1, 9]).Sample((pieces, cut) =>
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(pieces));
            using var stream = new MemoryStream(bytes);
            var expected = SseParser.Create(stream).Enumerate().Select(static item => (item.EventType == "message" ? "" : item.EventType) + "|" + item.Data).ToArray();
            Assert.Equal(expected, Read(bytes, 1000));
            Assert.Equal(expected, Read(bytes, cut));
        });
    }

    [Fact]
    public void A_whole_event_is_read_in_place()
    {
        using var reader = new ServerSentEventReader();
        var input = "data: hello\n\n"u8.ToArray();
        ReadOnlySpan<byte> bytes = input;
        Assert.True(reader.TryRead(ref bytes, out var next));
        Assert.True(input.AsSpan().Overlaps(next.Data));
    }

    [Fact]
    public void An_event_without_end_is_refused_before_it_fills_the_memory()
    {
        using var reader = new ServerSentEventReader(maxEventBytes: 100);
        var thrown = Assert.Throws<InvalidDataException>(() => ReadOn(reader));
        Assert.DoesNotContain("on and on", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_allocates_nothing_per_event()
    {
        using var reader = new ServerSentEventReader();
        var input = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("data: {\"some\":\"event\"}\n\n", 20)));
        Count(reader, input);
        Assert.Equal(0, Allocations.Fewest(() =>
        {
            for (var i = 0; i < 100; i++) Count(reader, input);
        }));
    }

    private static Gen<string> OneOf(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(which => choices[which]);

    private static void ReadOn(ServerSentEventReader reader)
    {
        for (var i = 0; i < 100; i++)
        {
            ReadOnlySpan<byte> bytes = "data: on and on "u8;
            reader.TryRead(ref bytes, out _);
        }
    }

    private static void Count(ServerSentEventReader reader, byte[] input)
    {
        var events = 0;

        // Cut in the middle of an event, so that the kept part is counted too.
        ReadOnlySpan<byte> bytes = input.AsSpan(0, 100);
        while (reader.TryRead(ref bytes, out _)) events++;
        bytes = input.AsSpan(100);
        while (reader.TryRead(ref bytes, out _)) events++;
        if (events != 20) throw new InvalidOperationException();
    }

    private static List<string> Read(byte[] stream, int cut, bool last = false)
    {
        using var reader = new ServerSentEventReader();
        var events = new List<string>();
        for (var at = 0; at < stream.Length; at += cut)
        {
            var piece = stream.AsSpan(at, Math.Min(cut, stream.Length - at)).ToArray();
            ReadOnlySpan<byte> bytes = piece;
            while (reader.TryRead(ref bytes, out var next)) events.Add(Show(next));
            Assert.True(bytes.IsEmpty);
            Array.Fill(piece, (byte)'#');
        }

        if (last && reader.TryReadLast(out var open)) events.Add(Show(open));
        return events;
    }

    private static string Show(ServerSentEvent next) => Encoding.UTF8.GetString(next.Event) + "|" + Encoding.UTF8.GetString(next.Data);
}
