using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Calls and results of the gateway's own server tools in assistant turns: the model sees them as calls of functions, in the turn that
/// they were made and in all that follow.</summary>
/// <remarks>What comes from the web stands between marks that it cannot close itself, in the result of a call: never in the system prompt, and never as
/// anybody's words.</remarks>
internal sealed class ServerToolTurns(RequestTranslation translation)
{
    private const int LongestQuote = 150;

    private readonly ConversationDraft _draft = translation.Draft;

    private ServerToolSet Tools => translation.ServerTools;

    private ReadOnlySpan<byte> Key => translation.Target.ServerTools.SealKey.Span;

    /// <summary>Adds the call of a <c>server_tool_use</c> to the open assistant message.</summary>
    public void AddCall(ContentBlock block)
    {
        _draft.StartPart(DraftPartKind.ToolCall);
        if (UpstreamIdOf(block.Id) is { } upstreamId)
            _draft.Escaped(upstreamId);
        else
            _draft.Text(block.Id);
        _draft.Escaped(Tools.Find(block)!.UpstreamName);
        if (block.Input.IsObject)
            _draft.JsonText(block.Input);
        else
            _draft.Own("{}"u8);
    }

    /// <summary>Adds the tool message that answers a call.</summary>
    /// <param name="use">The call.</param>
    /// <param name="result">Its result; absent if there is none.</param>
    public void AddResult(ContentBlock use, JsonView result)
    {
        _draft.StartMessage(ChatRole.Tool);
        _draft.AnswersCall(use.Id, UpstreamIdOf(use.Id));
        _draft.StartPart(DraftPartKind.Text);
        if (!result.IsPresent)
        {
            _draft.Own("Tool call was not completed."u8);
            return;
        }

        var content = new ContentBlock(result).Content;
        if (content["error_code"u8] is { IsString: true } code)
            _draft.Escaped(ServerToolTexts.Failure(code.GetString()!));
        else if (new ContentBlock(result).Type == ContentBlockType.WebFetchToolResult)
            AddPage(content);
        else
            AddPages(content);
    }

    /// <summary>Puts the marks back where the model wrote them: they went to the client as citations.</summary>
    public void AddMarks(JsonView citations)
    {
        var isFirst = true;
        foreach (var citation in citations.Items)
        {
            var number = SealedPage.OpenNumber(citation["encrypted_index"u8], Key);
            if (number <= 0 || number > Tools.Sources.Count)
                continue;
            _draft.Own(isFirst ? "[cite:"u8 : ","u8);
            isFirst = false;
            _draft.Escaped(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        if (!isFirst)
            _draft.Own("]"u8);
    }

    private string? UpstreamIdOf(JsonView id)
    {
        var form = translation.Dialect.ToolIds;
        return ToolUseIds.IsKept(id.RawString, form) ? null : ToolUseIds.ToUpstream(id.GetString()!, form);
    }

    private void AddPages(JsonView results)
    {
        if (!results.IsArray || results.IsEmpty)
        {
            _draft.Own("No results."u8);
            return;
        }

        _draft.Own("<search_results>"u8);
        foreach (var result in results.Items)
        {
            // What another service sealed, or somebody changed, says at least where the page is.
            var page = SealedPage.Open(result["encrypted_content"u8], Key)
                ?? new FoundPage(result["title"u8].GetString() ?? "", result["url"u8].GetString() ?? "", result["page_age"u8].GetString(), "");
            var number = Tools.AddSource(new CitableSource(page.Title, page.Url, Beginning(page.Snippet)));
            _draft.Escaped(ServerToolTexts.Page(number, page));
        }

        _draft.Escaped("\n</search_results>\n" + ServerToolTexts.BehindResults);
    }

    private void AddPage(JsonView result)
    {
        var document = result["content"u8];
        _draft.Escaped(ServerToolTexts.BeforePage(result["url"u8].GetString() ?? "", document["title"u8].GetString()));
        var text = document["source"u8]["data"u8];
        var isText = document["source"u8]["type"u8].Equals("text"u8);
        if (!isText)
            _draft.Own("(not text: not available through this gateway)"u8);
        else if (text.RawString.IndexOf("web_page"u8) < 0)
            _draft.Text(text);
        else
            _draft.Escaped(ServerToolTexts.WithoutClosingMark(text.GetString() ?? ""));
        _draft.Escaped(ServerToolTexts.BehindPage);
    }

    private static string Beginning(string snippet)
    {
        if (snippet.Length <= LongestQuote)
            return snippet;
        var cut = LongestQuote;
        return snippet[..(char.IsHighSurrogate(snippet[cut - 1]) ? cut - 1 : cut)];
    }
}
