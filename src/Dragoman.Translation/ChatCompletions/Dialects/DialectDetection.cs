namespace Dragoman.Translation.ChatCompletions;

/// <summary>What can be seen of a backend before the first request.</summary>
/// <param name="Host">Host of its address.</param>
/// <param name="Port">Port of its address.</param>
/// <param name="Server">Its <c>Server</c> header, or null.</param>
/// <param name="OwnedBy"><c>owned_by</c> of its first listed model, or null.</param>
/// <param name="ModelMembers">Names of the members of its first listed model.</param>
public sealed record BackendTraits(string Host, int Port, string? Server = null, string? OwnedBy = null, IReadOnlyCollection<string>? ModelMembers = null);

/// <summary>Which preset fits a backend for which <c>dialect: auto</c> was configured.</summary>
public static class DialectDetection
{
    private static readonly (string Domain, string Dialect)[] Hosts =
    [
        ("openai.azure.com", "azure-openai"), ("cognitiveservices.azure.com", "azure-openai"), ("services.ai.azure.com", "azure-openai"),
        ("api.openai.com", "openai"), ("openrouter.ai", "openrouter"), ("deepseek.com", "deepseek"),
        ("moonshot.ai", "moonshot"), ("moonshot.cn", "moonshot"), ("kimi.com", "moonshot"),
        ("z.ai", "zai"), ("bigmodel.cn", "zai"), ("minimax.io", "minimax"), ("minimaxi.com", "minimax"), ("minimax.chat", "minimax"),
        ("aliyuncs.com", "qwen"), ("groq.com", "groq"), ("mistral.ai", "mistral"), ("x.ai", "xai"),
        ("together.xyz", "together"), ("together.ai", "together"), ("fireworks.ai", "fireworks"), ("cerebras.ai", "cerebras"),
        ("generativelanguage.googleapis.com", "gemini"),
    ];

    private static readonly (string OwnedBy, string Dialect)[] Owners =
    [
        ("vllm", "vllm"), ("sglang", "sglang"), ("llamacpp", "llama.cpp"), ("library", "ollama"), ("organization_owner", "lmstudio"),
    ];

    /// <summary>The best fitting preset; <see cref="Dialects.Generic"/> if nothing speaks for another.</summary>
    /// <remarks>A vendor's host decides first; then what a self-run server says of itself; a usual port only says what to call a server that says nothing.</remarks>
    public static Dialect Detect(BackendTraits traits) =>
        Preset(FromHost(traits.Host) ?? FromServer(traits.Server) ?? FromModels(traits) ?? FromPort(traits));

    private static Dialect Preset(string? name) => (name is null ? null : Dialects.Find(name)) ?? Dialects.Generic;

    private static string? FromHost(string host)
    {
        foreach (var (domain, dialect) in Hosts)
        {
            if (host.Equals(domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase))
                return dialect;
        }
        return null;
    }

    private static string? FromServer(string? server) => server switch
    {
        null => null,
        _ when server.Contains("llama.cpp", StringComparison.OrdinalIgnoreCase) => "llama.cpp",
        _ when server.Contains("sglang", StringComparison.OrdinalIgnoreCase) => "sglang",
        _ when server.Contains("vllm", StringComparison.OrdinalIgnoreCase) => "vllm",
        _ when server.Contains("ollama", StringComparison.OrdinalIgnoreCase) => "ollama",
        _ => null,
    };

    private static string? FromModels(BackendTraits traits)
    {
        foreach (var (owner, dialect) in Owners)
        {
            if (string.Equals(traits.OwnedBy, owner, StringComparison.OrdinalIgnoreCase))
                return dialect;
        }
        var members = traits.ModelMembers;
        if (members is null)
            return null;
        if (members.Contains("pricing") && members.Contains("top_provider"))
            return "openrouter";
        // vLLM behind a proxy that renames its owner still shows the pair; the parent is a LoRA adapter's base model.
        return members.Contains("max_model_len") && members.Contains("parent") ? "vllm" : null;
    }

    private static string? FromPort(BackendTraits traits) =>
        // Only where the server listed models but did not say what it is: a proxy on that port is more likely generic.
        traits is { OwnedBy: null, Port: 11434 } ? "ollama" : null;
}
