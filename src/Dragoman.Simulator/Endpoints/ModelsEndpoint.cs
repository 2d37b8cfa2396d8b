using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;
using Dragoman.Simulator.Requests;
using Dragoman.Simulator.Scenarios;

namespace Dragoman.Simulator.Endpoints;

/// <summary><c>GET /v1/models</c>, in vLLM's shape: OpenAI's fields, and <c>root</c>, <c>parent</c>, <c>max_model_len</c> beside them.</summary>
internal static class ModelsEndpoint
{
    private static readonly Lazy<Reply> List = new(() =>
        Reply.Json($$"""{"object":"list","data":[{{string.Join(',', ScenarioCatalogue.All.Select(Entry))}}]}"""));

    public static Reply All() => List.Value;

    public static Reply One(string id) => ScenarioCatalogue.Find(id) is { } found
        ? Reply.Json(Entry(found.Scenario))
        : ErrorReply.Of(404, $"The model '{id}' does not exist", param: "model", code: "model_not_found");

    private static string Entry(Scenario scenario) =>
        $$"""{"id":{{JsonReading.Quote(scenario.Name)}},"object":"model","created":{{Exchange.Created}},"owned_by":"dragoman-simulator","root":{{JsonReading.Quote(scenario.Parent ?? scenario.Name)}},"parent":{{(scenario.Parent is null ? "null" : JsonReading.Quote(scenario.Parent))}},"max_model_len":{{scenario.Rules.MaxModelLength}}}""";
}
