using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>The server tools of one request: those that were listed, and what the turn that it goes on with has done with them.</summary>
internal sealed class ServerToolSet
{
    private OfferedTool? _search;
    private OfferedTool? _fetch;
    private List<CitableSource>? _sources;

    /// <summary>Any was listed.</summary>
    public bool Any => _search is not null || _fetch is not null;

    /// <summary>Search results that the model has been shown, in order: what it can cite. The first has number 1.</summary>
    public IReadOnlyList<CitableSource> Sources => _sources ?? (IReadOnlyList<CitableSource>)[];

    /// <summary>Takes note of a search result that the model is shown.</summary>
    /// <returns>Its number.</returns>
    public int AddSource(CitableSource source)
    {
        (_sources ??= []).Add(source);
        return _sources.Count;
    }

    /// <summary>The function that stands for it; null if it was not listed.</summary>
    public OfferedTool? Find(ServerToolKind kind) => kind == ServerToolKind.WebFetch ? _fetch : _search;

    /// <summary>The function that a block calls or answers; null if the block is another's, or its tool is not listed.</summary>
    public OfferedTool? Find(ContentBlock block) => !Any ? null : block.Type switch
    {
        ContentBlockType.ServerToolUse when block.Name.Equals("web_search"u8) => _search,
        ContentBlockType.ServerToolUse when block.Name.Equals("web_fetch"u8) => _fetch,
        ContentBlockType.WebSearchToolResult => _search,
        ContentBlockType.WebFetchToolResult => _fetch,
        _ => null,
    };

    /// <summary>The set of most requests.</summary>
    public static ServerToolSet None { get; } = new();

    /// <summary>The set with one more.</summary>
    public ServerToolSet With(OfferedTool tool) => tool.ServerTool!.Kind == ServerToolKind.WebFetch
        ? new() { _search = _search, _fetch = tool }
        : new() { _search = tool, _fetch = _fetch };

    /// <summary>Whether a conversation ends in a block of these tools: the model is to go on from there, which is no prefill.</summary>
    public bool IsContinuation(MessagesRequest request)
    {
        if (!Any)
            return false;
        JsonView last = default;
        foreach (var message in request.Messages.Items)
            last = message;
        JsonView block = default;
        foreach (var item in new RequestMessage(last).Content.Items)
            block = item;
        return block.IsObject && last["role"u8].Equals("assistant"u8) && Find(new ContentBlock(block)) is not null;
    }

    /// <summary>What the assistant's turn at the end of the conversation has done with a tool: how often it was run, and how often that was
    /// refused since it was run too often.</summary>
    public (int Used, int Refused) LookAtTurn(MessagesRequest request, ServerToolKind kind)
    {
        var (used, refused) = (0, 0);
        foreach (var view in request.Messages.Items)
        {
            var message = new RequestMessage(view);
            if (!message.Role.Equals("assistant"u8))
            {
                (used, refused) = (0, 0);
                continue;
            }

            foreach (var item in message.Content.Items)
            {
                var block = new ContentBlock(item);
                if (Find(block) is not { } tool || tool.ServerTool!.Kind != kind || block.Type == ContentBlockType.ServerToolUse)
                    continue;
                if (block.Content["error_code"u8].Equals("max_uses_exceeded"u8))
                    refused++;
                else
                    used++;
            }
        }

        return (used, refused);
    }
}

/// <summary>A search result that the model can cite.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Url">Its address.</param>
/// <param name="Quote">Its beginning.</param>
public sealed record CitableSource(string Title, string Url, string Quote);
