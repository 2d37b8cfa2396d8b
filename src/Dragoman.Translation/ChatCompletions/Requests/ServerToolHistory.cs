using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Blocks of earlier assistant turns that only the real service makes: told as lines of text, since later text refers to
/// them (mapping.md section 3.5). Never an error, or the conversation could not go on.</summary>
internal sealed class ServerToolHistory(RequestTranslation translation, ContentTranslator content)
{
    private readonly ConversationDraft _draft = translation.Draft;

    /// <summary>Adds one block to the open assistant message.</summary>
    public void Translate(ContentBlock block)
    {
        switch (block.Type)
        {
            case ContentBlockType.ServerToolUse or ContentBlockType.McpToolUse:
                AddUse(block);
                break;
            case ContentBlockType.WebSearchToolResult:
                AddSearchResults(block.Content);
                break;
            case ContentBlockType.WebFetchToolResult:
                AddFetchResult(block.Content);
                break;
            case ContentBlockType.CodeExecutionToolResult:
                AddExecutionResult(block.Content);
                break;
            case ContentBlockType.ToolSearchToolResult:
                AddToolSearchResult(block.Content);
                break;
            case ContentBlockType.McpToolResult:
                AddTexts(block.Content, block.IsError);
                break;
            case ContentBlockType.AdvisorToolResult when block.Content["text"u8].IsString:
                content.AddText(block.Content["text"u8], default);
                break;
            case ContentBlockType.SearchResult:
                content.AddSearchResult(block);
                break;
            case ContentBlockType.Image or ContentBlockType.Document:
                content.AddAssistantMedia(block);
                break;
            case ContentBlockType.Fallback or ContentBlockType.McpToolListing:
                translation.Dropped.AddFromHistory(block.TypeName.GetString()!);
                break;
            default:
                content.AddPlaceholder(block);
                break;
        }
    }

    private void AddUse(ContentBlock block)
    {
        Start();
        _draft.Text(block.Name);
        _draft.Own(": "u8);
        var input = block.Input;
        var telling = FirstString(input["query"u8], input["url"u8], input["command"u8], input["code"u8], input["pattern"u8]);
        if (telling.IsString)
            _draft.Text(telling);
        else if (!input.IsMissing)
            _draft.JsonText(input);
        End();
    }

    private void AddSearchResults(JsonView results)
    {
        if (AddError(results))
            return;
        Start();
        _draft.Own("result: "u8);
        var isFirst = true;
        foreach (var result in results.Items)
        {
            if (!isFirst)
                _draft.Own("; "u8);
            isFirst = false;
            _draft.Text(result["title"u8]);
            _draft.Own(" - "u8);
            _draft.Text(result["url"u8]);
        }

        End();
    }

    private void AddFetchResult(JsonView result)
    {
        if (AddError(result))
            return;
        var document = result["content"u8];
        Start();
        _draft.Own("result: "u8);
        if (document["title"u8].IsString)
        {
            _draft.Text(document["title"u8]);
            _draft.Own(" - "u8);
        }

        _draft.Text(result["url"u8]);
        End();
        if (document["source"u8]["type"u8].Equals("text"u8) && document["source"u8]["data"u8] is { IsString: true } text)
        {
            _draft.Own("\\n"u8);
            _draft.Text(text);
        }
    }

    private void AddExecutionResult(JsonView result)
    {
        if (AddError(result))
            return;
        Start();
        _draft.Own("result: "u8);
        if (result["stdout"u8].IsString || result["stderr"u8].IsString)
        {
            _draft.Text(result["stdout"u8]);
            _draft.Text(result["stderr"u8]);
            if (result["return_code"u8] is { IsMissing: false } code)
            {
                _draft.Own("; return code "u8);
                _draft.JsonText(code);
            }
        }
        else if (result["content"u8].IsString)
        {
            _draft.Text(result["content"u8]);
        }
        else
        {
            _draft.Text(result["type"u8]);
        }

        End();
    }

    private void AddToolSearchResult(JsonView result)
    {
        if (AddError(result))
            return;
        Start();
        _draft.Own("result: "u8);
        var isFirst = true;
        foreach (var reference in result["tool_references"u8].Items)
        {
            if (!isFirst)
                _draft.Own(", "u8);
            isFirst = false;
            _draft.Text(reference["tool_name"u8]);
        }

        End();
    }

    private void AddTexts(JsonView texts, bool isError)
    {
        Start();
        _draft.Own(isError ? "error: "u8 : "result: "u8);
        _draft.Text(texts);
        var isFirst = true;
        foreach (var text in texts.Items)
        {
            if (!isFirst)
                _draft.Own("\\n"u8);
            isFirst = false;
            _draft.Text(text["text"u8]);
        }

        End();
    }

    private bool AddError(JsonView result)
    {
        if (result["error_code"u8] is not { IsString: true } code)
            return false;
        Start();
        _draft.Own("error: "u8);
        _draft.Text(code);
        End();
        return true;
    }

    private void Start()
    {
        content.NextText();
        _draft.Own("["u8);
    }

    private void End() => _draft.Own("]"u8);

    private static JsonView FirstString(params ReadOnlySpan<JsonView> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (candidate.IsString)
                return candidate;
        }

        return default;
    }
}
