using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>System prompt and turns into a <see cref="ConversationDraft"/> (mapping.md section 3).</summary>
/// <remarks>The same conversation plus one turn must give the same beginning byte for byte, or the backend's prompt cache misses:
/// what is decided here may look back, and ahead only as far as the turn itself.</remarks>
internal sealed class MessageTranslator : IDisposable
{
    private readonly RequestTranslation _translation;
    private readonly ConversationDraft _draft;
    private readonly ContentTranslator _content;
    private readonly AssistantTranslator _assistant;
    private readonly bool _foldsSystem;

    // System messages that wait for the next user message.
    private readonly PooledList<int> _waiting = new(8);
    private SystemSuffix? _suffix;
    private bool _systemIsWritten;
    private int _nextResult;

    // The last message was written before an assistant turn that was left out: it is complete, or a later turn would change it.
    private bool _lastIsComplete;

    public MessageTranslator(RequestTranslation translation)
    {
        _translation = translation;
        _draft = translation.Draft;
        _content = new ContentTranslator(translation);
        _assistant = new AssistantTranslator(translation, _content);
        _foldsSystem = translation.Dialect.InlineSystem == InlineSystem.Fold || translation.Dialect.SystemRole == SystemRole.FoldIntoUser;
    }

    /// <param name="systemSuffix">What the gateway itself adds to the system prompt; null for nothing.</param>
    public void Translate(SystemSuffix? systemSuffix)
    {
        _suffix = systemSuffix;
        if (_translation.Dialect.SystemRole != SystemRole.FoldIntoUser)
            WriteSystemMessage();

        var number = 0;
        var leading = true;
        foreach (var view in _translation.Request.Messages.Items)
        {
            var message = new RequestMessage(view);
            if (message.Role.Equals("user"u8))
                TranslateUser(message, number);
            else if (message.Role.Equals("assistant"u8))
                TranslateAssistant(message, number);
            else if (!leading)
                TranslateInlineSystem(message, number);

            leading &= message.Role.Equals("system"u8);
            number++;
        }

        Finish();
    }

    /// <summary>Adds a request of the gateway's own to the last user turn.</summary>
    public void AddInstruction(ReadOnlySpan<byte> escaped)
    {
        if (_draft.LastRole is not (ChatRole.User or ChatRole.Tool))
            _draft.StartMessage(ChatRole.User);
        _draft.StartPart(DraftPartKind.Text);
        _draft.Own(escaped);
    }

    public void Dispose()
    {
        _waiting.Dispose();
        _content.Dispose();
    }

    private void WriteSystemMessage()
    {
        _draft.StartMessage(ChatRole.System);
        AddSystem();
        _draft.DropEmptyMessage();
    }

    private void AddSystem()
    {
        _systemIsWritten = true;
        var system = _translation.Request.System;
        if (system.IsString)
        {
            AddSystemText(system, default);
        }
        else if (system.IsArray)
        {
            foreach (var view in system.Items)
            {
                var block = new ContentBlock(view);
                if (!view.IsObject || block.Type != ContentBlockType.Text)
                    throw InvalidRequest.At(view, "Input should be a text block");
                AddSystemText(InvalidRequest.RequireString(block.Text, view, "text"), block.CacheControl);
            }
        }
        else if (!system.IsMissing)
        {
            throw InvalidRequest.At(system, "Input should be a valid string or list of text blocks");
        }

        var number = 0;
        foreach (var view in _translation.Request.Messages.Items)
        {
            var message = new RequestMessage(view);
            if (!message.Role.Equals("system"u8))
                break;
            AddSystemMessageText(message, number++);
        }

        _suffix?.AddTo(_draft);
    }

    private void AddSystemText(JsonView text, JsonView cacheControl)
    {
        // Claude Code's attribution line differs from request to request, and only the real service takes it off before the
        // prompt cache sees it. (failures.md D1)
        var isFirst = _draft.LastParts == 0;
        if (isFirst && text.RawString.StartsWith("x-anthropic-billing-header"u8))
            return;
        if (EscapedText.IsWhiteSpace(text.RawString))
            return;
        _draft.StartPart(DraftPartKind.Text);
        _draft.Text(text);
        _content.Mark(cacheControl);
    }

    private void AddSystemMessageText(RequestMessage message, int number)
    {
        if (message.ClearsAtNextUserMessage && number < _translation.Conversation.LastUser)
            return;
        if (message.Content.IsString)
        {
            AddSystemText(message.Content, default);
            return;
        }

        foreach (var view in message.Content.Items)
        {
            var block = new ContentBlock(view);
            if (block.Type == ContentBlockType.Text)
                AddSystemText(InvalidRequest.RequireString(block.Text, view, "text"), block.CacheControl);
            else if (block.Type is not (ContentBlockType.ToolAddition or ContentBlockType.ToolRemoval))
                _content.AddPlaceholder(block);
        }
    }

    private void TranslateUser(RequestMessage message, int number)
    {
        var before = _draft.LastRole;
        var answersCalls = false;
        StartUser();
        var partsBefore = _draft.LastParts;
        AddWaiting();
        _content.AddImagesOfToolResults();
        if (message.Content.IsString)
        {
            if (!EscapedText.IsWhiteSpace(message.Content.RawString))
                _content.AddText(message.Content, default);
        }
        else
        {
            foreach (var view in message.Content.Items)
            {
                var block = new ContentBlock(view);
                if (block.Type != ContentBlockType.ToolResult)
                    _content.AddUserBlock(block, isNewest: number == _translation.Conversation.LastUser);
                else if (_translation.Conversation.Pairing.AnswersCall(_nextResult++))
                    answersCalls = true;
                else
                    _content.AddOrphanResult(block);
            }
        }

        // A user who says nothing still takes a turn: two assistant messages in a row would be refused by many templates.
        if (!answersCalls && _draft.LastParts == partsBefore && before is not (ChatRole.User or ChatRole.Tool))
        {
            _draft.StartPart(DraftPartKind.Text);
            _draft.Own("(no content)"u8);
        }

        _lastIsComplete &= _draft.LastParts == 0;
        _draft.DropEmptyMessage();
    }

    private void TranslateAssistant(RequestMessage message, int number)
    {
        FlushImages();
        FlushWaiting();
        StartWithUser();
        var isPrefill = number == _translation.Conversation.MessageCount - 1 && _translation.EndsInPrefill;
        _lastIsComplete = !_assistant.Translate(message, isPrefill);
    }

    private void TranslateInlineSystem(RequestMessage message, int number)
    {
        if (message.ClearsAtNextUserMessage && number < _translation.Conversation.LastUser)
            return;

        // Never between tool calls and their results: images of results belong to those.
        FlushImages();
        if (!_foldsSystem)
        {
            _draft.StartMessage(ChatRole.System);
            AddSystemMessageText(message, number);
            _draft.DropEmptyMessage();
        }
        else if (_draft.LastRole is ChatRole.User or ChatRole.Tool && !_lastIsComplete)
        {
            AddReminder(message);
        }
        else
        {
            _waiting.Add(message.View.Position);
        }
    }

    private void AddReminder(RequestMessage message)
    {
        var any = false;
        if (message.Content.IsString)
        {
            if (!EscapedText.IsWhiteSpace(message.Content.RawString))
                AddReminderText(message.Content, ref any);
        }
        else
        {
            foreach (var view in message.Content.Items)
            {
                var block = new ContentBlock(view);
                if (block.Type == ContentBlockType.Text && !EscapedText.IsWhiteSpace(block.Text.RawString))
                    AddReminderText(block.Text, ref any);
            }
        }

        if (!any)
            return;
        _draft.Own("\\n</system-reminder>"u8);
        if (message.Content.IsArray)
        {
            foreach (var view in message.Content.Items)
                _content.Mark(new ContentBlock(view).CacheControl);
        }
    }

    private void AddReminderText(JsonView text, ref bool any)
    {
        if (any)
        {
            _draft.Own("\\n\\n"u8);
        }
        else
        {
            _draft.StartPart(DraftPartKind.Text);
            _draft.Own("<system-reminder>\\n"u8);
        }

        any = true;
        _draft.Text(text);
    }

    /// <summary>Opens a user message, or goes on with the last message where the backend's template wants it so.</summary>
    private void StartUser()
    {
        var goesOn = _translation.Dialect.Alternation switch
        {
            Alternation.Strict => _draft.LastRole == ChatRole.User,
            Alternation.NoUserAfterTool => _draft.LastRole == ChatRole.Tool,
            _ => false,
        };
        if (goesOn)
            return;
        _draft.StartMessage(ChatRole.User);
        if (!_systemIsWritten)
            AddSystem();
    }

    /// <summary>Lets the user speak first, where the template wants it so or the system prompt has no other place.</summary>
    private void StartWithUser()
    {
        var isFirst = _draft.LastRole is null or ChatRole.System;
        if (!isFirst || (_systemIsWritten && _translation.Dialect.Alternation != Alternation.Strict))
            return;
        StartUser();
        if (_draft.LastParts == 0 && _translation.Dialect.Alternation == Alternation.Strict)
        {
            _draft.StartPart(DraftPartKind.Text);
            _draft.Own("(no content)"u8);
        }

        _draft.DropEmptyMessage();
    }

    private void AddWaiting()
    {
        foreach (var position in _waiting.Span)
            AddReminder(new RequestMessage(_translation.Request.Root.Text!.At(position)));
        _waiting.CutTo(0);
    }

    private void FlushWaiting()
    {
        if (_waiting.Count == 0)
            return;
        StartUser();
        AddWaiting();
        _draft.DropEmptyMessage();
    }

    private void FlushImages()
    {
        if (!_content.HasImagesOfToolResults)
            return;
        StartUser();
        _content.AddImagesOfToolResults();
    }

    private void Finish()
    {
        FlushImages();
        FlushWaiting();
        if (_draft.LastRole is null or ChatRole.System && _draft.MessageCount <= 1)
            throw InvalidRequest.Because("messages: at least one message must have content");
        _content.Mark(_translation.Request.CacheControl);
    }
}
