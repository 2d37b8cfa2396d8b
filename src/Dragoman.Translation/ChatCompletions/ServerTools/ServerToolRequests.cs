using System.Text;
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

    /// <summary>Whether an address stands in the conversation where the user, one of their tools, a search or a page put it: only such may be fetched, or
    /// a page could make the model carry what it knows to an address of its choice.</summary>
    /// <param name="request">The conversation.</param>
    /// <param name="url">The address.</param>
    /// <param name="key">Key that search results are sealed with.</param>
    public static bool Mentions(MessagesRequest request, string url, ReadOnlySpan<byte> key)
    {
        var address = WithoutScheme(url);
        if (address.Length == 0)
            return false;
        if (Stands(address, Decode(request.System.Raw)))
            return true;
        foreach (var view in request.Messages.Items)
        {
            var message = new RequestMessage(view);
            if (!message.Role.Equals("assistant"u8))
            {
                if (Stands(address, Decode(message.Content.Raw)))
                    return true;
                continue;
            }

            foreach (var item in message.Content.Items)
            {
                var block = new ContentBlock(item);
                if (block.Type is ContentBlockType.WebSearchToolResult or ContentBlockType.WebFetchToolResult && MentionsIn(block, address, key))
                    return true;
            }
        }

        return false;
    }

    private static bool MentionsIn(ContentBlock result, string address, ReadOnlySpan<byte> key)
    {
        if (Stands(address, Decode(result.Content.Raw)))
            return true;
        foreach (var found in result.Content.Items)
        {
            if (SealedPage.Open(found["encrypted_content"u8], key) is { } page && Stands(address, page.Snippet))
                return true;
        }

        return false;
    }

    /// <summary>The text of JSON, near enough to find addresses in it.</summary>
    private static string Decode(ReadOnlySpan<byte> json)
    {
        var text = Encoding.UTF8.GetString(json);
        return text.Contains("\\/", StringComparison.Ordinal) ? text.Replace("\\/", "/", StringComparison.Ordinal) : text;
    }

    private static string WithoutScheme(string url)
    {
        var address = url.AsSpan().Trim();
        if (address.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            address = address["https://".Length..];
        else if (address.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            address = address["http://".Length..];
        if (address.IndexOf('#') is >= 0 and var fragment)
            address = address[..fragment];
        return address.TrimEnd('/').ToString();
    }

    private static bool Stands(string address, string text)
    {
        for (var at = 0; (at = text.IndexOf(address, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            var end = at + address.Length;
            if (end < text.Length && text[end] == '/' && !IsPartOfAddress(text, end + 1))
                end++;
            if (!IsPartOfAddress(text, end) && (at == 0 || !(char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '.' or '-' or '@' or '_')))
                return true;
        }

        return false;
    }

    /// <summary>Whether an address goes on there: a full stop or comma does only if something follows it.</summary>
    private static bool IsPartOfAddress(string text, int at)
    {
        if (at >= text.Length || text[at] == '\\')
            return false;
        if (text[at] is '.' or ',' or ':' or ';' or '!')
            return at + 1 < text.Length && char.IsLetterOrDigit(text[at + 1]);
        return char.IsLetterOrDigit(text[at]) || text[at] is '/' or '_' or '-' or '%' or '=' or '&' or '~' or '+' or '@' or '?' && at + 1 < text.Length && char.IsLetterOrDigit(text[at + 1]);
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
