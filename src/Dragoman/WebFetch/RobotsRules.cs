using Dragoman.Routing;

namespace Dragoman.WebFetch;

/// <summary>The part of a robots.txt that is for us (RFC 9309): the longest rule that matches counts, and of two as long the one that allows.</summary>
internal sealed class RobotsRules
{
    private const int MostRules = 2000;

    private readonly List<(string Pattern, bool Allows)> _rules = [];

    private RobotsRules()
    {
    }

    /// <summary>Nothing is forbidden.</summary>
    public static RobotsRules Everything { get; } = new();

    /// <summary>The word that robots.txt knows us by: the first of the user agent, up to its version.</summary>
    public static string AgentOf(string userAgent)
    {
        var end = 0;
        while (end < userAgent.Length && (char.IsAsciiLetter(userAgent[end]) || userAgent[end] is '-' or '_')) end++;
        return userAgent[..end];
    }

    /// <summary>Reads a file: the groups that name us, else those for everyone.</summary>
    public static RobotsRules Parse(string text, string agent)
    {
        var (ours, everyones) = (new RobotsRules(), new RobotsRules());
        var (isOurs, isEveryones, isNamed, inRules) = (false, false, false, true);
        foreach (var line in text.Split('\n'))
        {
            var content = line.Split('#')[0];
            var colon = content.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) continue;
            var value = content[(colon + 1)..].Trim();
            var key = content[..colon].Trim().ToLowerInvariant();
            switch (key)
            {
                case "user-agent":
                    if (inRules) (isOurs, isEveryones, inRules) = (false, false, false);
                    isEveryones |= value == "*";
                    isOurs |= agent.Length > 0 && value.Equals(agent, StringComparison.OrdinalIgnoreCase);
                    isNamed |= isOurs;
                    break;
                case "allow" or "disallow":
                    inRules = true;
                    if (isOurs) ours.Add(value, key == "allow");
                    if (isEveryones) everyones.Add(value, key == "allow");
                    break;
            }
        }

        return isNamed ? ours : everyones;
    }

    /// <summary>Whether a path, with its query, may be asked for.</summary>
    public bool Allows(string path)
    {
        var (length, allows) = (-1, true);
        foreach (var (pattern, ruleAllows) in _rules)
        {
            if (pattern.Length < length || (pattern.Length == length && !ruleAllows)) continue;
            if (Matches(pattern, path)) (length, allows) = (pattern.Length, ruleAllows);
        }

        return allows;
    }

    private static bool Matches(string pattern, string path) => pattern.EndsWith('$') ? Wildcard.IsMatch(pattern.AsSpan()[..^1], path) : Wildcard.IsMatch(pattern + Wildcard.Star, path);

    private void Add(string pattern, bool allows)
    {
        if (pattern.Length > 0 && _rules.Count < MostRules) _rules.Add((pattern, allows));
    }
}
