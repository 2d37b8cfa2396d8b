using System.Text.Json;

namespace Dragoman.Simulator.Requests;

/// <summary>Refuses what a strict backend refuses, so that a translator's faults show.</summary>
internal static class RequestValidator
{
    public static RequestFault? Check(JsonElement root, BackendRules rules)
    {
        if (root.ValueKind != JsonValueKind.Object) return new RequestFault("The request body must be a JSON object.");
        if (root.StringAt("model") is null) return new RequestFault("you must provide a model parameter", "model");
        return null;
    }
}
