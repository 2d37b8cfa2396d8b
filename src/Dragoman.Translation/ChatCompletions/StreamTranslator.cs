using Dragoman.Protocol.Anthropic;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>A backend's answer, streamed or whole, into what the client is told: the state machine of mapping.md section 9.</summary>
/// <remarks>Emits message_start, then blocks one after another, then message_delta and message_stop.
/// An answer that breaks off ends in an error: a cut-off answer is never reported as complete. (failures.md G1, G2)</remarks>
public sealed class StreamTranslator : IDisposable
{
    /// <param name="answer">What is known of the request.</param>
    /// <param name="client">Takes what the client is told.</param>
    /// <param name="messageId">Id of the answer.</param>
    /// <param name="newToolUseId">Gives fresh ids, <c>toolu_</c> and 24 characters, where the backend's cannot be used.</param>
    public StreamTranslator(AnswerContext answer, MessageSink client, string messageId, Func<string> newToolUseId) => throw new NotImplementedException();

    /// <summary>message_start was sent: failures from here on are error events.</summary>
    public bool HasStarted => throw new NotImplementedException();

    /// <summary>The answer is over, by message_stop or by an error.</summary>
    public bool HasEnded => throw new NotImplementedException();

    /// <summary>Why the answer failed; null if it did not. If <see cref="HasStarted"/> is false nothing was told to the client, and the
    /// error can still be an HTTP answer.</summary>
    public TranslatedError? Failure => throw new NotImplementedException();

    /// <summary>The counts so far; final when <see cref="HasEnded"/>.</summary>
    public Usage Usage => throw new NotImplementedException();

    /// <summary>Why the answer ended; null while it has not, or when it failed.</summary>
    public StopReason? StopReason => throw new NotImplementedException();

    /// <summary>The answer is complete as far as the client is concerned, though the backend may go on: the upstream request can be cancelled.</summary>
    public bool WantsNoMore => throw new NotImplementedException();

    /// <summary>Commits the answer while the backend is still silent: message_start now. Does nothing if it was sent.</summary>
    public void Begin() => throw new NotImplementedException();

    /// <summary>The data of one event, <c>[DONE]</c> included.</summary>
    public void OnData(ReadOnlySpan<byte> data) => throw new NotImplementedException();

    /// <summary>The data of an event that the backend named <c>error</c>.</summary>
    public void OnErrorEvent(ReadOnlySpan<byte> data) => throw new NotImplementedException();

    /// <summary>A whole <c>chat.completion</c>, also where a stream was asked for. (failures.md G8)</summary>
    public void OnWhole(ReadOnlySpan<byte> json) => throw new NotImplementedException();

    /// <summary>The backend closed the stream in order: finished if finish_reason or [DONE] came, else an error.</summary>
    public void OnClosed() => throw new NotImplementedException();

    /// <summary>The gateway ends the answer: connection lost, silence, shutdown.</summary>
    public void Fail(AnthropicError error) => throw new NotImplementedException();

    /// <summary>Gives buffers back.</summary>
    public void Dispose() => throw new NotImplementedException();
}
