using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>A backend's answer, streamed or whole, into what the client is told: the state machine of mapping.md section 9.</summary>
/// <remarks>Emits message_start, then blocks one after another, then message_delta and message_stop.
/// An answer that breaks off ends in an error: a cut-off answer is never reported as complete. (failures.md G1, G2)</remarks>
public sealed class StreamTranslator : IDisposable
{
    private readonly AnswerContext _answer;
    private readonly MessageSink _client;
    private readonly string _messageId;
    private readonly ChatChunkReader _chunks = new();
    private readonly AnswerBlocks _blocks;
    private readonly ToolCalls _tools;
    private readonly TextPipeline _text;
    private readonly PooledBuffer _escaped = new();
    private readonly PooledBuffer _heldText = new();
    private readonly PooledBuffer _heldThinking = new();
    private readonly AnswerEnding _ending;
    private readonly ServerToolRound? _round;
    private MessageEnd _end;
    private ChatUsage _reported;
    private ReasoningField _heldField;
    private Phase _phase;

    /// <param name="answer">What is known of the request.</param>
    /// <param name="client">Takes what the client is told.</param>
    /// <param name="messageId">Id of the answer.</param>
    /// <param name="newToolUseId">Gives fresh ids, <c>toolu_</c> and 24 characters, where the backend's cannot be used.</param>
    /// <param name="before">What upstream answers before this one have brought: it goes on with their message.</param>
    public StreamTranslator(AnswerContext answer, MessageSink client, string messageId, Func<string> newToolUseId, MessageProgress before = default)
    {
        _answer = answer;
        _client = client;
        _messageId = messageId;
        _ending = new AnswerEnding(answer);
        _blocks = new AnswerBlocks(answer, client, before.Blocks);
        _tools = new ToolCalls(answer, _blocks, newToolUseId);
        _text = new TextPipeline(answer, OnFilteredText, OnTaggedThinking, OnLeakedCall, OnCitation);
        if (answer.ServerTools.Count > 0 || before.Blocks > 0) _round = new ServerToolRound(answer, _blocks, _tools, before);
    }

    private enum Phase
    {
        NotStarted,
        Started,
        AwaitsServerTools,
        Ended,
    }

    /// <summary>message_start was sent: failures from here on are error events.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>A content block was told to the client: nobody else's answer can take this one's place.</summary>
    public bool HasContent => _blocks.HasBegun;

    /// <summary>Nothing more is to be taken from the backend: the answer is over, by message_stop or by an error, or it
    /// <see cref="AwaitsServerTools"/>.</summary>
    public bool HasEnded => _phase is Phase.Ended or Phase.AwaitsServerTools;

    /// <summary>Server tools are to be run before the answer goes on: <see cref="ServerToolCalls"/>.</summary>
    public bool AwaitsServerTools => _phase == Phase.AwaitsServerTools;

    /// <summary>The calls that wait, in the order in which they were told; their results may come in any.</summary>
    public IReadOnlyList<ServerToolCall> ServerToolCalls => AwaitsServerTools ? _tools.ServerCalls : [];

    /// <summary>What an upstream answer that goes on with this message must know.</summary>
    public MessageProgress Progress => new(_blocks.Count, Usage);

    /// <summary>Why the answer failed; null if it did not. If <see cref="HasStarted"/> is false nothing was told to the client, and the
    /// error can still be an HTTP answer.</summary>
    public TranslatedError? Failure { get; private set; }

    /// <summary>The counts so far, those of upstream answers before this one included; final when <see cref="HasEnded"/>.</summary>
    public Usage Usage => _round is null ? OwnUsage : _round.With(OwnUsage);

    /// <summary>The counts of this upstream answer alone.</summary>
    public Usage OwnUsage => Usages.From(_reported, Estimate, _answer.Dialect);

    /// <summary>Why the answer ended; null while it has not, or when it failed.</summary>
    public StopReason? StopReason { get; private set; }

    /// <summary>The answer is complete as far as the client is concerned, though the backend may go on: the upstream request can be cancelled.</summary>
    public bool WantsNoMore { get; private set; }

    /// <summary>The finish reason came, and nothing but the token counts is to be expected: worth a short wait only, then
    /// <see cref="OnClosed"/>. (failures.md E7)</summary>
    public bool AwaitsOnlyUsage => _ending.IsKnown && !HasEnded;

    /// <summary>Tool calls whose arguments had to be mended.</summary>
    public int MendedToolCalls => _tools.Mended;

    /// <summary>Tool calls whose arguments could not be read.</summary>
    public int UnreadableToolCalls => _tools.Unreadable;

    /// <summary>Commits the answer while the backend is still silent: message_start now. Does nothing if it was sent.</summary>
    public void Begin()
    {
        if (_phase != Phase.NotStarted) return;
        Continue();
        var usage = Usage;
        _client.Start(_messageId, _answer.Model, usage with { OutputTokens = 0, ThinkingTokens = null });
    }

    /// <summary>Goes on with a message whose message_start the client has seen: it gets no other. Does nothing if one was sent.</summary>
    public void Continue()
    {
        if (_phase != Phase.NotStarted) return;
        _phase = Phase.Started;
        HasStarted = true;
    }

    /// <summary>The data of one event, <c>[DONE]</c> included.</summary>
    public void OnData(ReadOnlySpan<byte> data)
    {
        if (HasEnded) return;
        if (_chunks.TryReadPiece(data, out var piece))
        {
            OnPiece(piece);
            return;
        }

        if (_chunks.TryRead(data, out var chunk))
        {
            OnChunk(chunk);
            return;
        }

        data = data.Trim(" \t\r\n\0"u8);
        if (data.SequenceEqual("[DONE]"u8)) Finish();
        else if (!data.IsEmpty) OnUnreadable();
    }

    /// <summary>The data of an event that the backend named <c>error</c>.</summary>
    public void OnErrorEvent(ReadOnlySpan<byte> data)
    {
        if (!HasEnded) OnError(data);
    }

    /// <summary>A whole <c>chat.completion</c>, also where a stream was asked for. (failures.md G8)</summary>
    public void OnWhole(ReadOnlySpan<byte> json)
    {
        if (HasEnded) return;
        if (!ChatChunk.TryParse(json, out var chunk, isWhole: true))
        {
            OnUnreadable();
            return;
        }

        OnChunk(chunk);
        if (HasEnded) return;
        if (!chunk.HasChoice) Fail(Broken("answered without a message."));
        else Finish();
    }

    /// <summary>The backend closed the stream in order: finished if finish_reason or [DONE] came, else an error.</summary>
    public void OnClosed()
    {
        if (HasEnded) return;
        if (_ending.IsKnown) Finish();
        else Fail(Broken("closed the stream before the answer was complete."));
    }

    /// <summary>The gateway ends the answer: connection lost, silence, shutdown.</summary>
    public void Fail(AnthropicError error)
    {
        // api_error here is about the way to the backend: towards the client that is a bad gateway, not a fault of ours.
        if (_phase != Phase.Ended) Fail(new TranslatedError(error, error.Type == AnthropicErrorType.Api ? 502 : error.Status));
    }

    /// <summary>What became of a call that waited: its result block. Once for each.</summary>
    public void OnServerToolOutcome(ServerToolCall call, ServerToolOutcome outcome)
    {
        if (AwaitsServerTools) _round!.Tell(call, outcome);
    }

    /// <summary>All calls that waited have results: the client is told of its own calls, if there are any, and the message ends; or the model is to
    /// go on, which takes another upstream answer.</summary>
    /// <param name="pause">No other may follow: the client is to send back what it has.</param>
    /// <returns>True if the message is complete; false if another upstream answer must go on with it.</returns>
    public bool EndRound(bool pause)
    {
        if (!AwaitsServerTools) return true;
        if (_round!.End(_end.StopReason, pause, WasCutOff) is { } reason)
        {
            End(_end with { StopReason = reason, Usage = Usage });
            return true;
        }

        _phase = Phase.Ended;
        return false;
    }

    /// <summary>Gives buffers back.</summary>
    public void Dispose()
    {
        _chunks.Dispose();
        _blocks.Dispose();
        _tools.Dispose();
        _text.Dispose();
        _escaped.Dispose();
        _heldText.Dispose();
        _heldThinking.Dispose();
        _ending.Dispose();
    }

    private Usage Estimate => new(_answer.EstimatedInputTokens, 0, 0, Usages.EstimateTokens(_blocks.OutputBytes), Estimated: true);

    private ErrorContext ErrorContext =>
        new(_answer.Model, _answer.Backend, _answer.EstimatedInputTokens, _answer.ContextWindow, _answer.MaxTokens);

    private bool WasCutOff => _ending.IsLength || ReachedLimit;

    /// <summary>Some backends say <c>stop</c> or <c>tool_calls</c> of an answer that ran into its limit; the count tells.</summary>
    private bool ReachedLimit => _answer.MaxTokens > 0 && _reported.Completion >= _answer.MaxTokens;

    /// <remarks>In the order that the model made them: thinking, text, calls, and the end last. One chunk can hold all. (failures.md A12, C4)</remarks>
    private void OnChunk(scoped in ChatChunk chunk)
    {
        if (!chunk.Error.IsEmpty)
        {
            OnUsage(chunk);
            OnError(chunk.Error);
            return;
        }

        OnUsage(chunk);
        if (chunk.HasChoice)
        {
            OnReasoning(chunk);
            OnContent(chunk);
            if (!HasEnded) OnToolCalls(chunk);
            if (!HasEnded && _ending.Note(chunk) is { } failure) Fail(failure);
        }
        else if (chunk.HasEmptyChoices && _ending.IsKnown && !chunk.Usage.IsEmpty)
        {
            Finish();
        }
    }

    private void OnError(ReadOnlySpan<byte> error)
    {
        var failure = ErrorTranslator.Translate(200, error, ErrorContext);
        if (failure.Kind != UpstreamErrorKind.ContentFiltered)
        {
            Fail(failure);
            return;
        }

        // As an error it would be resent, and refused, for ever: the session would be lost.
        _ending.NoteFiltered(failure.Error.Message);
        Finish();
    }

    /// <remarks>The same as <see cref="OnChunk"/> of a chunk in which nothing else stands.</remarks>
    private void OnPiece(scoped in ChatPiece piece)
    {
        if (piece.ToolCall >= 0) OnToolFragment(piece);
        else if (piece.ReasoningField != ReasoningField.None) OnReasoningField(piece.Payload, piece.ReasoningField);
        else OnAnyText(piece.Payload);
    }

    private void OnUsage(scoped in ChatChunk chunk)
    {
        var usage = !chunk.Usage.IsEmpty ? ChatUsage.Read(chunk.Usage)
            : !chunk.Timings.IsEmpty && _reported.IsEmpty ? ChatUsage.ReadTimings(chunk.Timings)
            : default;
        if (!usage.IsEmpty) _reported = usage.After(_reported);
    }

    private void OnReasoning(scoped in ChatChunk chunk)
    {
        if (!chunk.ReasoningDetails.IsEmpty) _blocks.KeepDetails(chunk.ReasoningDetails);
        if (!chunk.Reasoning.IsEmpty)
        {
            OnReasoningField(chunk.Reasoning, chunk.ReasoningField);
        }
        else if (!chunk.ReasoningDetails.IsEmpty)
        {
            foreach (var entry in new JsonElements(chunk.ReasoningDetails))
                OnReasoningField(ReasoningDetails.TextOf(entry), ReasoningField.ReasoningDetails);
        }
        else if (!chunk.ThinkingBlocks.IsEmpty)
        {
            foreach (var block in new JsonElements(chunk.ThinkingBlocks))
                OnReasoningField(ContentPart.Read(block).Text, ReasoningField.ReasoningContent);
        }
    }

    private void OnReasoningField(ReadOnlySpan<byte> json, ReasoningField field)
    {
        if (json.IsEmpty) return;
        _text.NoteReasoning();
        OnThinking(json, field);
    }

    private void OnContent(scoped in ChatChunk chunk)
    {
        OnAnyText(chunk.Content);
        if (!chunk.ContentParts.IsEmpty)
        {
            foreach (var raw in new JsonElements(chunk.ContentParts)) OnContentPart(ContentPart.Read(raw));
        }

        if (chunk.Refusal.IsEmpty) return;
        _ending.NoteRefusal(chunk.Refusal);
        OnText(chunk.Refusal);
    }

    private void OnContentPart(ContentPart part)
    {
        if (!part.IsThinking)
        {
            OnAnyText(part.Text);
            return;
        }

        OnReasoningField(part.Text, ReasoningField.Content);
        if (part.Parts.IsEmpty) return;
        foreach (var inner in new JsonElements(part.Parts)) OnReasoningField(ContentPart.Read(inner).Text, ReasoningField.Content);
    }

    /// <summary>Text as the backend sent it; decoded only where something must be found in it.</summary>
    private void OnAnyText(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || HasEnded) return;
        if (_text.IsPassive)
        {
            OnText(json);
            return;
        }

        Begin();
        _text.Push(json);
        if (_text.Stopped is not null) Finish();
    }

    private void OnFilteredText(ReadOnlySpan<byte> text)
    {
        _escaped.Clear();
        EscapedText.Escape(text, _escaped);
        OnText(_escaped.Span);
    }

    private void OnTaggedThinking(ReadOnlySpan<byte> text)
    {
        _escaped.Clear();
        EscapedText.Escape(text, _escaped);
        OnThinking(_escaped.Span, ReasoningField.Content);
    }

    private void OnLeakedCall(OfferedTool tool, ReadOnlySpan<byte> arguments) => _tools.AddWhole(tool, arguments);

    private void OnCitation(int number)
    {
        var source = _answer.Sources[number - 1];
        _blocks.Cite(new WebSearchCitation(source.Url, source.Title, source.Quote, SealedPage.CloseNumber(number, _answer.SealKey.Span)));
    }

    private void OnThinking(ReadOnlySpan<byte> json, ReasoningField field)
    {
        if (json.IsEmpty || HasEnded) return;
        Begin();
        if (_tools.IsInTheMiddle)
        {
            _heldThinking.Append(json);
            _heldField = field;
            return;
        }

        if (!EscapedText.IsWhiteSpace(json)) _tools.MakeRoom();
        _blocks.Thinking(json, field);
    }

    private void OnText(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || HasEnded) return;
        Begin();
        if (_tools.IsInTheMiddle)
        {
            _heldText.Append(json);
            return;
        }

        if (_tools.Any && !EscapedText.IsWhiteSpace(json)) _tools.MakeRoom();
        _blocks.Text(json);
    }

    private void OnToolCalls(scoped in ChatChunk chunk)
    {
        if (chunk.ToolCalls.IsEmpty) return;
        BeginToolCalls();
        foreach (var call in chunk.ToolCalls)
        {
            if (_tools.Add(call)) continue;
            FailToolCall();
            return;
        }

        if (!_tools.IsInTheMiddle) ReleaseHeld();
    }

    private void OnToolFragment(scoped in ChatPiece piece)
    {
        BeginToolCalls();
        if (!_tools.AddFragment(piece)) FailToolCall();
        else if (!_tools.IsInTheMiddle) ReleaseHeld();
    }

    private void BeginToolCalls()
    {
        Begin();
        if (!_text.IsPassive) _text.Flush(isEnd: false);
    }

    private void FailToolCall() => Fail(Broken("sent a tool call whose arguments are not JSON."));

    private void ReleaseHeld()
    {
        if (!_heldThinking.IsEmpty) _blocks.Thinking(_heldThinking.Span, _heldField);
        if (!_heldText.IsEmpty) _blocks.Text(_heldText.Span);
        _heldThinking.Dispose();
        _heldText.Dispose();
    }

    /// <remarks>Skipping it would lose text unnoticed.</remarks>
    private void OnUnreadable() => Fail(Broken("sent something that is not JSON."));

    private void Finish()
    {
        if (!_text.IsPassive) _text.Flush(isEnd: !WasCutOff);
        if (!_blocks.HasContent && !_tools.Any && !_ending.IsKnown)
        {
            Fail(Broken("ended the answer without having said anything."));
            return;
        }

        Begin();
        if (!_tools.Finish(WasCutOff))
        {
            Fail(Broken("ended the answer in the middle of a tool call."));
            return;
        }

        ReleaseHeld();
        _blocks.Close();
        _end = _ending.Tell(OwnUsage, _blocks.CalledTool || _tools.HasKept, _tools.WereCutOff, _text.Stopped) with { Usage = Usage };
        WantsNoMore = _text.Stopped is not null;
        if (_tools.ServerCalls.Count > 0) _phase = Phase.AwaitsServerTools;
        else End(_end);
    }

    private void End(in MessageEnd end)
    {
        StopReason = end.StopReason;
        _phase = Phase.Ended;
        _client.Finish(end);
    }

    private void Fail(TranslatedError failure)
    {
        Failure = failure;
        _phase = Phase.Ended;
        WantsNoMore = true;
        if (HasStarted) _client.Error(failure.Error);
    }

    private TranslatedError Broken(string what) =>
        new(new AnthropicError(AnthropicErrorType.Api, $"{_answer.Backend}: the backend {what}"), Status: 502);
}
