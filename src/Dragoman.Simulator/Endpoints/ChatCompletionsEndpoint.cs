using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;
using Dragoman.Simulator.Requests;
using Dragoman.Simulator.Scenarios;

namespace Dragoman.Simulator.Endpoints;

/// <summary><c>POST /v1/chat/completions</c>: finds the scenario, checks the request by its rules, and lets it answer.</summary>
/// <param name="defaultScenario">Answers for other model names; null refuses them.</param>
internal sealed class ChatCompletionsEndpoint(string? defaultScenario)
{
    private readonly ConversationCounters _counters = new();
    private long _sequence;

    public Reply Answer(ReadOnlyMemory<byte> body)
    {
        if (BenchScenarios.Match(body.Span) is { } ready) return ready;
        if (RequestJson.Parse(body) is not { } root)
        {
            return ErrorReply.Of(400, "We could not parse the JSON body of your request.");
        }

        var model = root.StringAt("model") ?? "";
        if ((ScenarioCatalogue.Find(model) ?? Default()) is not { } found)
        {
            return ErrorReply.Of(404, $"The model `{model}` does not exist or you do not have access to it.", param: "model",
                code: "model_not_found");
        }

        var (scenario, number) = found;
        if (RequestValidator.Check(root, scenario.Rules) is { } fault) return Refuse(fault, scenario.Rules);
        var request = new ChatRequest(root);
        return scenario.Answer(new Exchange(request, Interlocked.Increment(ref _sequence), number, _counters));
    }

    private (Scenario Scenario, int Number)? Default() => defaultScenario is { } name ? ScenarioCatalogue.Find(name) : null;

    private static Reply Refuse(RequestFault fault, BackendRules rules) => Reply.Json(
        fault.Body ?? rules.FaultBody?.Invoke(fault) ?? ErrorReply.Body(fault.Message, fault.Type, fault.Param, fault.Code),
        fault.Status);
}
