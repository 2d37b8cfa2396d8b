using Dragoman.Protocol.Json;

namespace Dragoman.Protocol.Anthropic;

/// <summary>The block types that mean something to us; an open set on the wire (anthropic-messages.md section 6).</summary>
public enum ContentBlockType
{
    /// <summary>Any other.</summary>
    Unknown,

    /// <summary><c>text</c></summary>
    Text,

    /// <summary><c>image</c></summary>
    Image,

    /// <summary><c>document</c></summary>
    Document,

    /// <summary><c>search_result</c></summary>
    SearchResult,

    /// <summary><c>thinking</c></summary>
    Thinking,

    /// <summary><c>redacted_thinking</c></summary>
    RedactedThinking,

    /// <summary><c>tool_use</c></summary>
    ToolUse,

    /// <summary><c>tool_result</c></summary>
    ToolResult,

    /// <summary><c>server_tool_use</c></summary>
    ServerToolUse,

    /// <summary><c>web_search_tool_result</c></summary>
    WebSearchToolResult,

    /// <summary><c>web_fetch_tool_result</c></summary>
    WebFetchToolResult,

    /// <summary><c>code_execution_tool_result</c> and its <c>bash_</c> and <c>text_editor_</c> forms</summary>
    CodeExecutionToolResult,

    /// <summary><c>tool_search_tool_result</c></summary>
    ToolSearchToolResult,

    /// <summary><c>tool_reference</c></summary>
    ToolReference,

    /// <summary><c>browser_state</c></summary>
    BrowserState,

    /// <summary><c>mcp_tool_use</c></summary>
    McpToolUse,

    /// <summary><c>mcp_tool_result</c></summary>
    McpToolResult,

    /// <summary><c>mcp_tool_listing</c></summary>
    McpToolListing,

    /// <summary><c>advisor_tool_result</c></summary>
    AdvisorToolResult,

    /// <summary><c>compaction</c></summary>
    Compaction,

    /// <summary><c>fallback</c></summary>
    Fallback,

    /// <summary><c>container_upload</c></summary>
    ContainerUpload,

    /// <summary><c>tool_addition</c></summary>
    ToolAddition,

    /// <summary><c>tool_removal</c></summary>
    ToolRemoval,
}

/// <summary>One block of a message's content.</summary>
public readonly struct ContentBlock(JsonView view)
{
    /// <summary>The whole object.</summary>
    public JsonView View => view;

    /// <summary>The word it names itself by.</summary>
    public JsonView TypeName { get; } = view["type"u8];

    /// <summary>What it is.</summary>
    public ContentBlockType Type => TypeOf(TypeName);

    /// <summary>A text block's text.</summary>
    public JsonView Text => view["text"u8];

    /// <summary>A thinking block's text.</summary>
    public JsonView Thinking => view["thinking"u8];

    /// <summary>A thinking block's seal.</summary>
    public JsonView Signature => view["signature"u8];

    /// <summary>Where an image's or document's content is.</summary>
    public ContentSource Source => new(view["source"u8]);

    /// <summary>A tool call's id.</summary>
    public JsonView Id => view["id"u8];

    /// <summary>The called tool's name.</summary>
    public JsonView Name => view["name"u8];

    /// <summary>The toolset the called tool is a member of.</summary>
    public JsonView ToolsetName => view["toolset_name"u8];

    /// <summary>A tool call's input: any JSON, normally an object.</summary>
    public JsonView Input => view["input"u8];

    /// <summary>The call a result answers.</summary>
    public JsonView ToolUseId => view["tool_use_id"u8];

    /// <summary>A result's content: absent, a string, blocks, or an object.</summary>
    public JsonView Content => view["content"u8];

    /// <summary>The tool failed.</summary>
    public bool IsError => view["is_error"u8].IsTrue;

    /// <summary>A document's or search result's title.</summary>
    public JsonView Title => view["title"u8];

    /// <summary>The cache marker.</summary>
    public JsonView CacheControl => view["cache_control"u8];

    private static ContentBlockType TypeOf(JsonView type) => type.RawString switch
    {
        var t when t.SequenceEqual("text"u8) => ContentBlockType.Text,
        var t when t.SequenceEqual("tool_use"u8) => ContentBlockType.ToolUse,
        var t when t.SequenceEqual("tool_result"u8) => ContentBlockType.ToolResult,
        var t when t.SequenceEqual("thinking"u8) => ContentBlockType.Thinking,
        var t when t.SequenceEqual("image"u8) => ContentBlockType.Image,
        var t when t.SequenceEqual("document"u8) => ContentBlockType.Document,
        var t when t.SequenceEqual("redacted_thinking"u8) => ContentBlockType.RedactedThinking,
        var t when t.SequenceEqual("search_result"u8) => ContentBlockType.SearchResult,
        var t when t.SequenceEqual("tool_reference"u8) => ContentBlockType.ToolReference,
        var t when t.SequenceEqual("server_tool_use"u8) => ContentBlockType.ServerToolUse,
        var t when t.SequenceEqual("web_search_tool_result"u8) => ContentBlockType.WebSearchToolResult,
        var t when t.SequenceEqual("web_fetch_tool_result"u8) => ContentBlockType.WebFetchToolResult,
        var t when t.SequenceEqual("tool_search_tool_result"u8) => ContentBlockType.ToolSearchToolResult,
        var t when t.EndsWith("code_execution_tool_result"u8) => ContentBlockType.CodeExecutionToolResult,
        var t when t.SequenceEqual("browser_state"u8) => ContentBlockType.BrowserState,
        var t when t.SequenceEqual("mcp_tool_use"u8) => ContentBlockType.McpToolUse,
        var t when t.SequenceEqual("mcp_tool_result"u8) => ContentBlockType.McpToolResult,
        var t when t.SequenceEqual("mcp_tool_listing"u8) => ContentBlockType.McpToolListing,
        var t when t.SequenceEqual("advisor_tool_result"u8) => ContentBlockType.AdvisorToolResult,
        var t when t.SequenceEqual("compaction"u8) => ContentBlockType.Compaction,
        var t when t.SequenceEqual("fallback"u8) => ContentBlockType.Fallback,
        var t when t.SequenceEqual("container_upload"u8) => ContentBlockType.ContainerUpload,
        var t when t.SequenceEqual("tool_addition"u8) => ContentBlockType.ToolAddition,
        var t when t.SequenceEqual("tool_removal"u8) => ContentBlockType.ToolRemoval,
        _ => ContentBlockType.Unknown,
    };
}

/// <summary>The <c>source</c> of an image or document.</summary>
public readonly struct ContentSource(JsonView view)
{
    /// <summary>The whole object.</summary>
    public JsonView View => view;

    /// <summary><c>base64</c>, <c>url</c>, <c>file</c>, <c>text</c>, <c>content</c>.</summary>
    public JsonView Type => view["type"u8];

    /// <summary>The media type, for base64 and text.</summary>
    public JsonView MediaType => view["media_type"u8];

    /// <summary>Base64, or plain text.</summary>
    public JsonView Data => view["data"u8];

    /// <summary>The address, for <c>url</c>.</summary>
    public JsonView Url => view["url"u8];

    /// <summary>The id, for <c>file</c>.</summary>
    public JsonView FileId => view["file_id"u8];

    /// <summary>A string or blocks, for <c>content</c>.</summary>
    public JsonView Content => view["content"u8];
}
