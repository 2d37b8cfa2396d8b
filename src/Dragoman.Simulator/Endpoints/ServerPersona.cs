using Dragoman.Simulator.Model;
using Dragoman.Simulator.Requests;
using Dragoman.Simulator.Scenarios;

namespace Dragoman.Simulator.Endpoints;

/// <summary>What a server tells about itself beside its answers: its header, its list of models, and pages of its own. Gateways recognise a backend by it.</summary>
/// <param name="Name">As in <see cref="SimulatorOptions.Server"/>.</param>
/// <param name="Header">The <c>Server</c> header, or null.</param>
/// <param name="OwnedBy"><c>owned_by</c> of every model.</param>
/// <param name="ModelMembers">What an entry of the model list has beside id, object, created and owned_by: members with a comma before each.</param>
internal sealed record ServerPersona(string Name, string? Header, string OwnedBy, Func<Scenario, string> ModelMembers)
{
    /// <summary>Answers to <c>GET</c>, by path.</summary>
    public IReadOnlyDictionary<string, string> Pages { get; init; } = new Dictionary<string, string>();

    /// <summary>The simulator as itself: vLLM's members, an owner of its own.</summary>
    public static ServerPersona Simulator { get; } = new("simulator", null, "dragoman-simulator", VllmMembers);

    /// <summary>The servers that can be played. Each has a scenario of its name.</summary>
    public static IReadOnlyList<ServerPersona> All { get; } =
    [
        new("vllm", "uvicorn", "vllm", VllmMembers) { Pages = Page("/version", """{"version":"0.14.0"}""") },
        new("sglang", "uvicorn", "sglang", s =>
            $",\"root\":{JsonReading.Quote(s.Name)},\"parent\":null,\"max_model_len\":{s.Rules.MaxModelLength}")
        {
            Pages = Page("/get_model_info", """{"model_path":"simulated","is_generation":true}"""),
        },
        new("llamacpp", "llama.cpp", "llamacpp", s =>
            $$""","meta":{"vocab_type":1,"n_vocab":32000,"n_ctx_train":{{s.Rules.MaxModelLength}},"n_embd":1024,"n_params":1000000,"size":4000000}""")
        {
            Pages = Page("/props",
                """{"default_generation_settings":{"n_ctx":131072},"total_slots":1,"model_path":"simulated.gguf","modalities":{"vision":false,"audio":false},"chat_template":"","build_info":"b10470-sim"}"""),
        },
        new("ollama", null, "library", _ => "") { Pages = Page("/api/version", """{"version":"0.14.0"}""") },
        new("lmstudio", null, "organization_owner", _ => ""),
        new("openai", "cloudflare", "system", _ => ""),
        new("openrouter", "cloudflare", "", s =>
            $$""","name":{{JsonReading.Quote(s.Name)}},"context_length":{{s.Rules.MaxModelLength}},"pricing":{"prompt":"0","completion":"0"},"top_provider":{"context_length":{{s.Rules.MaxModelLength}},"max_completion_tokens":32768,"is_moderated":false}"""),
    ];

    public static ServerPersona? Find(string? name) => name is null ? Simulator : All.FirstOrDefault(p => p.Name == name);

    /// <summary>An entry of the model list.</summary>
    public string Entry(Scenario scenario)
    {
        var owner = OwnedBy.Length == 0 ? "" : $",\"owned_by\":\"{OwnedBy}\"";
        return $"{{\"id\":{JsonReading.Quote(scenario.Name)},\"object\":\"model\",\"created\":{Exchange.Created}{owner}{ModelMembers(scenario)}}}";
    }

    private static string VllmMembers(Scenario scenario)
    {
        var parent = scenario.Parent is null ? "null" : JsonReading.Quote(scenario.Parent);
        return $",\"root\":{JsonReading.Quote(scenario.Parent ?? scenario.Name)},\"parent\":{parent},\"max_model_len\":{scenario.Rules.MaxModelLength}";
    }

    private static Dictionary<string, string> Page(string path, string json) => new(StringComparer.Ordinal) { [path] = json };
}
