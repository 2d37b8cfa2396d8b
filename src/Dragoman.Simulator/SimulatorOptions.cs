namespace Dragoman.Simulator;

/// <summary>How a simulated backend is started.</summary>
public sealed class SimulatorOptions
{
    /// <summary>Addresses to listen on, separated by semicolons. Port 0 takes a free one.</summary>
    public string Urls { get; set; } = "http://127.0.0.1:0";

    /// <summary>Time between two events of a streamed answer. Scenarios with a pace of their own keep it.</summary>
    public TimeSpan Pace { get; set; }

    /// <summary>False prints a line for each request on standard output.</summary>
    public bool Quiet { get; set; } = true;

    /// <summary>How many requests <see cref="SimulatorServer.Requests"/> remembers. 0 copies none, as load runs want it.</summary>
    public int JournalSize { get; set; } = 200;

    /// <summary>How many bytes of request bodies the journal holds; the oldest requests are forgotten first.</summary>
    public long JournalBytes { get; set; } = 64 << 20;

    /// <summary>The scenario that answers for model names that are no scenario's. Null refuses them: 404 <c>model_not_found</c>.</summary>
    public string? DefaultScenario { get; set; } = "sim/demo";

    /// <summary>A server to play: <c>vllm</c>, <c>sglang</c>, <c>llamacpp</c>, <c>ollama</c>, <c>lmstudio</c>, <c>openai</c> or <c>openrouter</c>. Its header,
    /// model list and pages are those of that server, and model names that are no scenario's are answered by the scenario of that name. Null plays none.</summary>
    public string? Server { get; set; }

    /// <summary>The key that callers must show as <c>Authorization: Bearer</c>. Null asks for none.</summary>
    public string? ApiKey { get; set; }
}
