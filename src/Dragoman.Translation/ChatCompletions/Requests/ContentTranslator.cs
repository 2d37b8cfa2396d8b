using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Content blocks of users and of tool results (mapping.md sections 3.3 and 3.4).</summary>
internal sealed class ContentTranslator : IDisposable
{
    private readonly RequestTranslation _translation;
    private readonly ConversationDraft _draft;
    private readonly MediaTranslator _media;

    // In a tool result texts follow each other line by line; elsewhere each is a part of its own.
    private bool _inToolResult;
    private bool _atLineStart;

    public ContentTranslator(RequestTranslation translation)
    {
        _translation = translation;
        _draft = translation.Draft;
        _media = new MediaTranslator(translation, this);
    }

    /// <summary>Images of tool results wait for a user message.</summary>
    public bool HasImagesOfToolResults => _media.AnyWaiting;

    /// <summary>Adds those images to the message that was just opened.</summary>
    public void AddImagesOfToolResults() => _media.AddWaiting();

    /// <summary>One block of a user message; tool results apart.</summary>
    /// <param name="block">The block.</param>
    /// <param name="isNewest">It stands in the newest user message: what cannot be sent at all may be refused.</param>
    public void AddUserBlock(ContentBlock block, bool isNewest)
    {
        switch (block.Type)
        {
            case ContentBlockType.Text:
                AddTextBlock(block);
                break;
            case ContentBlockType.Image:
                _media.AddImage(block);
                break;
            case ContentBlockType.Document:
                _media.AddDocument(block, mayRefuse: isNewest);
                break;
            case ContentBlockType.SearchResult:
                AddSearchResult(block);
                break;
            case ContentBlockType.Compaction:
                AddCompaction(block);
                break;
            default:
                AddPlaceholder(block);
                break;
        }

        Mark(block.CacheControl);
    }

    /// <summary>An image or document of an assistant message: older clients may put them there.</summary>
    public void AddAssistantMedia(ContentBlock block)
    {
        if (block.Type == ContentBlockType.Image)
            _media.AddImage(block);
        else
            _media.AddDocument(block, mayRefuse: false);
    }

    /// <summary>The content of a tool result, into the tool message that was just opened.</summary>
    /// <param name="result">The <c>tool_result</c>.</param>
    /// <param name="upstreamId">The id the model knows the call by, or null if it is the client's.</param>
    public void AddToolResult(ContentBlock result, string? upstreamId)
    {
        _inToolResult = true;
        _atLineStart = true;
        _draft.StartPart(DraftPartKind.Text);
        _media.StartToolResult(result.ToolUseId, upstreamId);
        var content = result.Content;
        var isError = result.IsError;
        if (isError && !SaysError(content))
            _draft.Own("Error: "u8);

        if (content.IsString)
        {
            AddText(content, default);
        }
        else if (content.IsArray)
        {
            foreach (var view in content.Items)
                AddResultBlock(view);
        }
        else if (!content.IsMissing)
        {
            throw InvalidRequest.At(result.View, "content", "Input should be a valid string or list");
        }

        if (_atLineStart && _draft.LastPartKind == DraftPartKind.Text)
            _draft.Escaped(isError ? "(no output)" : _translation.Dialect.EmptyToolResult);
        _inToolResult = false;
        Mark(result.CacheControl);
    }

    /// <summary>A result whose call is not in the conversation.</summary>
    public void AddOrphanResult(ContentBlock result)
    {
        NextText();
        _draft.Own("Result of tool call "u8);
        _draft.Text(result.ToolUseId);
        _draft.Own(": "u8);
        _inToolResult = true;
        _atLineStart = true;
        if (result.Content.IsString)
        {
            AddText(result.Content, default);
        }
        else
        {
            foreach (var view in result.Content.Items)
                AddResultBlock(view, isOrphan: true);
        }

        _inToolResult = false;
    }

    /// <summary>A text as it is.</summary>
    public void AddText(JsonView text, JsonView cacheControl)
    {
        NextText();
        _draft.Text(text);
        Mark(cacheControl);
    }

    /// <summary>Something that cannot be said to this backend: a word about it, so that later turns still make sense.</summary>
    public void AddPlaceholder(ContentBlock block)
    {
        NextText();
        _draft.Own("["u8);
        _draft.Text(block.TypeName);
        _draft.Own(" block: not available through this gateway]"u8);
        _translation.Dropped.AddFromHistory(RequestFields.Reportable(block.TypeName.GetString()!));
    }

    /// <summary>Begins a new text: a new part, or a new line in a tool result.</summary>
    public void NextText()
    {
        if (!_inToolResult || _draft.LastPartKind != DraftPartKind.Text)
            _draft.StartPart(DraftPartKind.Text);
        else if (!_atLineStart)
            _draft.Own("\\n"u8);
        _atLineStart = false;
    }

    /// <summary>Passes a cache marker on to the last part, where the backend knows such.</summary>
    public void Mark(JsonView cacheControl)
    {
        if (cacheControl.IsMissing)
            return;
        if (_translation.Dialect.CacheHints == CacheHints.None)
            _translation.Dropped.Add("cache_control");
        else
            _draft.Mark(cacheControl["ttl"u8].Equals("1h"u8) ? CacheHint.OneHour : CacheHint.Usual);
    }

    /// <summary><c>&lt;search_result&gt;</c> around its texts.</summary>
    public void AddSearchResult(ContentBlock block)
    {
        NextText();
        _draft.Own("<search_result source=\\\""u8);
        _draft.Text(block.View["source"u8]);
        _draft.Own("\\\" title=\\\""u8);
        _draft.Text(block.Title);
        _draft.Own("\\\">"u8);
        var isFirst = true;
        foreach (var text in block.Content.Items)
        {
            if (!isFirst)
                _draft.Own("\\n"u8);
            isFirst = false;
            _draft.Text(text["text"u8]);
        }

        _draft.Own("</search_result>"u8);
        NoteCitations(block);
    }

    /// <summary>Citations will not come.</summary>
    public void NoteCitations(ContentBlock block)
    {
        if (block.View["citations"u8]["enabled"u8].IsTrue)
            _translation.Dropped.Add("citations");
    }

    /// <summary>The summary that stands for the conversation so far; nothing if it is empty.</summary>
    public void AddCompaction(ContentBlock block)
    {
        if (!block.Content.IsString)
            return;
        NextText();
        _draft.Own("Summary of the conversation so far:\\n"u8);
        _draft.Text(block.Content);
    }

    public void Dispose() => _media.Dispose();

    private void AddTextBlock(ContentBlock block)
    {
        var text = InvalidRequest.RequireString(block.Text, block.View, "text");
        if (!EscapedText.IsWhiteSpace(text.RawString))
            AddText(text, default);
    }

    private void AddResultBlock(JsonView view, bool isOrphan = false)
    {
        var block = new ContentBlock(view);
        if (!view.IsObject)
            throw InvalidRequest.At(view, "Input should be an object");
        InvalidRequest.RequireString(block.TypeName, view, "type");
        switch (block.Type)
        {
            case ContentBlockType.Text:
                AddTextBlock(block);
                break;
            case ContentBlockType.Image:
                _media.AddImageOfToolResult(block, isOrphan);
                break;
            case ContentBlockType.Document:
                _media.AddDocumentOfToolResult(block, isOrphan);
                break;
            case ContentBlockType.SearchResult:
                AddSearchResult(block);
                break;
            case ContentBlockType.ToolReference:
                NextText();
                _draft.Own("Tool "u8);
                _draft.Text(block.View["tool_name"u8]);
                _draft.Own(" is available."u8);
                break;
            case ContentBlockType.BrowserState:
                AddBrowserState(block);
                break;
            default:
                AddPlaceholder(block);
                break;
        }

        Mark(block.CacheControl);
    }

    private void AddBrowserState(ContentBlock block)
    {
        NextText();
        _draft.Own("Browser tabs:"u8);
        foreach (var tab in block.View["tabs"u8].Items)
        {
            _draft.Own("\\n- "u8);
            if (tab["tab_id"u8].IsString)
                _draft.Text(tab["tab_id"u8]);
            else if (!tab["tab_id"u8].IsMissing)
                _draft.JsonText(tab["tab_id"u8]);
            _draft.Own(tab["active"u8].IsTrue ? " (active) "u8 : " "u8);
            _draft.Text(tab["title"u8]);
            _draft.Own(" - "u8);
            _draft.Text(tab["url"u8]);
        }

        if (block.View["state_changes"u8] is { IsMissing: false, IsEmpty: false } changes)
        {
            _draft.Own("\\nChanges: "u8);
            _draft.JsonText(changes);
        }
    }

    private static bool SaysError(JsonView content)
    {
        if (content.IsArray)
        {
            var items = content.Items;
            if (!items.MoveNext())
                return false;
            content = items.Current["text"u8];
        }

        return RawText.StartsWithIgnoringCase(content.RawString, "error"u8);
    }
}
