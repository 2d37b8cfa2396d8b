using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>What a place in the conversation says about a tool.</summary>
internal enum ToolMentionKind
{
    /// <summary>It was called.</summary>
    Called,

    /// <summary>A tool reference or a tool addition reveals it.</summary>
    Revealed,

    /// <summary>A tool removal takes it away.</summary>
    Removed,

    /// <summary>A tool addition brings its definition.</summary>
    Defined,
}

/// <summary>A place that says something about a tool: the position of its name, or of its definition.</summary>
internal readonly record struct ToolMention(ToolMentionKind Kind, int Position);

/// <summary>One look over all messages before any is translated: checks their shape, and gathers what cannot be known turn by turn.</summary>
internal sealed class ConversationSurvey : IDisposable
{
    private readonly PooledList<ToolMention> _mentions = new(32);

    private ConversationSurvey(JsonText request) => Pairing = new ToolPairing(request);

    /// <summary>Which result answers which call.</summary>
    public ToolPairing Pairing { get; }

    /// <summary>Number of the last user message; -1 if there is none.</summary>
    public int LastUser { get; private set; } = -1;

    /// <summary>How many messages there are.</summary>
    public int MessageCount { get; private set; }

    /// <summary>The effort that the last system message with one asks for; absent if none does.</summary>
    public JsonView Effort { get; private set; }

    /// <summary>The last message is the assistant's and calls no tool: it is to be continued.</summary>
    public bool EndsInPrefill { get; private set; }

    /// <summary>What the conversation says about tools, in order.</summary>
    public ReadOnlySpan<ToolMention> Mentions => _mentions.Span;

    /// <exception cref="TranslationException">The messages are not what the API calls messages.</exception>
    public static ConversationSurvey Of(MessagesRequest request)
    {
        var messages = request.Messages;
        if (messages.IsMissing)
            throw InvalidRequest.Because("messages: Field required");
        if (!messages.IsArray)
            throw InvalidRequest.Because("messages: Input should be a valid list");
        if (messages.IsEmpty)
            throw InvalidRequest.Because("messages: at least one message is required");

        var survey = new ConversationSurvey(messages.Text!);
        try
        {
            foreach (var message in messages.Items)
                survey.Look(new RequestMessage(message));
            return survey;
        }
        catch
        {
            survey.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Pairing.Dispose();
        _mentions.Dispose();
    }

    private void Look(RequestMessage message)
    {
        if (!message.View.IsObject)
            throw InvalidRequest.At(message.View, "Input should be an object");
        InvalidRequest.RequireString(message.Role, message.View, "role");

        var number = MessageCount++;
        var isUser = message.Role.Equals("user"u8);
        var isAssistant = !isUser && message.Role.Equals("assistant"u8);
        var isSystem = !isUser && !isAssistant && message.Role.Equals("system"u8);
        EndsInPrefill = isAssistant;
        if (isUser)
            LastUser = number;
        else if (isSystem && message.Effort.IsString)
            Effort = message.Effort;
        else if (!isAssistant && !isSystem)
            throw InvalidRequest.At(message.Role, "Input should be 'user', 'assistant' or 'system'");

        if (message.Content.IsArray)
        {
            foreach (var block in message.Content.Items)
                Look(new ContentBlock(block), number, isUser, isAssistant);
        }
        else if (!message.Content.IsString && !(isSystem && message.Content.IsMissing))
        {
            throw InvalidRequest.At(
                message.View, "content", message.Content.IsMissing ? "Field required" : "Input should be a valid string or list");
        }
    }

    private void Look(ContentBlock block, int number, bool isUser, bool isAssistant)
    {
        if (!block.View.IsObject)
            throw InvalidRequest.At(block.View, "Input should be an object");
        InvalidRequest.RequireString(block.TypeName, block.View, "type");

        switch (block.Type)
        {
            case ContentBlockType.ToolUse when isAssistant:
                var name = InvalidRequest.RequireString(block.Name, block.View, "name");
                Pairing.AddCall(InvalidRequest.RequireString(block.Id, block.View, "id"), number);
                _mentions.Add(new ToolMention(ToolMentionKind.Called, name.Position));
                EndsInPrefill = false;
                break;
            case ContentBlockType.ToolResult when isUser:
                Pairing.AddResult(InvalidRequest.RequireString(block.ToolUseId, block.View, "tool_use_id"), block.View);
                MentionReferences(block.Content);
                break;
            case ContentBlockType.ToolSearchToolResult:
                MentionReferences(block.Content["tool_references"u8]);
                break;
            case ContentBlockType.ToolAddition:
                MentionChange(block.View["tool"u8], ToolMentionKind.Revealed);
                break;
            case ContentBlockType.ToolRemoval:
                MentionChange(block.View["tool"u8], ToolMentionKind.Removed);
                break;
        }
    }

    private void MentionReferences(JsonView blocks)
    {
        foreach (var reference in blocks.Items)
        {
            if (reference["tool_name"u8] is { IsString: true } name && reference["type"u8].Equals("tool_reference"u8))
                _mentions.Add(new ToolMention(ToolMentionKind.Revealed, name.Position));
        }
    }

    private void MentionChange(JsonView tool, ToolMentionKind kind)
    {
        if (tool["type"u8].Equals("tool_definition"u8))
        {
            if (kind == ToolMentionKind.Revealed && tool["definition"u8] is { IsObject: true } definition)
                _mentions.Add(new ToolMention(ToolMentionKind.Defined, definition.Position));
        }
        else if (tool["type"u8].Equals("tool_reference"u8) && tool["name"u8] is { IsString: true } name)
        {
            _mentions.Add(new ToolMention(kind, name.Position));
        }
    }
}
