using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Dragoman.Testing.Native;

/// <summary>Anthropic's own API.</summary>
public sealed class AnthropicDouble : ServiceDouble
{
    /// <summary>The key it knows.</summary>
    public const string Key = "sk-ant-api03-double";

    /// <summary>The model it has.</summary>
    public const string Model = "claude-upstream-4-20260101";

    protected override async Task HandleAsync(HttpContext http, ReceivedCall call)
    {
        if (call.Headers.GetValueOrDefault("x-api-key") != Key)
        {
            await ErrorAsync(http, 401, "authentication_error", "invalid x-api-key");
        }
        else if (!call.Headers.ContainsKey("anthropic-version"))
        {
            await ErrorAsync(http, 400, "invalid_request_error", "anthropic-version: header is required");
        }
        else if (call.Target.StartsWith("/v1/models", StringComparison.Ordinal))
        {
            await AnswerAsync(http, $$"""{"data":[{"type":"model","id":"{{Model}}","display_name":"Claude Upstream 4","created_at":"2026-01-01T00:00:00Z","max_input_tokens":200000}],"has_more":false,"first_id":"{{Model}}","last_id":"{{Model}}"}""");
        }
        else if (call.Json["model"]?.GetValue<string>() is var model && model != Model)
        {
            await ErrorAsync(http, 404, "not_found_error", $"model: {model}");
        }
        else if (ForeignThinking(call.Json) is { } place)
        {
            await ErrorAsync(http, 400, "invalid_request_error", $"{place}: Invalid `signature` in `thinking` block");
        }
        else if (Manner == Manner.Refuses)
        {
            http.Response.Headers.RetryAfter = "7";
            await ErrorAsync(http, 529, "overloaded_error", "Overloaded");
        }
        else if (call.Target == "/v1/messages/count_tokens")
        {
            await AnswerAsync(http, """{"input_tokens":33}""");
        }
        else if (call.Target != "/v1/messages")
        {
            await ErrorAsync(http, 404, "not_found_error", "Not Found");
        }
        else if (call.Json["stream"]?.GetValue<bool>() != true)
        {
            await AnswerAsync(http, ClaudeAnswer.Whole(Model));
        }
        else
        {
            await StreamAsync(
                http,
                "text/event-stream; charset=utf-8",
                ClaudeAnswer.Sse(ClaudeAnswer.Before(Model)),
                [ClaudeAnswer.Sse(ClaudeAnswer.FirstHalf), ClaudeAnswer.Sse(ClaudeAnswer.SecondHalf), ClaudeAnswer.Sse(ClaudeAnswer.Stop)],
                ClaudeAnswer.Sse("""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"""));
        }
    }

    /// <summary>Where thinking stands that this service never did; null if nowhere.</summary>
    internal static string? ForeignThinking(JsonObject request)
    {
        var messages = request["messages"]!.AsArray();
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i]!["content"] is not JsonArray blocks) continue;
            for (var j = 0; j < blocks.Count; j++)
            {
                if (blocks[j]!["type"]?.GetValue<string>() == "thinking" && blocks[j]!["signature"]?.GetValue<string>() != ClaudeAnswer.Signature) return $"messages.{i}.content.{j}";
            }
        }

        return null;
    }

    private static Task ErrorAsync(HttpContext http, int status, string type, string message) =>
        AnswerAsync(http, $$"""{"type":"error","error":{"type":"{{type}}","message":"{{message}}"},"request_id":"req_011Double"}""", status);
}
