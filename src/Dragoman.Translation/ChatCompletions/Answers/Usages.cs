using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Token counts of a backend in the client's terms (mapping.md section 4).</summary>
internal static class Usages
{
    /// <remarks>A backend's prompt tokens include those read from a cache, the client's input tokens do not: left unsubtracted, Claude Code
    /// would believe its window twice as full and compact far too early. (failures.md E3, E6)</remarks>
    /// <param name="reported">What the backend counted.</param>
    /// <param name="estimate">Stands in for what it did not count.</param>
    /// <param name="dialect">The backend.</param>
    internal static Usage From(in ChatUsage reported, in Usage estimate, Dialect dialect)
    {
        var cached = reported.Cached ?? 0;
        var written = reported.Written ?? 0;
        var prompt = reported.Prompt ?? estimate.PromptTokens;

        // xAI at times leaves the cached tokens out of the prompt's; more cached than prompted tells.
        if (reported.Prompt is not null && cached > prompt) prompt += cached;

        var output = reported.Completion ?? estimate.OutputTokens;
        var reasoning = reported.Reasoning;
        if (reasoning is { } extra && LeavesReasoningOut(reported, dialect)) output += extra;
        return new Usage(
            Math.Max(0, prompt - cached - written),
            cached,
            written,
            output,
            reasoning is { } thinking ? Math.Min(thinking, output) : null,
            reported.Prompt is null || reported.Completion is null);
    }

    /// <summary>The answer's tokens, guessed from its bytes.</summary>
    internal static long EstimateTokens(long bytes) => (long)Math.Ceiling(bytes / 3.5);

    private static bool LeavesReasoningOut(in ChatUsage reported, Dialect dialect) =>
        dialect.CompletionExcludesReasoning
        || (reported.Reasoning > 0 && reported.Total - reported.Prompt - reported.Completion == reported.Reasoning);
}
