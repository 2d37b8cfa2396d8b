using System.Diagnostics.CodeAnalysis;
using Dragoman.Upstream;

namespace Dragoman.Routing;

/// <summary>Names under which Claude Code shows foreign models in its picker.</summary>
/// <remarks>Its discovery keeps only ids that hold "claude" or "anthropic" (claude-code.md section 8), so to it alone the other models are listed as
/// <c>claude-gw-NAME</c>; asked for by that name, a model is found by the rest of it.</remarks>
internal static class DiscoveryAlias
{
    private const string Prefix = "claude-gw-";

    /// <summary>The list is for Claude Code's picker.</summary>
    public static bool IsWanted(string userAgent) =>
        userAgent.StartsWith("claude-code/", StringComparison.OrdinalIgnoreCase) || userAgent.StartsWith("claude-cli/", StringComparison.OrdinalIgnoreCase);

    /// <summary>The list with an alias in place of each id that discovery would leave out.</summary>
    public static IReadOnlyList<(Backend Backend, ListedModel Model)> Apply(IReadOnlyList<(Backend Backend, ListedModel Model)> models) =>
        [.. models.Select(entry => IsKept(entry.Model.Id)
            ? entry
            : (entry.Backend, entry.Model with { Id = Prefix + entry.Model.Id, DisplayName = entry.Model.DisplayName ?? entry.Model.Id }))];

    /// <summary>The model that an alias stands for; false if the name is none.</summary>
    public static bool TryResolve(string name, [NotNullWhen(true)] out string? model)
    {
        model = name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && name.Length > Prefix.Length ? name[Prefix.Length..] : null;
        return model is not null;
    }

    private static bool IsKept(string id) =>
        id.Contains("claude", StringComparison.OrdinalIgnoreCase) || id.Contains("anthropic", StringComparison.OrdinalIgnoreCase);
}
