using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.ServerSentEvents;
using Dragoman.Telemetry;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream.ChatCompletions;

/// <summary>Hands the bytes of a backend's answer to the translator, whatever they turn out to be: events or one whole object.</summary>
/// <remarks>What was asked for decides nothing, nor does the content type, which proxies invent. The first byte tells: no event begins with
/// a brace. (failures.md G8, G9)</remarks>
internal sealed class ChatCompletionsAnswer(AnswerContext context, in AnswerPlace place, int largest) : UpstreamAnswer
{
    private enum Kind { Unknown, Events, Whole }

    private readonly StreamTranslator _translator = new(context, place.Sink, place.MessageId, RandomIds.ToolUse, place.Before);
    private readonly ServerSentEventReader _events = new(largest);
    private PooledBuffer? _whole;
    private Kind _kind;

    public override bool HasStarted => _translator.HasStarted;

    public override bool HasContent => _translator.HasContent;

    public override bool HasEnded => _translator.HasEnded;

    public override bool AwaitsOnlyUsage => _translator.AwaitsOnlyUsage;

    public override bool WantsNoMore => _translator.WantsNoMore;

    public override IReadOnlyList<ServerToolCall> ServerToolCalls => _translator.ServerToolCalls;

    public override Usage Usage => _translator.Usage;

    public override Usage OwnUsage => _translator.OwnUsage;

    public override MessageProgress Progress => _translator.Progress;

    public override StopReason? StopReason => _translator.StopReason;

    public override TranslatedError? Failure => _translator.Failure;

    public override int MendedToolCalls => _translator.MendedToolCalls;

    public override int UnreadableToolCalls => _translator.UnreadableToolCalls;

    public override void OnServerToolOutcome(ServerToolCall call, ServerToolOutcome outcome) => _translator.OnServerToolOutcome(call, outcome);

    public override bool EndRound(bool pause) => _translator.EndRound(pause);

    public override void Continue() => _translator.Continue();

    public override void Take(ReadOnlySpan<byte> bytes)
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

    public override void Close()
    {
        if (_translator.HasEnded) return;
        if (_kind == Kind.Whole && _whole is not null)
        {
            _translator.OnWhole(_whole.Memory.Span);
            return;
        }

        if (_events.TryReadLast(out var last)) Tell(last);
        if (!_translator.HasEnded) _translator.OnClosed();
    }

    public override void CloseWithoutUsage() => _translator.OnClosed();

    public override void Refuse(string explanation) => _translator.OnWhole(Refusals.AsCompletion(explanation));

    public override void Fail(AnthropicError error) => _translator.Fail(error);

    public override void Dispose()
    {
        _translator.Dispose();
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
            while (!_translator.HasEnded && _events.TryRead(ref bytes, out var next)) Tell(next);
        }
        catch (InvalidDataException)
        {
            _translator.Fail(UpstreamFailures.TooMuch(context.Backend));
        }
    }

    private void Tell(in ServerSentEvent next)
    {
        if (next.Event.SequenceEqual("error"u8)) _translator.OnErrorEvent(next.Data);
        else if (!next.Data.IsEmpty) _translator.OnData(next.Data);
    }

    private void TakeWhole(ReadOnlySpan<byte> bytes)
    {
        _whole ??= new PooledBuffer();
        if (_whole.Length + bytes.Length > largest) _translator.Fail(UpstreamFailures.TooMuch(context.Backend));
        else _whole.Append(bytes);
    }
}
