using System.Buffers;

namespace Dragoman.Protocol.Anthropic;

/// <summary>Blocks of server tools: the same JSON in a Message and in the events of a stream.</summary>
internal static class ServerToolJson
{
    /// <summary>The name that blocks call a server tool by.</summary>
    internal static ReadOnlySpan<byte> NameOf(ServerToolKind kind) => kind == ServerToolKind.WebFetch ? "web_fetch"u8 : "web_search"u8;

    /// <summary>The start of a server tool use block, up to and without <c>input</c>.</summary>
    internal static void WriteUseHead(IBufferWriter<byte> output, string id, ServerToolKind kind)
    {
        output.Write("{\"type\":\"server_tool_use\",\"id\":"u8);
        MessageJson.WriteString(output, id);
        output.Write(",\"name\":\""u8);
        output.Write(NameOf(kind));
        output.Write("\",\"caller\":{\"type\":\"direct\"}"u8);
    }

    /// <summary>A whole result block.</summary>
    internal static void WriteResult(IBufferWriter<byte> output, ServerToolResult result)
    {
        output.Write("{\"type\":\""u8);
        output.Write(result is WebFetchToolResult or ServerToolError { Kind: ServerToolKind.WebFetch } ? "web_fetch"u8 : "web_search"u8);
        output.Write("_tool_result\",\"tool_use_id\":"u8);
        MessageJson.WriteString(output, result.ToolUseId);
        output.Write(",\"caller\":{\"type\":\"direct\"},\"content\":"u8);
        switch (result)
        {
            case WebSearchToolResult search:
                WriteSearch(output, search);
                break;
            case WebFetchToolResult fetch:
                WriteFetch(output, fetch);
                break;
            case ServerToolError error:
                WriteError(output, error);
                break;
        }

        output.Write("}"u8);
    }

    /// <summary>One citation.</summary>
    internal static void WriteCitation(IBufferWriter<byte> output, WebSearchCitation citation)
    {
        output.Write("{\"type\":\"web_search_result_location\",\"cited_text\":"u8);
        MessageJson.WriteString(output, citation.CitedText);
        output.Write(",\"url\":"u8);
        MessageJson.WriteString(output, citation.Url);
        output.Write(",\"title\":"u8);
        MessageJson.WriteString(output, citation.Title);
        output.Write(",\"encrypted_index\":"u8);
        MessageJson.WriteString(output, citation.EncryptedIndex);
        output.Write("}"u8);
    }

    private static void WriteSearch(IBufferWriter<byte> output, WebSearchToolResult search)
    {
        output.Write("["u8);
        var isFirst = true;
        foreach (var result in search.Results)
        {
            output.Write(isFirst ? "{\"type\":\"web_search_result\",\"url\":"u8 : ",{\"type\":\"web_search_result\",\"url\":"u8);
            isFirst = false;
            MessageJson.WriteString(output, result.Url);
            output.Write(",\"title\":"u8);
            MessageJson.WriteString(output, result.Title);
            output.Write(",\"encrypted_content\":"u8);
            MessageJson.WriteString(output, result.EncryptedContent);
            output.Write(",\"page_age\":"u8);
            MessageJson.WriteString(output, result.PageAge);
            output.Write("}"u8);
        }

        output.Write("]"u8);
    }

    private static void WriteFetch(IBufferWriter<byte> output, WebFetchToolResult fetch)
    {
        output.Write("{\"type\":\"web_fetch_result\",\"url\":"u8);
        MessageJson.WriteString(output, fetch.Url);
        output.Write(",\"content\":{\"type\":\"document\",\"source\":{\"type\":\"text\",\"media_type\":\"text/plain\",\"data\":"u8);
        MessageJson.WriteString(output, fetch.Text);
        output.Write("},\"title\":"u8);
        MessageJson.WriteString(output, fetch.Title);
        output.Write(",\"citations\":null},\"retrieved_at\":"u8);
        MessageJson.WriteString(output, fetch.RetrievedAt);
        output.Write("}"u8);
    }

    private static void WriteError(IBufferWriter<byte> output, ServerToolError error)
    {
        output.Write("{\"type\":\""u8);
        output.Write(NameOf(error.Kind));
        output.Write("_tool_result_error\",\"error_code\":"u8);
        MessageJson.WriteString(output, error.ErrorCode);
        output.Write("}"u8);
    }
}
