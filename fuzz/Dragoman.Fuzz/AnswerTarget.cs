using System.Buffers;
using System.Globalization;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.ServerSentEvents;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Fuzz;

/// <summary>Answer bytes of a backend through the stream translation, as a stream and as a whole answer. Promised: a legal stream
/// that ends, whatever comes, and the same one however the bytes are cut.</summary>
internal sealed class AnswerTarget : FuzzTarget
{
    private static readonly int[] Cuts = [int.MaxValue, 1, 7, 61];

    private static readonly Dialect[] Fuzzed =
    [
        Dialects.Generic,
        .. Dialects.Names.Select(name => Dialects.Find(name)!),
        Dialects.Generic with { Name = "filtering", ExactStop = true, ThinkTags = ThinkTags.On, ToolLeak = ToolLeak.Auto },
    ];

    public override bool IsSeed(string path) =>
        path.EndsWith(".sse", StringComparison.Ordinal)
        || (path.EndsWith(".json", StringComparison.Ordinal) && !path.EndsWith(".meta.json", StringComparison.Ordinal)
            && !path.EndsWith(".expect.json", StringComparison.Ordinal) && !path.EndsWith(".request.json", StringComparison.Ordinal));

    private bool _taken;

    public override void Run(ReadOnlySpan<byte> input)
    {
        _taken = false;
        foreach (var dialect in Fuzzed)
        {
            Check(dialect, Whole(input, dialect));
            byte[]? uncut = null;
            foreach (var cut in Cuts)
            {
                var stream = Stream(input, dialect, cut);
                if (uncut is null)
                    Check(dialect, stream);
                uncut ??= stream;
                if (!uncut.AsSpan().SequenceEqual(stream))
                    throw new BrokenPromiseException($"{dialect.Name}: cut into pieces of {cut} the answer becomes another.");
            }
        }
        if (_taken)
            Taken++;
    }

    private static void Check(Dialect dialect, byte[] stream)
    {
        // Nothing was sent: the failure becomes an HTTP error.
        if (stream.Length == 0)
            return;
        var reading = StreamGrammar.Read(stream);
        if (reading.Violations.Count > 0)
            throw new BrokenPromiseException($"{dialect.Name}: {reading.Violations[0]}");
        if (reading.IsComplete == (reading.Error is not null))
            throw new BrokenPromiseException($"{dialect.Name}: it must end in message_stop or in an error.");
    }

    private byte[] Stream(ReadOnlySpan<byte> input, Dialect dialect, int cut)
    {
        var client = new ArrayBufferWriter<byte>();
        using var translator = Translator(dialect, client);
        using var reader = new ServerSentEventReader(1024 * 1024);
        try
        {
            while (!input.IsEmpty && !translator.HasEnded)
            {
                var piece = input[..Math.Min(cut, input.Length)];
                input = input[piece.Length..];
                while (!translator.HasEnded && reader.TryRead(ref piece, out var next))
                    Feed(translator, next);
            }
            if (!translator.HasEnded && reader.TryReadLast(out var last))
                Feed(translator, last);
            if (!translator.HasEnded)
                translator.OnClosed();
        }
        catch (InvalidDataException)
        {
            translator.Fail(new(AnthropicErrorType.Api, "An event was too long."));
        }
        return End(translator, client);
    }

    private static void Feed(StreamTranslator translator, ServerSentEvent next)
    {
        if (next.Event.SequenceEqual("error"u8))
            translator.OnErrorEvent(next.Data);
        else
            translator.OnData(next.Data);
    }

    private byte[] Whole(ReadOnlySpan<byte> input, Dialect dialect)
    {
        var client = new ArrayBufferWriter<byte>();
        using var translator = Translator(dialect, client);
        translator.OnWhole(input);
        if (!translator.HasEnded)
            translator.OnClosed();
        return End(translator, client);
    }

    private byte[] End(StreamTranslator translator, ArrayBufferWriter<byte> client)
    {
        if (translator.StopReason is not null)
            _taken = true;
        if (!translator.HasEnded)
            throw new BrokenPromiseException("The answer has no end.");
        if (translator.HasStarted != (client.WrittenCount > 0))
            throw new BrokenPromiseException("HasStarted does not tell whether something was sent.");
        if (!translator.HasStarted && translator.Failure is null)
            throw new BrokenPromiseException("Nothing was sent and there is no failure.");
        return client.WrittenSpan.ToArray();
    }

    private static StreamTranslator Translator(Dialect dialect, ArrayBufferWriter<byte> client)
    {
        var tools = new ToolNames(dialect.MaxToolName);
        tools.Offer("get_weather", onlyProperty: "city");
        tools.Offer("Read");
        tools.Offer("a.name/that is not allowed upstream");
        var ids = 0;
        return new(
            new()
            {
                Model = "claude-test",
                Dialect = dialect,
                Stream = true,
                UpstreamStream = true,
                ShowThinking = true,
                Tools = tools,
                UsedToolIds = new(),
                OwnStopSequences = dialect.ExactStop ? ["STOP", "\n\n\n"] : [],
                SentStopSequences = ["END"],
                EstimatedInputTokens = 10,
                MaxTokens = 1000,
                SignatureKey = "0123456789abcdef0123456789abcdef"u8.ToArray(),
            },
            new MessageEventWriter(client),
            "msg_000000000000000000000000",
            () => string.Create(CultureInfo.InvariantCulture, $"toolu_{++ids:d24}"));
    }
}
