using Dragoman.Protocol;
using Dragoman.Protocol.ServerSentEvents;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Upstream;

namespace Dragoman.Streaming;

/// <summary>Hands the bytes of a backend's answer to the translator, whatever they turn out to be: events or one whole object.</summary>
/// <remarks>What was asked for decides nothing: there are backends that stream to who wanted a whole answer, and the reverse (failures.md
/// G8, G9). Nor does the content type, which proxies invent. The first byte tells: no event begins with a brace.</remarks>
internal sealed class AnswerFeed(StreamTranslator translator, string backend, int largest) : IDisposable
{
    private enum Kind { Unknown, Events, Whole }

    private readonly ServerSentEventReader _events = new(largest);
    private PooledBuffer? _whole;
    private Kind _kind;

    /// <summary>Takes what one read brought.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        if (_kind == Kind.Unknown) _kind = Recognise(bytes);
        switch (_kind)
        {
            case Kind.Events:
                TakeEvents(bytes);
                break;
            case Kind.Whole:
                TakeWhole(bytes);
                break;
        }
    }

    /// <summary>The backend has closed its answer.</summary>
    public void Close()
    {
        if (translator.HasEnded) return;
        if (_kind == Kind.Whole && _whole is not null)
        {
            translator.OnWhole(_whole.Memory.Span);
            return;
        }

        if (_events.TryReadLast(out var last)) Tell(last);
        if (!translator.HasEnded) translator.OnClosed();
    }

    public void Dispose()
    {
        _events.Dispose();
        _whole?.Dispose();
    }

    private static Kind Recognise(ReadOnlySpan<byte> bytes)
    {
        var text = bytes.TrimStart("\uFEFF \t\r\n"u8);
        if (text.IsEmpty) return Kind.Unknown;
        // '<' is a web page with status 200: no answer either, and said so by the translator. (failures.md G7)
        return text[0] is (byte)'{' or (byte)'[' or (byte)'<' ? Kind.Whole : Kind.Events;
    }

    private void TakeEvents(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (!translator.HasEnded && _events.TryRead(ref bytes, out var next)) Tell(next);
        }
        catch (InvalidDataException)
        {
            translator.Fail(UpstreamFailures.TooMuch(backend));
        }
    }

    private void Tell(in ServerSentEvent next)
    {
        if (next.Event.SequenceEqual("error"u8)) translator.OnErrorEvent(next.Data);
        else if (!next.Data.IsEmpty) translator.OnData(next.Data);
    }

    private void TakeWhole(ReadOnlySpan<byte> bytes)
    {
        _whole ??= new PooledBuffer();
        if (_whole.Length + bytes.Length > largest) translator.Fail(UpstreamFailures.TooMuch(backend));
        else _whole.Append(bytes);
    }
}
