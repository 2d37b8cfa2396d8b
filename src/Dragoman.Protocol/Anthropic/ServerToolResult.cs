namespace Dragoman.Protocol.Anthropic;

/// <summary>The server tools whose blocks we write.</summary>
public enum ServerToolKind
{
    /// <summary><c>web_search</c></summary>
    WebSearch,

    /// <summary><c>web_fetch</c></summary>
    WebFetch,
}

/// <summary>The result block of a server tool: it arrives whole in its content_block_start (anthropic-messages.md section 11.3).</summary>
/// <param name="ToolUseId">The <c>server_tool_use</c> it answers.</param>
public abstract record ServerToolResult(string ToolUseId);

/// <summary>What a search found: a <c>web_search_tool_result</c>.</summary>
/// <param name="ToolUseId">The search.</param>
/// <param name="Results">Best first; may be none.</param>
public sealed record WebSearchToolResult(string ToolUseId, IReadOnlyList<WebSearchResult> Results) : ServerToolResult(ToolUseId);

/// <summary>One <c>web_search_result</c>.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="Title">Its title.</param>
/// <param name="EncryptedContent">What a later turn needs of it; opaque to the client, plain ASCII.</param>
/// <param name="PageAge">How old it is, in words; null if unknown.</param>
public sealed record WebSearchResult(string Url, string Title, string EncryptedContent, string? PageAge = null);

/// <summary>What a fetch brought: a <c>web_fetch_tool_result</c> with a text document.</summary>
/// <param name="ToolUseId">The fetch.</param>
/// <param name="Url">Where it is.</param>
/// <param name="Title">Its title; null if it has none.</param>
/// <param name="Text">Its text.</param>
/// <param name="RetrievedAt">When it was fetched, as RFC 3339; null if unknown.</param>
public sealed record WebFetchToolResult(string ToolUseId, string Url, string? Title, string Text, string? RetrievedAt = null)
    : ServerToolResult(ToolUseId);

/// <summary>A search or fetch that failed: no failure of the answer, the model goes on.</summary>
/// <param name="ToolUseId">The call.</param>
/// <param name="Kind">Which tool.</param>
/// <param name="ErrorCode"><c>unavailable</c>, <c>max_uses_exceeded</c>, <c>url_not_allowed</c>, …</param>
public sealed record ServerToolError(string ToolUseId, ServerToolKind Kind, string ErrorCode) : ServerToolResult(ToolUseId);

/// <summary>A <c>web_search_result_location</c>: a citation of a search result.</summary>
/// <param name="Url">The result's address.</param>
/// <param name="Title">The result's title.</param>
/// <param name="CitedText">What of the result is cited, up to 150 characters.</param>
/// <param name="EncryptedIndex">What a later turn needs of it; opaque to the client, plain ASCII.</param>
public sealed record WebSearchCitation(string Url, string Title, string CitedText, string EncryptedIndex);
