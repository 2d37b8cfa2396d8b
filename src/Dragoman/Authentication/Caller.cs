using Dragoman.RateLimiting;
using Dragoman.Routing;

namespace Dragoman.Authentication;

/// <summary>Who calls, and what they may.</summary>
internal sealed class Caller
{
    /// <summary>Everyone, where no keys are configured.</summary>
    public static Caller Anonymous { get; } = new() { Name = "anonymous" };

    /// <summary>How logs and accounts call them.</summary>
    public required string Name { get; init; }

    /// <summary>Model names they may ask for, with <c>*</c> for any characters. Empty: all.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>What the accounts shall say of them.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>How much they may use.</summary>
    public LimitPolicy Limits { get; init; } = LimitPolicy.None;

    /// <summary>From then on they are refused; null: never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Whether they may ask for that name.</summary>
    /// <param name="model">As the route table found it, without the prefix of Claude Code's picker.</param>
    public bool MayUse(string model)
    {
        if (Models.Count == 0) return true;
        foreach (var pattern in Models)
        {
            if (Wildcard.IsMatch(pattern, model)) return true;
        }

        return false;
    }
}
