using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Dragoman.Testing.Native;

/// <summary>Bedrock's runtime: signatures are checked, models stand in paths, streams are messages with sums.</summary>
public sealed class BedrockDouble : ServiceDouble
{
    /// <summary>The key it knows.</summary>
    public const string KeyId = "AKIADOUBLE";

    /// <summary>Its secret.</summary>
    public const string Secret = "wJalrXUtnFEMI/double/EXAMPLEKEY";

    /// <summary>Goes with it.</summary>
    public const string SessionToken = "FwoGZXIvYXdzEDouble+/=";

    /// <summary>Where it is.</summary>
    public const string Region = "eu-central-1";

    /// <summary>The model it has: an inference profile, whose name holds a colon and slashes.</summary>
    public const string Model = "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc123";

    private readonly SignatureVerifier _signatures = new(KeyId, Secret, Region, "bedrock", SessionToken);

    /// <summary>Betas the model takes; others are refused without a name.</summary>
    public IReadOnlyList<string> Betas { get; set; } = ["interleaved-thinking-2025-05-14", "context-1m-2025-08-07"];

    /// <summary>It knows no <c>metadata</c>.</summary>
    public bool RefusesMetadata { get; set; }

    protected override async Task HandleAsync(HttpContext http, ReceivedCall call)
    {
        if (_signatures.Fault(call.Method, call.Target, call.Headers, call.Body, DateTimeOffset.UtcNow) is { } fault)
        {
            await ErrorAsync(http, 403, $"The request signature we calculated does not match the signature you provided: {fault}.");
            return;
        }

        var path = call.Target.Split('/');
        if (path is not ["", "model", var model, var action] || Uri.UnescapeDataString(model) != Model || call.Method != "POST")
        {
            await ErrorAsync(http, 400, "The provided model identifier is invalid.");
        }
        else if (action == "count-tokens")
        {
            var body = Encoding.UTF8.GetString(Convert.FromBase64String(call.Json["input"]!["invokeModel"]!["body"]!.GetValue<string>()));
            var wrong = Fault(JsonNode.Parse(body)!.AsObject());
            await (wrong is null ? AnswerAsync(http, """{"inputTokens":44}""") : ErrorAsync(http, 400, wrong));
        }
        else if (Fault(call.Json) is { } wrong)
        {
            await ErrorAsync(http, 400, wrong);
        }
        else if (Manner == Manner.Refuses)
        {
            await ErrorAsync(http, 429, "Too many requests, please wait before trying again.");
        }
        else if (action == "invoke")
        {
            await AnswerAsync(http, ClaudeAnswer.Whole("claude-on-bedrock"));
        }
        else
        {
            var stop = """{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":21,"outputTokenCount":42,"invocationLatency":1500,"firstByteLatency":500}}""";
            await StreamAsync(
                http,
                "application/vnd.amazon.eventstream",
                ClaudeAnswer.Frames(ClaudeAnswer.Before("claude-on-bedrock")),
                [ClaudeAnswer.Frames(ClaudeAnswer.FirstHalf), ClaudeAnswer.Frames(ClaudeAnswer.SecondHalf), ClaudeAnswer.Frames(stop)],
                EventStreamFrames.Exception("throttlingException", "Too many tokens, please wait before trying again."));
        }
    }

    private string? Fault(JsonObject body)
    {
        foreach (var member in new[] { "model", "stream" })
        {
            if (body.ContainsKey(member)) return $"Malformed input request: #: extraneous key [{member}] is not permitted, please reformat your input and try again.";
        }

        if (body["anthropic_version"]?.GetValue<string>() != "bedrock-2023-05-31") return "The model returned the following errors: anthropic_version: Field required";
        if (body["max_tokens"] is null) return "The model returned the following errors: max_tokens: Field required";
        if (RefusesMetadata && body.ContainsKey("metadata")) return "The model returned the following errors: metadata: Extra inputs are not permitted";
        if (body["anthropic_beta"] is JsonArray betas && betas.Any(beta => !Betas.Contains(beta!.GetValue<string>()))) return "The model returned the following errors: invalid beta flag";
        return AnthropicDouble.ForeignThinking(body) is { } place ? $"The model returned the following errors: {place}: Invalid `signature` in `thinking` block" : null;
    }

    private static Task ErrorAsync(HttpContext http, int status, string message) => AnswerAsync(http, $$"""{"message":"{{message}}"}""", status);
}
