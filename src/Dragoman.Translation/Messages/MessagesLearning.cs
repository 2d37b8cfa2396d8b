using System.Text.RegularExpressions;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Messages;

/// <summary>What refusals have taught of one model of a service that speaks the Messages API.</summary>
public sealed record MessagesLessons
{
    /// <summary>Nothing was learned.</summary>
    public static MessagesLessons None { get; } = new();

    /// <summary>Members of a request that are left out.</summary>
    public IReadOnlyList<string> RefusedMembers { get; init; } = [];

    /// <summary>Betas that are left out.</summary>
    public IReadOnlyList<string> RefusedBetas { get; init; } = [];

    /// <summary>If not null, no other betas are named.</summary>
    public IReadOnlyList<string>? OnlyBetas { get; init; }

    /// <summary>Of what a caller names, what may be said here.</summary>
    public IReadOnlyList<string> Allowed(IReadOnlyList<string> betas) =>
        RefusedBetas.Count == 0 && OnlyBetas is null
            ? betas
            : [.. betas.Where(beta => !RefusedBetas.Contains(beta) && OnlyBetas?.Contains(beta) != false)];
}

/// <summary>Learns from a refused request what to leave out next time.</summary>
/// <remarks>Bedrock and Vertex lag behind Anthropic, model by model: a beta that one model takes, the next refuses, without saying which it
/// was. A table would be out of date the day it is written; so everything is said, and a refusal is learned from.</remarks>
public static partial class MessagesLearning
{
    /// <summary>What a request can do without: it tunes cost or speed, or tells of things that the service has no use for.</summary>
    private static readonly string[] Dispensable =
    [
        "metadata", "service_tier", "inference_geo", "context_management", "output_config", "speed", "cache_control", "safeguards", "fallbacks", "diagnostics", "container",
    ];

    /// <summary>Narrower and narrower: what Amazon's documentation names, what even the strictest model has taken, none.</summary>
    private static readonly string[][] Fallbacks =
    [
        [
            "computer-use-2024-10-22", "computer-use-2025-01-24", "computer-use-2025-11-24", "token-efficient-tools-2025-02-19", "interleaved-thinking-2025-05-14",
            "output-128k-2025-02-19", "dev-full-thinking-2025-05-14", "context-1m-2025-08-07", "context-management-2025-06-27", "effort-2025-11-24",
            "tool-search-tool-2025-10-19", "tool-examples-2025-10-29", "compact-2026-01-12",
        ],
        ["interleaved-thinking-2025-05-14"],
        [],
    ];

    /// <summary>What <paramref name="error"/> teaches; null if it is about nothing that can be left out.</summary>
    /// <param name="known">What was known when the request was written.</param>
    /// <param name="betas">The betas that it named.</param>
    /// <param name="error">The refusal.</param>
    /// <param name="what">One phrase for the log, such as <c>does not take metadata</c>.</param>
    public static MessagesLessons? Learn(MessagesLessons known, IReadOnlyList<string> betas, TranslatedError error, out string what)
    {
        what = "";
        if (error.Status != 400) return null;
        var message = error.Error.Message;
        if (Member().Match(message) is { Success: true } member)
        {
            var name = member.Groups["name"].Value;
            if (!Dispensable.Contains(name) || known.RefusedMembers.Contains(name)) return null;
            what = "does not take " + name;
            return known with { RefusedMembers = [.. known.RefusedMembers, name] };
        }

        if (betas.Count == 0 || !Beta().IsMatch(message)) return null;
        string[] named = [.. betas.Where(beta => message.Contains(beta, StringComparison.Ordinal))];
        if (named.Length > 0)
        {
            what = "does not take the betas " + string.Join(", ", named);
            return known with { RefusedBetas = [.. known.RefusedBetas, .. named] };
        }

        var narrower = Fallbacks.First(fallback => betas.Any(beta => !fallback.Contains(beta)));
        what = narrower.Length == 0 ? "takes no betas" : "takes fewer betas than were named";
        return known with { OnlyBetas = narrower };
    }

    [GeneratedRegex(@"(?:(?<![\w.])(?<name>[a-z_]+):? [Ee]xtra inputs are not permitted|extraneous key \[(?<name>[a-z_]+)\] is not permitted)")]
    private static partial Regex Member();

    [GeneratedRegex("(?i:beta flag|anthropic[-_]beta|beta header)")]
    private static partial Regex Beta();
}
