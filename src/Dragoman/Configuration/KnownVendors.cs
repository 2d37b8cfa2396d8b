namespace Dragoman.Configuration;

/// <summary>A vendor whose key in the environment is a whole configuration.</summary>
/// <param name="Name">The backend's name.</param>
/// <param name="KeyVariables">Environment variables that hold its key; the first that is set counts.</param>
/// <param name="Url">Where it is.</param>
/// <param name="Dialect">The preset that fits.</param>
/// <param name="UrlVariable">Environment variable that may name another address; null if there is none.</param>
internal sealed record KnownVendor(string Name, string[] KeyVariables, string Url, string Dialect, string? UrlVariable = null);

/// <summary>Backends that the environment tells of.</summary>
internal static class KnownVendors
{
    /// <summary>In the order in which they are preferred.</summary>
    public static IReadOnlyList<KnownVendor> All { get; } =
    [
        new("openai", ["OPENAI_API_KEY"], "https://api.openai.com/v1", "openai", "OPENAI_BASE_URL"),
        new("openrouter", ["OPENROUTER_API_KEY"], "https://openrouter.ai/api/v1", "openrouter"),
        new("deepseek", ["DEEPSEEK_API_KEY"], "https://api.deepseek.com/v1", "deepseek"),
        new("moonshot", ["MOONSHOT_API_KEY"], "https://api.moonshot.ai/v1", "moonshot"),
        new("zai", ["ZAI_API_KEY", "Z_AI_API_KEY"], "https://api.z.ai/api/paas/v4", "zai"),
        new("minimax", ["MINIMAX_API_KEY"], "https://api.minimax.io/v1", "minimax"),
        new("qwen", ["DASHSCOPE_API_KEY"], "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "qwen"),
        new("groq", ["GROQ_API_KEY"], "https://api.groq.com/openai/v1", "groq"),
        new("mistral", ["MISTRAL_API_KEY"], "https://api.mistral.ai/v1", "mistral"),
        new("xai", ["XAI_API_KEY"], "https://api.x.ai/v1", "xai"),
        new("together", ["TOGETHER_API_KEY"], "https://api.together.xyz/v1", "together"),
        new("fireworks", ["FIREWORKS_API_KEY"], "https://api.fireworks.ai/inference/v1", "fireworks"),
        new("cerebras", ["CEREBRAS_API_KEY"], "https://api.cerebras.ai/v1", "cerebras"),
        new("gemini", ["GEMINI_API_KEY"], "https://generativelanguage.googleapis.com/v1beta/openai", "gemini"),
    ];

    /// <summary>Backends for the keys and addresses that are set.</summary>
    /// <exception cref="ConfigurationException">An address that is none.</exception>
    public static IReadOnlyList<BackendOptions> FromEnvironment(Func<string, string?> variable)
    {
        var found = new List<BackendOptions>();
        foreach (var vendor in All)
        {
            var key = vendor.KeyVariables.Select(variable).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));
            var url = vendor.UrlVariable is null ? null : variable(vendor.UrlVariable);
            if (string.IsNullOrWhiteSpace(url)) url = null;
            if (key is null && url is null) continue;
            found.Add(new BackendOptions
            {
                Name = vendor.Name,
                Url = BackendOptions.ParseUrl(url ?? vendor.Url),
                // Whatever stands at an address of the operator's own shows what it is by itself.
                Dialect = url is null ? vendor.Dialect : "auto",
                ApiKey = key?.Trim(),
            });
        }

        return found;
    }
}
