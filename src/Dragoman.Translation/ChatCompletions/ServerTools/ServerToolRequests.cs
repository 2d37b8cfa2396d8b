using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>What a request says about server tools, without translating it.</summary>
public static class ServerToolRequests
{
    private static ReadOnlySpan<byte> DirectWords => "Perform a web search for the query: "u8;

    /// <summary>Whether it lists a tool that the gateway may have to run.</summary>
    public static bool ListsAny(MessagesRequest request)
    {
        foreach (var tool in request.Tools.Items)
        {
            if (ServerToolDefinition.Knows(tool["type"u8].RawString))
                return true;
        }

        return false;
    }

    /// <summary>Where a tool of that kind is listed, as <c>tools.3</c>.</summary>
    public static string PathOf(MessagesRequest request, ServerToolKind kind)
    {
        var prefix = kind == ServerToolKind.WebFetch ? "web_fetch_"u8 : "web_search_"u8;
        foreach (var tool in request.Tools.Items)
        {
            if (tool["type"u8].RawString.StartsWith(prefix))
                return RequestPath.Of(tool);
        }

        return "tools";
    }

    /// <summary>What shall be searched, if the request is Claude Code's own for its WebSearch tool: one user message that says so, and no tool but the
    /// search (claude-code.md section 6); else null.</summary>
    public static string? DirectQuery(MessagesRequest request)
    {
        if (OnlyItem(request.Tools) is not { } tool || !tool["type"u8].RawString.StartsWith("web_search_"u8))
            return null;
        var choice = request.ToolChoice;
        if (!choice.View.IsMissing && !choice.Type.Equals("auto"u8) && !choice.Type.Equals("any"u8) && !choice.Type.Equals("tool"u8))
            return null;
        if (OnlyItem(request.Messages) is not { } message || !message["role"u8].Equals("user"u8))
            return null;
        var content = message["content"u8];
        var text = content.IsString ? content : OnlyItem(content) is { } block && block["type"u8].Equals("text"u8) ? block["text"u8] : default;
        if (!text.RawString.StartsWith(DirectWords))
            return null;
        var query = text.GetString()![DirectWords.Length..].Trim();
        return query.Length > 0 ? query : null;
    }

    private static JsonView? OnlyItem(JsonView list)
    {
        JsonView? only = null;
        foreach (var item in list.Items)
        {
            if (only is not null)
                return null;
            only = item;
        }

        return only;
    }
}
