using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Translation.Messages;

namespace Dragoman.Upstream.Native;

/// <summary>An answer that passes through: events as they come, or one whole message.</summary>
internal sealed class NativeAnswer : UpstreamAnswer
{
    private readonly RelayContext _context;
    private readonly AnswerPlace _place;
    private readonly MessageRelay _relay;
    private readonly MessageFeed? _feed;
    private readonly PooledBuffer _whole = new();
    private readonly int _largest;
    private WholeMessage? _message;
    private Usage? _refused;
    private bool _continues;

    /// <param name="context">What is known of the request.</param>
    /// <param name="service">Whose answer it is.</param>
    /// <param name="place">Where it is put.</param>
    /// <param name="largest">Largest whole answer, and largest event of a streamed one, in bytes.</param>
    public NativeAnswer(RelayContext context, MessagesService service, in AnswerPlace place, int largest)
    {
        _context = context;
        _place = place;
        _largest = largest;
        _relay = new(context, place.Bytes);
        _feed = place.Stream ? new(_relay, service, largest) : null;
    }

    public override bool HasStarted => _relay.HasStarted || _refused is not null || _message is { Failure: null };

    public override bool HasContent => _relay.HasContent || _refused is not null || _message is { Failure: null };

    public override bool HasEnded => _relay.HasEnded || _message is not null || _refused is not null;

    public override bool AwaitsOnlyUsage => _relay.AwaitsOnlyEnd;

    public override bool WantsNoMore => false;

    public override Usage Usage => _refused ?? _message?.Usage ?? _relay.Usage;

    public override StopReason? StopReason => _refused is not null ? Protocol.Anthropic.StopReason.Refusal : _message is { } message ? message.StopReason : _relay.StopReason;

    public override TranslatedError? Failure => _message?.Failure ?? _relay.Failure;

    public override void Continue()
    {
        _continues = true;
        _relay.Continue();
    }

    public override void Take(ReadOnlySpan<byte> bytes)
    {
        if (_feed is not null) _feed.Take(bytes);
        else if (_whole.Length + bytes.Length > _largest) Fail(UpstreamFailures.TooMuch(_context.Backend));
        else _whole.Append(bytes);
    }

    public override void Close()
    {
        if (HasEnded) return;
        if (_feed is not null) _feed.Close();
        else _message = WholeMessage.Relay(_whole.Memory, _context, _place.Bytes);
        _whole.Dispose();
    }

    public override void CloseWithoutUsage() => _relay.OnClosed();

    public override void Refuse(string explanation)
    {
        if (HasEnded) return;
        var usage = new Usage(_context.EstimatedInputTokens, 0, 0, 0, Estimated: true);
        _refused = usage;
        if (!_continues) _place.Sink.Start(_place.MessageId, _context.Model, usage);
        _place.Sink.Finish(new MessageEnd { StopReason = Protocol.Anthropic.StopReason.Refusal, RefusalExplanation = explanation, Usage = usage });
    }

    public override void Fail(AnthropicError error)
    {
        if (!HasEnded) _relay.Fail(error);
    }

    public override void Dispose()
    {
        _feed?.Dispose();
        _relay.Dispose();
        _whole.Dispose();
    }
}
