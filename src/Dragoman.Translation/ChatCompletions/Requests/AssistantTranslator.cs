using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Assistant turns, and the results of their tool calls right behind them (mapping.md sections 3.4 and 3.5).</summary>
internal sealed class AssistantTranslator(RequestTranslation translation, ContentTranslator content)
{
    private readonly ConversationDraft _draft = translation.Draft;
    private readonly ReasoningHistory _reasoning = new(translation);
    private readonly ServerToolHistory _serverTools = new(translation, content);
    private readonly ServerToolTurns? _serverToolTurns = translation.ServerTools.Any ? new(translation) : null;
    private int _nextCall;

    private bool IsStrict => translation.Dialect.Alternation == Alternation.Strict;

    /// <param name="message">The turn.</param>
    /// <param name="isPrefill">The backend is to go on with it.</param>
    /// <returns>False if there was nothing in it to send.</returns>
    public bool Translate(RequestMessage message, bool isPrefill)
    {
        if (!translation.ServerTools.Any || message.Content.IsString)
            return Translate(message.Content, BlockRun.All(message.Content), isPrefill);

        // The model was asked once for each round; each was a message of its own.
        var any = false;
        var rest = message.Content.Items;
        while (BlockRun.TryNextRound(ref rest, translation.ServerTools, out var round))
        {
            var ahead = rest;
            any |= Translate(default, round, isPrefill && !ahead.MoveNext());
        }

        return any;
    }

    /// <param name="text">The content, if it is a string.</param>
    /// <param name="blocks">The blocks of one message for the backend.</param>
    /// <param name="isPrefill">As above.</param>
    private bool Translate(JsonView text, BlockRun blocks, bool isPrefill)
    {
        var (hasCalls, hasThinking, hasCompaction) = LookOver(blocks);
        if (hasCompaction)
            TranslateCompaction(blocks);
        var goesOn = IsStrict && _draft.LastRole == ChatRole.Assistant;
        if (!goesOn)
            _draft.StartMessage(ChatRole.Assistant);
        // Reasoning comes before anything else in a message.
        if (!goesOn)
            _reasoning.Translate(hasThinking ? blocks : BlockRun.None, hasCalls);
        var hasReasoning = _draft.LastParts > 0;
        TranslateText(text, blocks, isPrefill);
        var firstCall = _nextCall;
        if (hasCalls)
            TranslateCalls(blocks);

        if (!hasCalls && !HasText() && !(hasReasoning && translation.Dialect.ReasoningRequired == ReasoningRequired.AllTurns))
        {
            if (translation.Dialect.Alternation == Alternation.Free || isPrefill)
            {
                _draft.CutLastMessage();
                return false;
            }

            // Left out, what stands on both sides of it would have to be put together.
            _draft.StartPart(DraftPartKind.Text);
            _draft.Own("(no content)"u8);
        }

        if (hasCalls)
            TranslateResults(blocks, firstCall);
        return true;
    }

    private void TranslateCompaction(BlockRun blocks)
    {
        foreach (var view in blocks)
        {
            var block = new ContentBlock(view);
            if (block.Type != ContentBlockType.Compaction || !block.Content.IsString)
                continue;
            if (!IsStrict || _draft.LastRole != ChatRole.User)
                _draft.StartMessage(ChatRole.User);
            content.AddCompaction(block);
        }
    }

    private void TranslateText(JsonView text, BlockRun blocks, bool isPrefill)
    {
        if (text.IsString)
        {
            AddText(text, isLast: isPrefill);
            return;
        }

        // Citations split sentences into blocks of their own: neighbours belong together.
        var afterText = false;
        var left = isPrefill ? CountTexts(blocks) : 0;
        foreach (var view in blocks)
        {
            var block = new ContentBlock(view);
            var type = block.Type;
            if (type == ContentBlockType.Text)
            {
                var value = InvalidRequest.RequireString(block.Text, view, "text");
                if (!value.IsEmpty)
                    AddText(value, isLast: --left == 0, goesOn: afterText);
                if (translation.ServerTools.Sources.Count > 0)
                    _serverToolTurns!.AddMarks(view["citations"u8]);
                content.Mark(block.CacheControl);
                afterText = true;
                continue;
            }

            afterText = false;
            if (IsOwnCall(block) || (IsOwnResult(block) && UseOf(blocks, block).IsPresent))
                continue;
            if (type is not (ContentBlockType.ToolUse or ContentBlockType.Thinking or ContentBlockType.RedactedThinking
                or ContentBlockType.Compaction))
                _serverTools.Translate(block);
        }
    }

    private void AddText(JsonView text, bool isLast, bool goesOn = false)
    {
        if (!goesOn || _draft.LastPartKind != DraftPartKind.Text)
            _draft.StartPart(DraftPartKind.Text);
        if (isLast)
            _draft.TrimmedText(text);
        else
            _draft.Text(text);
    }

    private void TranslateCalls(BlockRun blocks)
    {
        var isFirst = true;
        foreach (var view in blocks)
        {
            var block = new ContentBlock(view);
            if (IsOwnCall(block))
            {
                _serverToolTurns!.AddCall(block);
                _reasoning.AddExtraContent(block.Id, isFirst);
                isFirst = false;
                continue;
            }

            if (block.Type != ContentBlockType.ToolUse)
                continue;

            _draft.StartPart(DraftPartKind.ToolCall);
            var upstreamId = UpstreamIdOf(_nextCall++);
            if (upstreamId is null)
                _draft.Text(block.Id);
            else
                _draft.Escaped(upstreamId);
            AddName(block);
            AddArguments(block.Input);
            _reasoning.AddExtraContent(block.Id, isFirst);
            isFirst = false;
            if (!block.CacheControl.IsMissing && translation.Dialect.CacheHints == CacheHints.None)
                translation.Dropped.Add("cache_control");
        }
    }

    private void AddName(ContentBlock block)
    {
        var toolset = block.ToolsetName.GetString();
        if (toolset is null && translation.Names.IsKept(block.Name.RawString))
            _draft.Text(block.Name);
        else
            _draft.Escaped(translation.Names.ToUpstream(block.Name.GetString()!, toolset));
    }

    private void AddArguments(JsonView input)
    {
        // Backends parse the arguments of earlier calls as an object; the empty string is an error. (failures.md B6)
        if (input.IsObject)
        {
            _draft.JsonText(input);
        }
        else if (input.IsMissing || input.IsEmpty)
        {
            _draft.Own("{}"u8);
        }
        else
        {
            _draft.Own("{\\\"_raw\\\":"u8);
            _draft.JsonText(input);
            _draft.Own("}"u8);
        }
    }

    private void TranslateResults(BlockRun blocks, int firstCall)
    {
        var call = firstCall;
        foreach (var view in blocks)
        {
            var block = new ContentBlock(view);
            if (block.Type == ContentBlockType.ToolUse)
                TranslateResult(call++);
            else if (IsOwnCall(block))
                _serverToolTurns!.AddResult(block, ResultOf(blocks, block));
        }
    }

    /// <summary>A call of a server tool that this request offers the model as a function.</summary>
    private bool IsOwnCall(ContentBlock block) =>
        block.Type == ContentBlockType.ServerToolUse && block.Id.IsString && translation.ServerTools.Find(block) is not null;

    private bool IsOwnResult(ContentBlock block) =>
        block.Type is ContentBlockType.WebSearchToolResult or ContentBlockType.WebFetchToolResult && translation.ServerTools.Find(block) is not null;

    private JsonView ResultOf(BlockRun blocks, ContentBlock use)
    {
        foreach (var view in blocks)
        {
            var block = new ContentBlock(view);
            if (IsOwnResult(block) && block.ToolUseId.RawString.SequenceEqual(use.Id.RawString))
                return view;
        }

        return default;
    }

    private JsonView UseOf(BlockRun blocks, ContentBlock result)
    {
        foreach (var view in blocks)
        {
            var block = new ContentBlock(view);
            if (IsOwnCall(block) && block.Id.RawString.SequenceEqual(result.ToolUseId.RawString))
                return view;
        }

        return default;
    }

    private void TranslateResult(int call)
    {
        var pairing = translation.Conversation.Pairing;
        var upstreamId = UpstreamIdOf(call);
        _draft.StartMessage(ChatRole.Tool);
        _draft.AnswersCall(pairing.IdOf(call), upstreamId);

        var result = pairing.ResultOf(call);
        if (result.IsPresent)
        {
            content.AddToolResult(new ContentBlock(result), upstreamId);
            return;
        }

        _draft.StartPart(DraftPartKind.Text);
        _draft.Own("Tool call was not completed."u8);
    }

    /// <summary>The backend's form of a call's id, or null if it is the client's.</summary>
    private string? UpstreamIdOf(int call)
    {
        var id = translation.Conversation.Pairing.IdOf(call);
        var earlier = translation.Conversation.Pairing.EarlierCallsOfSameId(call);
        var form = translation.Dialect.ToolIds;
        if (earlier == 0 && ToolUseIds.IsKept(id.RawString, form))
            return null;

        var name = id.GetString()!;
        return ToolUseIds.ToUpstream(earlier == 0 ? name : $"{name}_{earlier + 1}", form);
    }

    private bool HasText()
    {
        ref readonly var message = ref _draft.Messages[^1];
        foreach (ref readonly var part in _draft.PartsOf(message))
        {
            if (part.Kind != DraftPartKind.Text)
                continue;
            foreach (ref readonly var segment in _draft.SegmentsOf(part))
            {
                if (!EscapedText.IsWhiteSpace(_draft.BytesOf(segment)))
                    return true;
            }
        }

        return false;
    }

    private (bool HasCalls, bool HasThinking, bool HasCompaction) LookOver(BlockRun blocks)
    {
        var (hasCalls, hasThinking, hasCompaction) = (false, false, false);
        foreach (var view in blocks)
        {
            var block = new ContentBlock(view);
            var type = block.Type;
            hasCalls |= type == ContentBlockType.ToolUse || IsOwnCall(block);
            hasThinking |= type is ContentBlockType.Thinking or ContentBlockType.RedactedThinking;
            hasCompaction |= type == ContentBlockType.Compaction;
        }

        return (hasCalls, hasThinking, hasCompaction);
    }

    private static int CountTexts(BlockRun blocks)
    {
        var count = 0;
        foreach (var view in blocks)
        {
            var block = new ContentBlock(view);
            if (block.Type == ContentBlockType.Text && !block.Text.IsEmpty)
                count++;
        }

        return count;
    }
}
