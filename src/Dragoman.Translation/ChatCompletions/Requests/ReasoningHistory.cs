using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Thinking of earlier turns, back to the backend that wants it (mapping.md section 6.3; failures.md C1, C8, C9).</summary>
internal sealed class ReasoningHistory(RequestTranslation translation)
{
    private readonly ConversationDraft _draft = translation.Draft;
    private readonly List<SealedReasoning> _withExtraContent = [];

    private Dialect Dialect => translation.Dialect;

    /// <summary>Adds the reasoning of one assistant turn to the message that was just opened.</summary>
    /// <param name="blocks">The turn's content.</param>
    /// <param name="hasCalls">The turn calls tools.</param>
    public void Translate(BlockRun blocks, bool hasCalls)
    {
        _withExtraContent.Clear();
        var isRequired = Dialect.ReasoningRequired switch
        {
            ReasoningRequired.AllTurns => true,
            ReasoningRequired.ToolTurns => hasCalls,
            _ => false,
        };
        // Backends that need reasoning for tool calls only are given it there only; others get all turns, so that the prompt's beginning stays.
        var isWanted = Dialect.ReasoningInput != ReasoningInput.None && (Dialect.ReasoningRequired != ReasoningRequired.ToolTurns || hasCalls);

        foreach (var view in blocks)
        {
            var block = new ContentBlock(view);
            if (block.Type == ContentBlockType.Thinking)
                Translate(block, isWanted, isRequired);
            else if (block.Type == ContentBlockType.RedactedThinking)
                translation.Dropped.AddFromHistory("redacted_thinking");
        }

        var needsPlaceholder = isRequired && isWanted && _draft.LastParts == 0
            && Dialect.ReasoningInput is ReasoningInput.ReasoningContent or ReasoningInput.Reasoning;
        if (needsPlaceholder)
        {
            _draft.StartPart(DraftPartKind.Reasoning);
            _draft.Escaped(Dialect.ReasoningPlaceholder);
        }
    }

    /// <summary>Adds what the backend attached to this call and needs back.</summary>
    /// <param name="callId">The call's id.</param>
    /// <param name="isFirst">It is the first call of its turn: the one that a thought signature belongs to.</param>
    public void AddExtraContent(JsonView callId, bool isFirst)
    {
        if (_withExtraContent.Count > 0)
        {
            var id = callId.GetString()!;
            foreach (var reasoning in _withExtraContent)
            {
                if (!reasoning.ExtraContent!.TryGetValue(id, out var extra))
                    continue;
                _draft.StartPart(DraftPartKind.ExtraContent);
                _draft.Own(extra.Span);
                return;
            }
        }

        if (!isFirst || !Dialect.ThoughtSignatureRequired)
            return;
        // Google's own word for calls that it did not sign: those of other models.
        _draft.StartPart(DraftPartKind.ExtraContent);
        _draft.Own("""{"google":{"thought_signature":"skip_thought_signature_validator"}}"""u8);
    }

    private void Translate(ContentBlock block, bool isWanted, bool isRequired)
    {
        // A foreign signature means nothing to this backend, and ours must never reach a real Claude. (failures.md C8)
        var ours = block.Signature.RawString.StartsWith("gw1."u8)
            ? ReasoningSignature.Open(block.Signature.RawString, translation.Target.SignatureKey.Span)
            : null;
        var isFromHere = ours is not null && ours.Dialect == Dialect.Name;
        if (isFromHere && ours!.ExtraContent is { Count: > 0 })
            _withExtraContent.Add(ours);

        if (isWanted && isFromHere && Dialect.ReasoningInput == ReasoningInput.ReasoningDetails && !ours!.Details.IsEmpty)
        {
            _draft.StartPart(DraftPartKind.ReasoningDetails);
            _draft.Own(WithoutBrackets(ours.Details.Span));
            return;
        }

        var isSent = isWanted && (ours is not null || isRequired) && (isFromHere || Dialect.ReasoningInput != ReasoningInput.ReasoningDetails);
        var hasText = ours?.Text is { Length: > 0 } || (block.Thinking.IsString && !block.Thinking.IsEmpty);
        if (!isSent || !hasText)
        {
            translation.Dropped.AddFromHistory("thinking");
            return;
        }

        if (_draft.LastPartKind != DraftPartKind.Reasoning)
            _draft.StartPart(DraftPartKind.Reasoning);
        else
            _draft.Own("\\n\\n"u8);
        if (ours?.Text is { Length: > 0 } text)
            _draft.Escaped(text);
        else
            _draft.Text(block.Thinking);
    }

    private static ReadOnlySpan<byte> WithoutBrackets(ReadOnlySpan<byte> array) => array.Trim((byte)' ') is [(byte)'[', .. var items, (byte)']'] ? items : array;
}
