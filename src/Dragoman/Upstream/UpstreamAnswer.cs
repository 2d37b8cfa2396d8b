using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>Where an answer is put.</summary>
/// <param name="Bytes">What goes to the caller: events, or one whole message.</param>
/// <param name="Sink">Writes to <paramref name="Bytes"/> what it is told.</param>
/// <param name="Stream">Events are wanted.</param>
/// <param name="MessageId">Id of the message, where the backend gives none of its own.</param>
/// <param name="Before">What earlier upstream answers have brought of the same message.</param>
internal readonly record struct AnswerPlace(PooledBuffer Bytes, MessageSink Sink, bool Stream, string MessageId, MessageProgress Before = default);

/// <summary>Makes of what a backend sends what the caller is told, as a state machine fed with the bytes of each read.</summary>
/// <remarks>Whatever is fed, what is written is legal: message_start, blocks one after another, message_delta and message_stop; or an error.
/// What was asked for decides nothing: a backend may stream to who wanted a whole answer, and the reverse (failures.md G8, G9).</remarks>
internal abstract class UpstreamAnswer : IDisposable
{
    /// <summary>message_start was written, or told before: what fails from here on is an error event.</summary>
    public abstract bool HasStarted { get; }

    /// <summary>A content block was begun: from here on no other backend can answer instead, once it was sent.</summary>
    public abstract bool HasContent { get; }

    /// <summary>Nothing more is to be read: the answer is over, by message_stop or by an error, or <see cref="ServerToolCalls"/> wait.</summary>
    public abstract bool HasEnded { get; }

    /// <summary>Calls that the gateway is to run before the message can go on; empty as a rule.</summary>
    public virtual IReadOnlyList<ServerToolCall> ServerToolCalls => [];

    /// <summary>Nothing but the token counts is to be expected: worth a short wait only, then <see cref="CloseWithoutUsage"/>.
    /// (failures.md E7)</summary>
    public abstract bool AwaitsOnlyUsage { get; }

    /// <summary>The answer is complete as far as the caller is concerned, though the backend may go on: the upstream request can be
    /// cancelled.</summary>
    public abstract bool WantsNoMore { get; }

    /// <summary>The counts of the message so far; final when <see cref="HasEnded"/>.</summary>
    public abstract Usage Usage { get; }

    /// <summary>The counts of this upstream answer alone.</summary>
    public virtual Usage OwnUsage => Usage;

    /// <summary>What an upstream answer that goes on with the message must know.</summary>
    public virtual MessageProgress Progress => new(0, Usage);

    /// <summary>Why the answer ended; null while it has not, or when it failed.</summary>
    public abstract StopReason? StopReason { get; }

    /// <summary>Why the answer failed; null if it did not.</summary>
    public abstract TranslatedError? Failure { get; }

    /// <summary>Tool calls whose arguments had to be mended.</summary>
    public virtual int MendedToolCalls => 0;

    /// <summary>Tool calls whose arguments could not be read.</summary>
    public virtual int UnreadableToolCalls => 0;

    /// <summary>What became of a call that waited; once for each.</summary>
    public virtual void OnServerToolOutcome(ServerToolCall call, ServerToolOutcome outcome)
    {
    }

    /// <summary>All calls that waited have outcomes.</summary>
    /// <param name="pause">No other upstream answer may follow.</param>
    /// <returns>True if the message is complete; false if another upstream answer must go on with it.</returns>
    public virtual bool EndRound(bool pause) => true;

    /// <summary>The caller was sent a message_start already: none is written again. Only while none was.</summary>
    public abstract void Continue();

    /// <summary>Takes what one read brought.</summary>
    public abstract void Take(ReadOnlySpan<byte> bytes);

    /// <summary>The backend has closed its answer in order.</summary>
    public abstract void Close();

    /// <summary>Ends an answer that <see cref="AwaitsOnlyUsage"/> and has waited long enough.</summary>
    public abstract void CloseWithoutUsage();

    /// <summary>The backend refused the prompt for what it says: told as a refusal, so that the session survives (mapping.md section
    /// 10).</summary>
    public abstract void Refuse(string explanation);

    /// <summary>The gateway ends the answer: connection lost, silence, shutdown. Written as an error event if the message has
    /// started.</summary>
    public abstract void Fail(AnthropicError error);

    /// <summary>Gives buffers back.</summary>
    public abstract void Dispose();
}
