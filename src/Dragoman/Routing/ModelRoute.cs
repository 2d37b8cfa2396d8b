using Dragoman.Configuration;

namespace Dragoman.Routing;

/// <summary>One row of the route table: the model names it is for, and where they go.</summary>
/// <param name="Pattern">A name in which <c>*</c> stands for any characters.</param>
/// <param name="Targets">In order of preference.</param>
internal sealed record ModelRoute(string Pattern, IReadOnlyList<ModelTargetOptions> Targets)
{
    /// <summary>Whether the row is for that name.</summary>
    public bool Matches(string model) => Matches(Pattern, model);

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        // Every part between stars is looked for once, from left to right: no backtracking that a long name could blow up.
        var star = pattern.IndexOf('*');
        if (star < 0) return name.SequenceEqual(pattern);
        if (!name.StartsWith(pattern[..star], StringComparison.Ordinal)) return false;
        name = name[star..];
        pattern = pattern[(star + 1)..];
        while ((star = pattern.IndexOf('*')) >= 0)
        {
            var found = name.IndexOf(pattern[..star], StringComparison.Ordinal);
            if (found < 0) return false;
            name = name[(found + star)..];
            pattern = pattern[(star + 1)..];
        }

        return name.EndsWith(pattern, StringComparison.Ordinal);
    }
}
