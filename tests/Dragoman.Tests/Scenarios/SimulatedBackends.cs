using Dragoman.Configuration;
using Dragoman.Simulator;
using Dragoman.Tests.Corpus;

namespace Dragoman.Tests.Scenarios;

/// <summary>A gateway of little patience in front of the simulated backend with all its scenarios.</summary>
public sealed class SimulatedBackends : IAsyncLifetime
{
    /// <summary>What no caller may learn: the backend's key, and what one scenario's error lets slip.</summary>
    internal static readonly string[] Secrets = ["sk-upstream-secret", "sk-proj-", "org-", "10.0.", "192.168.", "Traceback", "   at "];

    private SimulatorServer? _simulator;
    private TestGateway? _gateway;

    public async ValueTask InitializeAsync()
    {
        _simulator = await SimulatorApp.StartAsync(new SimulatorOptions(), TestContext.Current.CancellationToken);
        var backend = new BackendOptions { Name = "simulated", Url = BackendOptions.ParseUrl(_simulator.BaseAddress.ToString()), Dialect = "generic", ApiKey = "sk-upstream-secret" };
        _gateway = await TestGateway.StartAsync(backend, options => options with
        {
            Routes = [new ModelRouteOptions { Model = "*", To = [new ModelTargetOptions("simulated")] }],
            Timeouts = options.Timeouts with { FirstEvent = TimeSpan.FromSeconds(1.5), Idle = TimeSpan.FromSeconds(1.5), Commit = TimeSpan.FromSeconds(0.5), Ping = TimeSpan.FromSeconds(0.5) },
        });
    }

    /// <summary>The backend's host and port.</summary>
    internal string BackendAuthority => _simulator!.BaseAddress.Authority;

    /// <summary>The second turn of a conversation with tools, put to a scenario.</summary>
    internal async Task<ClientAnswer> AskAsync(string scenario, bool stream, CancellationToken ct)
    {
        var body = $$$"""
            {
              "model": "{{{scenario}}}", "max_tokens": 2000, "stream": {{{(stream ? "true" : "false")}}}, "thinking": {"type": "adaptive"}, "stop_sequences": ["HALT"],
              "system": [{"type": "text", "text": "You stand at the gate.", "cache_control": {"type": "ephemeral"}}],
              "tools": [
                {"name": "Read", "description": "Reads a file", "input_schema": {"type": "object", "properties": {"file_path": {"type": "string"}}, "required": ["file_path"]} },
                {"name": "Bash", "description": "Runs a command", "input_schema": {"type": "object", "properties": {"command": {"type": "string"}, "timeout": {"type": "number"}}, "required": ["command"]} }
              ],
              "messages": [
                {"role": "user", "content": "Who is there?"},
                {"role": "assistant", "content": [{"type": "text", "text": "A caravan."}]},
                {"role": "user", "content": "Let them in."}
              ]
            }
            """;
        using var response = await _gateway!.PostAsync(body, cancellation: ct);
        Assert.NotEmpty(response.Headers.GetValues("request-id"));
        return await ClientAnswer.ReadAsync(response, ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null) await _gateway.DisposeAsync();
        if (_simulator is not null) await _simulator.DisposeAsync();
    }
}
