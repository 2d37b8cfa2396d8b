using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Writes a <see cref="ConversationDraft"/> in the form the backend wants, and measures it on the way.</summary>
internal ref struct ConversationWriter
{
    private const int MostBreakpoints = 4;

    private readonly ConversationDraft _draft;
    private readonly Dialect _dialect;
    private long _textBytes;
    private long _imageTokens;
    private int _hintsToSkip;

    public ConversationWriter(ConversationDraft draft, Dialect dialect)
    {
        _draft = draft;
        _dialect = dialect;
        // Only so many markers are taken: the newest count.
        _hintsToSkip = Math.Max(0, draft.Hints - MostBreakpoints);
    }

    /// <summary>Bytes of text that were written.</summary>
    public readonly long TextBytes => _textBytes;

    /// <summary>What the images and files weigh.</summary>
    public readonly long ImageTokens => _imageTokens;

    /// <param name="chat">Takes the messages.</param>
    /// <param name="prefill">How the last message is marked as one to go on with; None if it is not.</param>
    public void Write(ref ChatRequestWriter chat, Prefill prefill)
    {
        chat.StartArray("messages"u8);
        var messages = _draft.Messages;
        for (var i = 0; i < messages.Length; i++)
        {
            ref readonly var message = ref messages[i];
            chat.StartMessage(RoleOf(message.Role));
            WriteMessage(ref chat, message);
            if (i == messages.Length - 1 && prefill is Prefill.Prefix or Prefill.Partial)
                chat.Flag(prefill == Prefill.Prefix ? "prefix"u8 : "partial"u8, true);
            chat.EndObject();
        }

        chat.EndArray();
    }

    private void WriteMessage(ref ChatRequestWriter chat, scoped in DraftMessage message)
    {
        var parts = _draft.PartsOf(message);
        switch (message.Role)
        {
            case ChatRole.Tool:
                chat.StartText("tool_call_id"u8);
                chat.Json.Raw(_draft.BytesOf(_draft.Segment(message.ToolCallId)));
                chat.EndText();
                WriteContent(ref chat, parts, default);
                break;
            case ChatRole.Assistant:
                WriteAssistant(ref chat, parts);
                break;
            default:
                WriteContent(ref chat, parts, default);
                break;
        }
    }

    private void WriteAssistant(ref ChatRequestWriter chat, scoped ReadOnlySpan<DraftPart> parts)
    {
        var reasoningParts = CountLeading(parts, isReasoning: true);
        var reasoning = parts[..reasoningParts];
        var rest = parts[reasoningParts..];
        var texts = rest[..CountLeading(rest, isReasoning: false)];
        var calls = rest[texts.Length..];

        WriteReasoningField(ref chat, reasoning);
        var reasoningInContent = _dialect.ReasoningInput is ReasoningInput.MistralParts or ReasoningInput.ThinkTags && !reasoning.IsEmpty;
        if (texts.IsEmpty && !reasoningInContent && !calls.IsEmpty && _dialect.NullContentWithToolCalls)
            chat.Raw("content"u8, "null"u8);
        else if (reasoningInContent)
            WriteContent(ref chat, reasoning, texts);
        else
            WriteContent(ref chat, texts, default);

        if (!calls.IsEmpty)
            WriteCalls(ref chat, calls);
    }

    private void WriteReasoningField(ref ChatRequestWriter chat, scoped ReadOnlySpan<DraftPart> reasoning)
    {
        if (reasoning.IsEmpty)
            return;
        switch (_dialect.ReasoningInput)
        {
            case ReasoningInput.ReasoningContent or ReasoningInput.Reasoning:
                chat.StartText(_dialect.ReasoningInput == ReasoningInput.Reasoning ? "reasoning"u8 : "reasoning_content"u8);
                WriteTexts(ref chat, reasoning);
                chat.EndText();
                break;
            case ReasoningInput.ReasoningDetails when reasoning[0].Kind == DraftPartKind.ReasoningDetails:
                chat.StartArray("reasoning_details"u8);
                foreach (ref readonly var part in reasoning)
                {
                    if (part.Kind != DraftPartKind.ReasoningDetails)
                        continue;
                    chat.Item();
                    WriteText(ref chat, part);
                }

                chat.EndArray();
                break;
            case ReasoningInput.ReasoningDetails:
                chat.StartText("reasoning"u8);
                WriteTexts(ref chat, reasoning);
                chat.EndText();
                break;
        }
    }

    private void WriteCalls(ref ChatRequestWriter chat, scoped ReadOnlySpan<DraftPart> calls)
    {
        chat.StartArray("tool_calls"u8);
        for (var i = 0; i < calls.Length; i++)
        {
            if (calls[i].Kind != DraftPartKind.ToolCall)
                continue;
            var segments = _draft.SegmentsOf(calls[i]);
            chat.StartToolCall();
            chat.StartText("id"u8);
            WriteSegments(ref chat, segments[..1]);
            chat.EndText();
            chat.StartFunction();
            WriteSegments(ref chat, segments[1..2]);
            chat.StartArguments();
            WriteSegments(ref chat, segments[2..]);
            chat.EndFunction();
            if (i + 1 < calls.Length && calls[i + 1].Kind == DraftPartKind.ExtraContent)
            {
                chat.Member("extra_content"u8);
                WriteText(ref chat, calls[i + 1]);
            }

            chat.EndObject();
        }

        chat.EndArray();
    }

    /// <summary>Content as one string where it is text only and nothing speaks against it, else as parts.</summary>
    private void WriteContent(ref ChatRequestWriter chat, scoped ReadOnlySpan<DraftPart> before, scoped ReadOnlySpan<DraftPart> parts)
    {
        if (_dialect.ContentAsParts || NeedsParts(before) || NeedsParts(parts))
        {
            chat.StartArray("content"u8);
            WriteParts(ref chat, before);
            WriteParts(ref chat, parts);
            chat.EndArray();
            return;
        }

        chat.StartText("content"u8);
        WriteTexts(ref chat, before);
        if (!before.IsEmpty && !parts.IsEmpty)
            WriteBlankLine(ref chat);
        WriteTexts(ref chat, parts);
        chat.EndText();
    }

    private readonly bool NeedsParts(ReadOnlySpan<DraftPart> parts)
    {
        foreach (ref readonly var part in parts)
        {
            if (part.Kind is DraftPartKind.Image or DraftPartKind.File or DraftPartKind.DocumentUrl || part.Hint != CacheHint.None)
                return true;
            if (part.Kind == DraftPartKind.Reasoning && _dialect.ReasoningInput == ReasoningInput.MistralParts)
                return true;
        }

        return false;
    }

    private void WriteParts(ref ChatRequestWriter chat, scoped ReadOnlySpan<DraftPart> parts)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            ref readonly var part = ref parts[i];
            switch (part.Kind)
            {
                case DraftPartKind.Image:
                    chat.StartPart("image_url"u8);
                    chat.StartObject("image_url"u8);
                    chat.StartText("url"u8);
                    WriteMedia(ref chat, _draft.SegmentsOf(part));
                    chat.EndText();
                    chat.EndObject();
                    break;
                case DraftPartKind.File:
                    chat.StartPart("file"u8);
                    chat.StartObject("file"u8);
                    chat.StartText("filename"u8);
                    WriteMedia(ref chat, _draft.SegmentsOf(part)[..1]);
                    chat.EndText();
                    chat.StartText("file_data"u8);
                    WriteMedia(ref chat, _draft.SegmentsOf(part)[1..]);
                    chat.EndText();
                    chat.EndObject();
                    break;
                case DraftPartKind.DocumentUrl:
                    chat.StartPart("document_url"u8);
                    chat.StartText("document_url"u8);
                    WriteMedia(ref chat, _draft.SegmentsOf(part));
                    chat.EndText();
                    break;
                case DraftPartKind.Reasoning when _dialect.ReasoningInput == ReasoningInput.MistralParts:
                    chat.StartPart("thinking"u8);
                    chat.StartArray("thinking"u8);
                    chat.StartPart("text"u8);
                    chat.StartText("text"u8);
                    WriteText(ref chat, part);
                    chat.EndText();
                    chat.EndObject();
                    chat.EndArray();
                    chat.Flag("closed"u8, true);
                    break;
                default:
                    if (parts.Length > 1 && IsBlank(part))
                        continue;
                    // Neighbours go into one part: some templates put parts together without anything between them.
                    chat.StartPart("text"u8);
                    chat.StartText("text"u8);
                    WriteText(ref chat, part);
                    while (part.Hint == CacheHint.None && i + 1 < parts.Length && parts[i + 1].Kind == DraftPartKind.Text)
                    {
                        WriteBlankLine(ref chat);
                        part = ref parts[++i];
                        WriteText(ref chat, part);
                    }

                    chat.EndText();
                    break;
            }

            WriteHint(ref chat, part.Hint);
            _imageTokens += part.Tokens;
            chat.EndObject();
        }
    }

    private void WriteHint(ref ChatRequestWriter chat, CacheHint hint)
    {
        if (hint == CacheHint.None || _hintsToSkip-- > 0)
            return;
        if (_dialect.CacheHints == CacheHints.OpenAIBreakpoint)
            chat.Raw("prompt_cache_breakpoint"u8, hint == CacheHint.OneHour ? "{\"mode\":\"explicit\",\"ttl\":\"12h\"}"u8 : "{\"mode\":\"explicit\"}"u8);
        else
            chat.Raw("cache_control"u8, hint == CacheHint.OneHour ? "{\"type\":\"ephemeral\",\"ttl\":\"1h\"}"u8 : "{\"type\":\"ephemeral\"}"u8);
    }

    /// <summary>Texts as one, with a blank line between them; reasoning between its tags where it goes into the content.</summary>
    private void WriteTexts(ref ChatRequestWriter chat, scoped ReadOnlySpan<DraftPart> parts)
    {
        var isFirst = true;
        foreach (ref readonly var part in parts)
        {
            if (!isFirst)
                WriteBlankLine(ref chat);
            isFirst = false;
            var isTagged = part.Kind == DraftPartKind.Reasoning && _dialect.ReasoningInput == ReasoningInput.ThinkTags;
            if (isTagged)
                chat.Json.Raw("<think>\\n"u8);
            WriteText(ref chat, part);
            if (isTagged)
                chat.Json.Raw("\\n</think>"u8);
        }
    }

    private static void WriteBlankLine(ref ChatRequestWriter chat) => chat.Json.Raw("\\n\\n"u8);

    private void WriteText(ref ChatRequestWriter chat, in DraftPart part) => WriteSegments(ref chat, _draft.SegmentsOf(part));

    private void WriteSegments(ref ChatRequestWriter chat, scoped ReadOnlySpan<DraftSegment> segments)
    {
        foreach (ref readonly var segment in segments)
        {
            var bytes = _draft.BytesOf(segment);
            if (segment.Form == SegmentForm.RequestJson)
            {
                _textBytes += bytes.Length;
                chat.Json.EscapedJson(bytes);
            }
            else
            {
                _textBytes += RawText.UnescapedLength(bytes);
                chat.Json.Raw(bytes);
            }
        }
    }

    private readonly void WriteMedia(ref ChatRequestWriter chat, scoped ReadOnlySpan<DraftSegment> segments)
    {
        foreach (ref readonly var segment in segments)
            chat.Json.Raw(_draft.BytesOf(segment));
    }

    private readonly bool IsBlank(in DraftPart part)
    {
        foreach (ref readonly var segment in _draft.SegmentsOf(part))
        {
            if (segment.Length > 0)
                return false;
        }

        return part.Hint == CacheHint.None;
    }

    private readonly ReadOnlySpan<byte> RoleOf(ChatRole role) => role switch
    {
        ChatRole.System => _dialect.SystemRole == SystemRole.Developer ? "developer"u8 : "system"u8,
        ChatRole.User => "user"u8,
        ChatRole.Assistant => "assistant"u8,
        _ => "tool"u8,
    };

    private static int CountLeading(ReadOnlySpan<DraftPart> parts, bool isReasoning)
    {
        var count = 0;
        while (count < parts.Length && (isReasoning
            ? parts[count].Kind is DraftPartKind.Reasoning or DraftPartKind.ReasoningDetails
            : parts[count].Kind == DraftPartKind.Text))
            count++;
        return count;
    }
}
