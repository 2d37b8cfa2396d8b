using System.Text;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>What a backend said about the end of its answer, put together (mapping.md sections 4 and 8).</summary>
internal sealed class AnswerEnding(AnswerContext answer) : IDisposable
{
    private readonly PooledBuffer _refusal = new();
    private byte[] _finishReason = [];
    private string? _matchedStop;

    /// <summary>A finish reason came.</summary>
    internal bool IsKnown => _finishReason.Length > 0;

    /// <summary>The backend says that the answer ran into a limit.</summary>
    internal bool IsLength => StopReasons.IsLength(_finishReason);

    /// <summary>Takes note of what a chunk says of the end.</summary>
    /// <returns>The error that its finish reason stands for, or null.</returns>
    internal TranslatedError? Note(scoped in ChatChunk chunk)
    {
        if (!chunk.MatchedStop.IsEmpty) _matchedStop = Decode(chunk.MatchedStop);
        if (chunk.FinishReason.IsEmpty) return null;

        // OpenRouter says tool_calls where the vendor's own word is that the limit was reached.
        var reason = StopReasons.IsLength(chunk.NativeFinishReason) ? "length"u8 : chunk.FinishReason;
        if (!reason.SequenceEqual(_finishReason)) _finishReason = reason.ToArray();
        return StopReasons.Failure(_finishReason, answer.Backend);
    }

    /// <summary>Takes note of a piece of a refusal.</summary>
    /// <param name="json">The inside of a JSON string.</param>
    internal void NoteRefusal(ReadOnlySpan<byte> json) => _refusal.Append(json);

    /// <summary>A filter of the backend stopped the answer, and said so with an error.</summary>
    /// <param name="explanation">What it said, fit for the client.</param>
    internal void NoteFiltered(string explanation)
    {
        _finishReason = "content_filter"u8.ToArray();
        _refusal.Clear();
        EscapedText.Escape(explanation, _refusal);
    }

    /// <summary>What the client is told at the end.</summary>
    /// <param name="usage">The final counts.</param>
    /// <param name="calledTool">A tool use was told to the client.</param>
    /// <param name="cutOffCall">The answer ended in the middle of a call, because of a limit.</param>
    /// <param name="ownStop">The stop sequence that the gateway found in the text, or null.</param>
    internal MessageEnd Tell(in Usage usage, bool calledTool, bool cutOffCall, string? ownStop)
    {
        var reason = cutOffCall ? StopReason.MaxTokens : StopReasons.From(_finishReason, calledTool);
        var stopSequence = ownStop;
        if (ownStop is not null)
        {
            reason = StopReason.StopSequence;
        }
        else if (reason == StopReason.MaxTokens && FilledWindow(usage))
        {
            reason = StopReason.ModelContextWindowExceeded;
        }
        else if (!_refusal.IsEmpty && !calledTool)
        {
            reason = StopReason.Refusal;
        }
        else if (reason == StopReason.EndTurn && _matchedStop is not null && answer.SentStopSequences.Contains(_matchedStop))
        {
            reason = StopReason.StopSequence;
            stopSequence = _matchedStop;
        }

        return new MessageEnd
        {
            StopReason = reason,
            StopSequence = stopSequence,
            RefusalExplanation = _refusal.IsEmpty ? null : Decode(_refusal.Span),
            Usage = usage,
            SafeguardsUnavailable = answer.Safeguards,
            NoAppliedEdits = answer.ContextManagement,
        };
    }

    public void Dispose() => _refusal.Dispose();

    private bool FilledWindow(in Usage usage) =>
        answer.ContextWindow is { } window && !usage.Estimated && usage.PromptTokens + usage.OutputTokens >= window
        && usage.OutputTokens < answer.MaxTokens;

    private static string Decode(ReadOnlySpan<byte> json)
    {
        using var text = new PooledBuffer();
        EscapedText.Unescape(json, text);
        return Encoding.UTF8.GetString(text.Span);
    }
}
