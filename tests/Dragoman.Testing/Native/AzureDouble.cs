using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Dragoman.Testing.Native;

/// <summary>Azure OpenAI, with Entra and the machine's identity service beside it.</summary>
public sealed class AzureDouble : ServiceDouble
{
    /// <summary>The key it knows.</summary>
    public const string Key = "azure-double-key";

    /// <summary>The deployment it has.</summary>
    public const string Deployment = "gpt deployment";

    /// <summary>The version it knows.</summary>
    public const string Version = "2024-10-21";

    /// <summary>The secret of the application.</summary>
    public const string ClientSecret = "entra~double.secret";

    /// <summary>The token it lends and takes.</summary>
    public const string Token = "eyJ.double.token";

    protected override async Task HandleAsync(HttpContext http, ReceivedCall call)
    {
        if (call.Target == "/tenant-1/oauth2/v2.0/token")
        {
            var form = new FormReader(Encoding.UTF8.GetString(call.Body)).ReadForm();
            var isRight = form["grant_type"] == "client_credentials" && form["client_id"] == "client-1" && form["client_secret"] == ClientSecret
                && form["scope"] == "https://cognitiveservices.azure.com/.default";
            await (isRight ? AnswerAsync(http, $$"""{"token_type":"Bearer","expires_in":3599,"access_token":"{{Token}}"}""") : AnswerAsync(http, """{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided for tenant-1."}""", 401));
        }
        else if (call.Target.StartsWith("/metadata/identity/oauth2/token?", StringComparison.Ordinal))
        {
            var isRight = call.Headers.GetValueOrDefault("metadata") == "true" && call.Target.Contains("resource=https%3A%2F%2Fcognitiveservices.azure.com", StringComparison.Ordinal);
            await (isRight ? AnswerAsync(http, $$"""{"access_token":"{{Token}}","expires_in":"3599","expires_on":"{{DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()}}","token_type":"Bearer"}""") : AnswerAsync(http, """{"error":"bad_request"}""", 400));
        }
        else if (call.Headers.GetValueOrDefault("api-key") != Key && call.Headers.GetValueOrDefault("authorization") != $"Bearer {Token}")
        {
            await AnswerAsync(http, """{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}}""", 401);
        }
        else if (call.Target != $"/openai/deployments/{Uri.EscapeDataString(Deployment)}/chat/completions?api-version={Version}" && call.Target != "/openai/v1/chat/completions")
        {
            await AnswerAsync(http, """{"error":{"code":"404","message":"Resource not found"}}""", 404);
        }
        else if (call.Json["stream"]?.GetValue<bool>() != true)
        {
            await AnswerAsync(http, """{"id":"c","object":"chat.completion","model":"gpt","prompt_filter_results":[],"choices":[{"index":0,"message":{"role":"assistant","content":"Hello from Azure"},"finish_reason":"stop","content_filter_results":{}}],"usage":{"prompt_tokens":11,"completion_tokens":4,"total_tokens":15}}""");
        }
        else
        {
            http.Response.ContentType = "text/event-stream";
            string[] chunks =
            [
                """{"id":"","object":"","model":"","choices":[],"prompt_filter_results":[{"prompt_index":0}]}""",
                """{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}""",
                """{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hello from Azure"}}]}""",
                """{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
                """{"id":"c","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":4,"total_tokens":15}}""",
                "[DONE]",
            ];
            foreach (var chunk in chunks) await http.Response.WriteAsync($"data: {chunk}\n\n", http.RequestAborted);
        }
    }
}
