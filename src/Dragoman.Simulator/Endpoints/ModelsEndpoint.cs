using Dragoman.Simulator.Replies;
using Dragoman.Simulator.Scenarios;

namespace Dragoman.Simulator.Endpoints;

/// <summary><c>GET /v1/models</c>: every scenario, in the shape of the server that is played.</summary>
internal sealed class ModelsEndpoint(ServerPersona persona)
{
    // A played server shows its own scenario first: clients take the first model for the usual one.
    private readonly Lazy<Reply> _list = new(() => Reply.Json(
        $$"""{"object":"list","data":[{{string.Join(',', ScenarioCatalogue.All.OrderBy(s => s.Name == "sim/" + persona.Name ? 0 : 1).Select(persona.Entry))}}]}"""));

    public Reply All() => _list.Value;

    public Reply One(string id) => ScenarioCatalogue.Find(id) is { } found
        ? Reply.Json(persona.Entry(found.Scenario))
        : ErrorReply.Of(404, $"The model '{id}' does not exist", param: "model", code: "model_not_found");
}
