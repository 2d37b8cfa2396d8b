using Dragoman.Protocol.Anthropic;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>What became of a call, as the block that the client is told.</summary>
public static class ServerToolResults
{
    /// <summary>The block; what later turns need of it is sealed in it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="key">Key to seal with.</param>
    public static ServerToolResult Of(ServerToolCall call, ServerToolOutcome outcome, ReadOnlyMemory<byte> key) => outcome switch
    {
        FoundPages found => new WebSearchToolResult(call.Id, [.. found.Pages.Select(page => ResultOf(page, key))]),
        FetchedPage page => new WebFetchToolResult(call.Id, page.Url, page.Title, page.Text, page.RetrievedAt),
        ServerToolFailure failure => new ServerToolError(call.Id, call.Tool.Kind, failure.ErrorCode),
        _ => new ServerToolError(call.Id, call.Tool.Kind, "unavailable"),
    };

    private static WebSearchResult ResultOf(FoundPage page, ReadOnlyMemory<byte> key) =>
        new(page.Url, page.Title, SealedPage.Close(page, key.Span), page.Age);
}
