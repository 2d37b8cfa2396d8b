using Dragoman.Protocol.Anthropic;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>What server tools add to an answer: results of calls, counts, and whether another upstream answer must follow.</summary>
/// <param name="answer">What is known of the request.</param>
/// <param name="blocks">Takes the results.</param>
/// <param name="tools">The calls.</param>
/// <param name="before">What upstream answers before this one have brought.</param>
internal sealed class ServerToolRound(AnswerContext answer, AnswerBlocks blocks, ToolCalls tools, MessageProgress before)
{
    private long _searches;
    private long _fetches;

    /// <summary>The counts of the whole message.</summary>
    /// <param name="own">Those of this upstream answer alone.</param>
    internal Usage With(in Usage own)
    {
        var earlier = before.Usage.ServerTools.GetValueOrDefault();
        return before.Usage.Plus(own) with { ServerTools = new(earlier.WebSearchRequests + _searches, earlier.WebFetchRequests + _fetches) };
    }

    /// <summary>Tells what became of a call.</summary>
    internal void Tell(ServerToolCall call, ServerToolOutcome outcome)
    {
        if (outcome is FoundPages) _searches++;
        else if (outcome is FetchedPage) _fetches++;
        blocks.ServerToolResult(ServerToolResults.Of(call, outcome, answer.SealKey));
    }

    /// <summary>All calls have results: tells the client of its own calls, or that it shall go on itself.</summary>
    /// <param name="reason">Why the upstream answer ended.</param>
    /// <param name="pause">No other may follow.</param>
    /// <param name="cutOff">It ran into a limit.</param>
    /// <returns>Why the message ends; null if it does not, as the model is to go on.</returns>
    internal StopReason? End(StopReason reason, bool pause, bool cutOff)
    {
        var goesOn = reason is StopReason.EndTurn or StopReason.ToolUse;
        if (goesOn && !tools.HasKept && !pause) return null;
        tools.FinishKept(cutOff);
        blocks.Close();
        if (tools.WereCutOff) return StopReason.MaxTokens;
        if (!goesOn) return reason;
        return blocks.CalledTool ? StopReason.ToolUse : StopReason.PauseTurn;
    }
}
