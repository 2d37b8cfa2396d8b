namespace Dragoman.Upstream.Native;

/// <summary>The betas a caller asks for.</summary>
internal static class CallerBetas
{
    private const int Most = 64;
    private const int Longest = 100;

    /// <summary>In the caller's order, each once.</summary>
    /// <remarks>Those of a login are left out: they tell how the caller is known to us, and the service knows us by our own
    /// credential.</remarks>
    public static IReadOnlyList<string> Of(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue("anthropic-beta", out var lines)) return [];
        var betas = new List<string>();
        foreach (var line in lines)
        {
            foreach (var beta in (line ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                var isWord = beta.Length <= Longest && beta.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
                if (isWord && betas.Count < Most && !beta.StartsWith("oauth-", StringComparison.Ordinal) && !betas.Contains(beta)) betas.Add(beta);
            }
        }

        return betas;
    }
}
