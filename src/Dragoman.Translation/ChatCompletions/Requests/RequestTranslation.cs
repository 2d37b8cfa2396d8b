using Dragoman.Protocol.Anthropic;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>What the pieces of one request's translation share.</summary>
internal sealed class RequestTranslation : IDisposable
{
    public RequestTranslation(MessagesRequest request, TranslationTarget target)
    {
        Request = request;
        Target = target;
        Dropped = new DroppedFeatures(target.Dialect.Strict);
        Conversation = ConversationSurvey.Of(request);
        Draft = new ConversationDraft(request.Root.Text!);
        Names = new ToolNames(target.Dialect.MaxToolName);
    }

    public MessagesRequest Request { get; }

    public TranslationTarget Target { get; }

    public Dialect Dialect => Target.Dialect;

    public DroppedFeatures Dropped { get; }

    public ConversationSurvey Conversation { get; }

    public ConversationDraft Draft { get; }

    public ToolNames Names { get; }

    /// <summary>The server tools that were listed; none before the tools were selected.</summary>
    public ServerToolSet ServerTools { get; set; } = ServerToolSet.None;

    /// <summary>The last message is the assistant's and is to be continued in the middle of its text.</summary>
    public bool EndsInPrefill => _endsInPrefill ??= Conversation.EndsInPrefill && !ServerTools.IsContinuation(Request);

    private bool? _endsInPrefill;

    public void Dispose()
    {
        Conversation.Dispose();
        Draft.Dispose();
    }
}
