using System.Globalization;

namespace Dragoman.Commands;

/// <summary>What Claude Code is told by its environment so that it talks to this gateway, and to nobody else (claude-code.md sections 1, 5.3 and 9).</summary>
/// <param name="Gateway">The gateway's address.</param>
/// <param name="Token">What the client shows the gateway; never a backend's key.</param>
/// <param name="Model">The model's name for what Claude Code calls opus, sonnet and fable; null leaves Claude Code's own names.</param>
/// <param name="SmallModel">The model's name for background work; null leaves Claude Code's own.</param>
/// <param name="ContextWindow">Prompt and answer together, in tokens; null if unknown.</param>
/// <param name="MaxOutputTokens">Longest answer, in tokens; null if unknown.</param>
internal sealed record ClaudeEnvironment(Uri Gateway, string Token, string? Model, string? SmallModel, int? ContextWindow, int? MaxOutputTokens)
{
    /// <summary>Below this window an answer of the usual 32,000 tokens would leave too little for the prompt.</summary>
    private const int SmallWindow = 128_000;

    /// <summary>Share of a small window that is kept for the answer.</summary>
    private const int AnswerShare = 4;

    /// <summary>Ways around the gateway: other credentials, other providers.</summary>
    private static readonly string[] Removed =
    [
        "ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_UNIX_SOCKET",
        "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY", "CLAUDE_CODE_USE_MANTLE",
        "CLAUDE_CODE_USE_ANTHROPIC_AWS", "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD", "CLAUDE_CODE_USE_GATEWAY",
        // Meant for our own sockets; the programs that Claude Code runs are not to inherit it.
        "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS",
    ];

    /// <summary>Changes the environment that Claude Code would inherit. What a person has set on purpose stays, unless it would lead past the gateway.</summary>
    public void ApplyTo(IDictionary<string, string?> environment)
    {
        foreach (var name in Removed)
            environment.Remove(name);
        environment["ANTHROPIC_BASE_URL"] = Gateway.ToString().TrimEnd('/');
        environment["ANTHROPIC_AUTH_TOKEN"] = Token;
        KeepFromProxies(environment);

        foreach (var name in (string[])["ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_DEFAULT_FABLE_MODEL"])
            Suggest(environment, name, Model);
        foreach (var name in (string[])["ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_SMALL_FAST_MODEL"])
            Suggest(environment, name, SmallModel);

        // Of a model it does not know Claude Code assumes a window of a million tokens, and compacts too late.
        Suggest(environment, "CLAUDE_CODE_MAX_CONTEXT_TOKENS", ContextWindow);
        Suggest(environment, "CLAUDE_CODE_AUTO_COMPACT_WINDOW", ContextWindow);
        Suggest(environment, "CLAUDE_CODE_MAX_OUTPUT_TOKENS", LongestAnswer());

        // A person who runs a model of their own expects no calls to anywhere else.
        Suggest(environment, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
        Suggest(environment, "CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL", "1");
    }

    private int? LongestAnswer() => (ContextWindow, MaxOutputTokens) switch
    {
        (< SmallWindow and var window, var most) => Math.Min(window / AnswerShare, most ?? int.MaxValue),
        (_, var most) => most,
    };

    /// <summary>Claude Code would ask a proxy for the gateway on this machine as well.</summary>
    private void KeepFromProxies(IDictionary<string, string?> environment)
    {
        foreach (var name in (string[])["NO_PROXY", "no_proxy"])
        {
            var hosts = environment.TryGetValue(name, out var value) ? value : null;
            if (hosts is null || !hosts.Contains(Gateway.Host, StringComparison.OrdinalIgnoreCase))
                environment[name] = string.IsNullOrEmpty(hosts) ? Gateway.Host : $"{hosts},{Gateway.Host}";
        }
    }

    private static void Suggest(IDictionary<string, string?> environment, string name, int? value) =>
        Suggest(environment, name, value?.ToString(CultureInfo.InvariantCulture));

    private static void Suggest(IDictionary<string, string?> environment, string name, string? value)
    {
        if (value is not null && (!environment.TryGetValue(name, out var chosen) || string.IsNullOrEmpty(chosen)))
            environment[name] = value;
    }
}
