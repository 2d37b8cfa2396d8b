using System.Buffers;
using System.Text.Json.Nodes;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.ServerSentEvents;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Streams;

/// <summary>One answer on its way through the translator, as the server drives it.</summary>
internal sealed record AnswerRun(
    byte[] Output, TranslatedError? Failure, bool HasStarted, Usage Usage, StopReason? StopReason, bool WantsNoMore, int Mended, int Unreadable)
{
    /// <summary>The client's stream, read and checked.</summary>
    internal StreamReading Reading => StreamGrammar.Read(Output);

    /// <summary>A streamed answer for a streaming client.</summary>
    /// <param name="upstream">What the backend sends.</param>
    /// <param name="context">The request.</param>
    /// <param name="cuts">Lengths of the pieces it arrives in, used in turn; empty for one piece.</param>
    internal static AnswerRun Stream(byte[] upstream, AnswerContext context, params int[] cuts)
    {
        var output = new ArrayBufferWriter<byte>();
        var translator = Run(upstream, context, new MessageEventWriter(output), cuts);
        return Result(output, translator);
    }

    /// <summary>A streamed answer for a client that wants it whole.</summary>
    internal static AnswerRun Gather(byte[] upstream, AnswerContext context, params int[] cuts)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new MessageWriter(output);
        var translator = Run(upstream, context, writer, cuts);
        return Result(output, translator);
    }

    /// <summary>A whole answer for a client that wants it whole.</summary>
    internal static AnswerRun Whole(byte[] upstream, AnswerContext context)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new MessageWriter(output);
        using var translator = New(context, writer);
        translator.OnWhole(upstream);
        return Result(output, translator);
    }

    /// <summary>A whole answer for a streaming client. (failures.md G8)</summary>
    internal static AnswerRun Synthesise(byte[] upstream, AnswerContext context)
    {
        var output = new ArrayBufferWriter<byte>();
        using var translator = New(context, new MessageEventWriter(output));
        translator.OnWhole(upstream);
        return Result(output, translator);
    }

    /// <summary>The message that came of it, in whichever form; null if it failed.</summary>
    internal JsonObject? Message(bool streamed)
    {
        if (Failure is not null || Output.Length == 0) return null;
        return streamed ? Reading.Message : JsonNode.Parse(Output)!.AsObject();
    }

    private static StreamTranslator New(AnswerContext context, MessageSink sink)
    {
        var fresh = 0;
        return new StreamTranslator(context, sink, "msg_000000000000000000000001", () => $"toolu_fresh{++fresh:000}");
    }

    private static StreamTranslator Run(byte[] upstream, AnswerContext context, MessageSink sink, int[] cuts)
    {
        using var reader = new ServerSentEventReader();
        using var translator = New(context, sink);
        var turn = 0;
        for (var at = 0; at < upstream.Length && !translator.HasEnded;)
        {
            var length = cuts.Length == 0 ? upstream.Length : Math.Min(Math.Max(1, cuts[turn++ % cuts.Length]), upstream.Length - at);

            // A fresh array each time: whatever is kept of a piece beyond its call shows up as garbage.
            var piece = upstream.AsSpan(at, length).ToArray();
            ReadOnlySpan<byte> bytes = piece;
            while (!translator.HasEnded && reader.TryRead(ref bytes, out var next)) Hand(translator, next);
            Array.Fill(piece, (byte)'#');
            at += length;
        }

        if (!translator.HasEnded && reader.TryReadLast(out var last)) Hand(translator, last);
        translator.OnClosed();
        return translator;
    }

    private static void Hand(StreamTranslator translator, ServerSentEvent next)
    {
        if (next.Event.SequenceEqual("error"u8)) translator.OnErrorEvent(next.Data);
        else translator.OnData(next.Data);
    }

    private static AnswerRun Result(ArrayBufferWriter<byte> output, StreamTranslator translator) =>
        new(output.WrittenSpan.ToArray(), translator.Failure, translator.HasStarted, translator.Usage, translator.StopReason, translator.WantsNoMore,
            translator.MendedToolCalls, translator.UnreadableToolCalls);
}
