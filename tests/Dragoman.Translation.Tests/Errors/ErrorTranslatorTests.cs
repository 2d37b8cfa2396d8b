using System.Text;
using CsCheck;
using Dragoman.Protocol.Anthropic;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Errors;

/// <summary>The table of mapping.md section 10. (failures.md G3, G4)</summary>
public sealed class ErrorTranslatorTests
{
    private static readonly ErrorContext Context = new("claude-test", "local", 5000, null, 1000);

    [Theory]
    [InlineData(400, """{"error":{"message":"messages is empty","type":"invalid_request_error"}}""", 400, AnthropicErrorType.InvalidRequest, "local: messages is empty")]
    [InlineData(422, """{"detail":[{"loc":["body","messages",0,"role"],"msg":"field required","type":"value_error"}]}""", 400, AnthropicErrorType.InvalidRequest, "local: messages.0.role: field required")]
    [InlineData(422, """{"object":"error","message":{"detail":[{"loc":["body","n"],"msg":"bad"}]},"type":"invalid_request_error","code":3230}""", 400, AnthropicErrorType.InvalidRequest, "local: n: bad")]
    [InlineData(401, """{"error":{"message":"Incorrect API key provided: sk-abc"}}""", 502, AnthropicErrorType.Api, "local: the backend refused the gateway's credential.")]
    [InlineData(403, "<html>Forbidden</html>", 502, AnthropicErrorType.Api, "local: the backend refused the gateway access.")]
    [InlineData(402, """{"error":{"message":"Insufficient credits"}}""", 402, AnthropicErrorType.Billing, "local: Insufficient credits")]
    [InlineData(429, """{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}""", 402, AnthropicErrorType.Billing, "local: You exceeded your current quota")]
    [InlineData(429, """{"error":{"message":"Slow down","code":"rate_limit_exceeded"}}""", 429, AnthropicErrorType.RateLimit, "local: Slow down")]
    [InlineData(404, """{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}""", 404, AnthropicErrorType.NotFound, "model: claude-test")]
    [InlineData(400, """{"error":{"message":"The model `llama` has been decommissioned","code":"model_decommissioned"}}""", 404, AnthropicErrorType.NotFound, "model: claude-test")]
    [InlineData(404, """{"error":"model \"x\" not found, try pulling it first"}""", 404, AnthropicErrorType.NotFound, "model: claude-test")]
    [InlineData(404, "404 page not found", 502, AnthropicErrorType.Api, "local: the backend has no chat completions at its configured address.")]
    [InlineData(408, "", 504, AnthropicErrorType.Timeout, "local: the backend answered with status 408 and no explanation.")]
    [InlineData(409, """{"error":{"message":"busy"}}""", 409, AnthropicErrorType.Conflict, "local: busy")]
    [InlineData(413, "<html>nginx</html>", 413, AnthropicErrorType.RequestTooLarge, "local: the backend answered with status 413 and no explanation.")]
    [InlineData(500, """{"error":{"code":500,"message":"boom","type":"server_error"}}""", 500, AnthropicErrorType.Api, "local: boom")]
    [InlineData(502, "<!DOCTYPE html><title>Bad Gateway</title>", 502, AnthropicErrorType.Api, "local: the backend answered with status 502 and no explanation.")]
    [InlineData(503, """{"error":{"message":"Loading model","type":"unavailable_error"}}""", 529, AnthropicErrorType.Overloaded, "local: Loading model")]
    [InlineData(504, "upstream timed out", 504, AnthropicErrorType.Timeout, "local: upstream timed out")]
    [InlineData(500, """{"error":{"message":"The engine is currently overloaded"}}""", 529, AnthropicErrorType.Overloaded, "local: The engine is currently overloaded")]
    [InlineData(400, """[{"error":{"code":400,"message":"Invalid JSON payload","status":"INVALID_ARGUMENT"}}]""", 400, AnthropicErrorType.InvalidRequest, "local: Invalid JSON payload")]
    [InlineData(200, """{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"{\"error\":{\"message\":\"tokens per minute\"}}"}}}""", 429, AnthropicErrorType.RateLimit, "local: tokens per minute")]
    [InlineData(200, """{"error":"something broke"}""", 502, AnthropicErrorType.Api, "local: something broke")]
    [InlineData(400, """{"error":{"message":"tool call validation failed","code":"tool_use_failed","failed_generation":"[]"}}""", 400, AnthropicErrorType.InvalidRequest, "local: tool call validation failed")]
    [InlineData(301, "", 502, AnthropicErrorType.Api, "local: the backend answered with status 301 and no explanation.")]
    public void An_upstream_error_becomes_the_clients(int status, string body, int expectedStatus, AnthropicErrorType type, string message)
    {
        var error = ErrorTranslator.Translate(status, Encoding.UTF8.GetBytes(body), Context);
        Assert.Equal((expectedStatus, type, message), (error.Status, error.Error.Type, error.Error.Message));
    }

    [Theory]
    [InlineData("""{"error":{"message":"This model's maximum context length is 8192 tokens. However, you requested 9200 tokens (8700 in the messages, 500 in the completion). Please reduce the length of the messages or completion.","code":"context_length_exceeded"}}""", "prompt is too long: 8700 tokens > 8192 maximum")]
    [InlineData("""{"error":{"message":"This model's maximum context length is 8192 tokens. However, you requested 8500 tokens (8000 in the messages, 500 in the completion)."}}""", "input length and `max_tokens` exceed context limit: 8000 + 500 > 8192, decrease input length or `max_tokens` and try again")]
    [InlineData("""{"error":{"message":"This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (8000 in the messages, 500 in the functions, 500 in the completion)."}}""", "prompt is too long: 8500 tokens > 8192 maximum")]
    [InlineData("""{"error":{"message":"This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.","code":"context_length_exceeded"}}""", "prompt is too long: 130000 tokens > 128000 maximum")]
    [InlineData("""{"object":"error","message":"This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens. Please reduce the length of the input messages."}""", "prompt is too long: 5000 tokens > 4096 maximum")]
    [InlineData("""{"message":"'max_tokens' or 'max_completion_tokens' is too large: 20000. This model's maximum context length is 16384 tokens and your request has 10000 input tokens (20000 > 16384 - 10000). None"}""", "input length and `max_tokens` exceed context limit: 10000 + 20000 > 16384, decrease input length or `max_tokens` and try again")]
    [InlineData("""{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":8192}}""", "prompt is too long: 9000 tokens > 8192 maximum")]
    [InlineData("""{"object":"error","message":"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length"}""", "prompt is too long: 40000 tokens > 32768 maximum")]
    [InlineData("""[{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}]""", "prompt is too long: 1200000 tokens > 1048576 maximum")]
    [InlineData("""{"error":{"message":"Invalid request: Your request exceeded model token limit: 131072"}}""", "prompt is too long: 131073 tokens > 131072 maximum")]
    [InlineData("""{"error":{"message":"Range of input length should be [1, 129024]"}}""", "prompt is too long: 129025 tokens > 129024 maximum")]
    [InlineData("""{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 8000 `inputs` tokens and 500 `max_new_tokens`"}""", "input length and `max_tokens` exceed context limit: 8000 + 500 > 8193, decrease input length or `max_tokens` and try again")]
    [InlineData("""{"error":{"message":"This model's maximum prompt length is 131072 but the request contains 140000 tokens."}}""", "prompt is too long: 140000 tokens > 131072 maximum")]
    [InlineData("""{"message":"Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 5000 tokens: 4500 tokens from the input messages and 500 tokens for the completion."}""", "prompt is too long: 4500 tokens > 4096 maximum")]
    [InlineData("""{"error":{"message":"This endpoint's maximum context length is 128000 tokens. However, you requested about 140000 tokens (139000 of text input, 1000 in the output). Please reduce the length of either one"}}""", "prompt is too long: 139000 tokens > 128000 maximum")]
    [InlineData("""{"error":{"message":"prompt is too long: 219898 tokens > 200000 maximum"}}""", "prompt is too long: 219898 tokens > 200000 maximum")]
    [InlineData("""{"error":{"message":"Please reduce the length of the messages or completion."}}""", "prompt is too long: it exceeds the context window of the model.")]
    [InlineData("""{"error":{"message":"Request body too large for gpt-4o model. Max size: 8000 tokens.","code":"tokens_limit_reached"}}""", "prompt is too long: 8001 tokens > 8000 maximum")]
    public void A_full_window_is_said_in_the_words_that_claude_code_acts_on(string body, string message)
    {
        foreach (var status in new[] { 400, 413, 500 })
        {
            var error = ErrorTranslator.Translate(status, Encoding.UTF8.GetBytes(body), Context with { EstimatedInputTokens = 10 });
            Assert.Equal((400, AnthropicErrorType.InvalidRequest, message, UpstreamErrorKind.ContextTooLong), (error.Status, error.Error.Type, error.Error.Message, error.Kind));
        }
    }

    [Fact]
    public void Numbers_that_the_backend_does_not_give_are_estimated_and_configured()
    {
        var body = """{"error":{"message":"prompt too long; exceeded max context length by 119046 tokens (ref: 96164522-08b2)"}}"""u8;
        Assert.Equal(
            "prompt is too long: 319046 tokens > 200000 maximum",
            ErrorTranslator.Translate(400, body, Context with { ContextWindow = 200000 }).Error.Message);
        Assert.Equal(
            "prompt is too long: 210000 tokens > 200000 maximum",
            ErrorTranslator.Translate(400, """{"error":{"message":"context window exceeds limit"}}"""u8, Context with { ContextWindow = 200000, EstimatedInputTokens = 210000 }).Error.Message);
    }

    [Theory]
    [InlineData("""{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}}""", "max_tokens")]
    [InlineData("""{"error":{"message":"Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.","param":"temperature","code":"unsupported_value"}}""", "temperature")]
    [InlineData("""{"error":{"message":"Unsupported value: 'messages[0].role' does not support 'developer' with this model.","param":"messages[0].role","code":"unsupported_value"}}""", "messages.0.role")]
    [InlineData("""{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}""", "stream_options")]
    [InlineData("""{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","messages",2,"assistant","reasoning_content"],"msg":"Extra inputs are not permitted"}]}}""", "messages.2.assistant.reasoning_content")]
    [InlineData("""{"error":{"message":"Unrecognized request argument supplied: reasoning_effort"}}""", "reasoning_effort")]
    [InlineData("""{"error":{"message":"Unknown parameter: 'tools[0].defer_loading'."}}""", "tools.0.defer_loading")]
    [InlineData("""[{"error":{"message":"Invalid JSON payload received. Unknown name \"$schema\" at 'tools[0].function_declarations[0].parameters': Cannot find field."}}]""", "$schema")]
    [InlineData("""{"error":{"message":"property 'service_tier' is unsupported"}}""", "service_tier")]
    [InlineData("""{"error":"Argument not supported on this model: stop"}""", "stop")]
    [InlineData("""{"error":{"message":"json: unknown field \"parallel_tool_calls\""}}""", "parallel_tool_calls")]
    [InlineData("""{"error":{"message":"max_tokens is too large: 32000. This model supports at most 16384 completion tokens"}}""", "max_tokens")]
    [InlineData("""{"error":{"message":"`max_tokens` must be less than or equal to `8192`","param":"max_tokens"}}""", "max_tokens")]
    [InlineData("""{"error":{"message":"tool_choice 'required' is not supported by this model"}}""", "tool_choice")]
    [InlineData("""{"error":{"message":"This response_format type is unavailable now; json_schema is not supported"}}""", "response_format")]
    [InlineData("""{"error":{"message":"The reasoning_content in the thinking mode must be passed back to the API."}}""", "reasoning_content")]
    [InlineData("""{"error":{"message":"Missing `reasoning_content` field in the assistant message at message index 3"}}""", "reasoning_content")]
    [InlineData("""{"error":{"message":"thinking is not supported by this model"}}""", "thinking")]
    [InlineData("""{"error":{"message":"Conversation roles must alternate user/assistant/user/assistant/..."}}""", "alternation")]
    [InlineData("""{"object":"error","message":"Unexpected role 'user' after role 'tool'","code":"3230"}""", "alternation")]
    [InlineData("""{"error":{"message":"This model does not support image input"}}""", "image_url")]
    [InlineData("""{"error":{"message":"No endpoints found that support image input","code":404}}""", "image_url")]
    [InlineData("""{"error":{"message":"unknown variant `image_url`, expected `text`"}}""", "image_url")]
    [InlineData("""{"error":{"message":"failed to parse grammar"}}""", "grammar")]
    public void A_refused_parameter_is_recognised(string body, string parameter)
    {
        foreach (var status in new[] { 400, 422, 500, 404 })
        {
            var error = ErrorTranslator.Translate(status, Encoding.UTF8.GetBytes(body), Context);
            Assert.Equal((UpstreamErrorKind.RefusedParameter, parameter), (error.Kind, error.Parameter));
        }
    }

    [Theory]
    [InlineData("""{"error":{"message":"An assistant message with 'tool_calls' must be followed by tool messages","param":"messages.[2].role"}}""")]
    [InlineData("""{"error":{"message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"}}""")]
    [InlineData("""{"error":{"message":"messages is empty"}}""")]
    public void Other_faults_of_the_request_are_not_taken_for_a_refused_parameter(string body) =>
        Assert.NotEqual(UpstreamErrorKind.RefusedParameter, ErrorTranslator.Translate(400, Encoding.UTF8.GetBytes(body), Context).Kind);

    [Theory]
    [InlineData("""{"error":{"message":"filtered","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}""")]
    public void A_filtered_prompt_is_told_apart_so_that_the_session_survives(string body) =>
        Assert.Equal(UpstreamErrorKind.ContentFiltered, ErrorTranslator.Translate(400, Encoding.UTF8.GetBytes(body), Context).Kind);

    [Theory]
    [InlineData("see https://internal.example.com:8443/v1/x?key=1 for help")]
    [InlineData("connect to 10.1.2.3:8000 failed")]
    [InlineData("dial tcp gpu-7.cluster.local:8000: refused")]
    [InlineData("key sk-proj-abcdefghijklmnop is bad")]
    [InlineData("Bearer abcdefghijklmnop")]
    [InlineData("organization org-a1b2c3d4e5f6 has no access")]
    [InlineData("cannot open /srv/secret-models/llama.gguf")]
    public void Addresses_keys_and_accounts_of_the_backend_stay_here(string message)
    {
        foreach (var status in new[] { 400, 403, 429, 500 })
        {
            var told = ErrorTranslator.Translate(status, Encoding.UTF8.GetBytes($$$"""{"error":{"message":"{{{message}}}"}}"""), Context).Error.Message;
            foreach (var secret in new[] { "example.com", "10.1.2.3", "cluster.local", "abcdefgh", "a1b2c3d4e5f6", "secret-" })
                Assert.DoesNotContain(secret, told, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(401, false)]
    [InlineData(402, false)]
    [InlineData(404, false)]
    [InlineData(429, null)]
    [InlineData(500, null)]
    public void What_cannot_succeed_is_not_to_be_tried_again(int status, bool? shouldRetry) =>
        Assert.Equal(shouldRetry, ErrorTranslator.Translate(status, "nothing here"u8, Context).ShouldRetry);

    [Fact]
    public void Whatever_the_body_the_client_gets_an_error_of_its_own_shape() =>
        Gen.Select(Gen.Int[200, 599], Gen.OneOf(Gen.Byte.Array[0, 60], Gen.String[0, 60].Select(Encoding.UTF8.GetBytes),
            Gen.Select(Gen.String[0, 10], Gen.String[0, 10], static (a, b) => Encoding.UTF8.GetBytes($$$"""{"error":{"message":"{{{a}}}","code":{{{b.Length}}},"param":"{{{b}}}"}}""")))).Sample(static (status, body) =>
        {
            var error = ErrorTranslator.Translate(status, body, Context);
            return error.Status is >= 400 and < 600 && error.Error.Message.Length > 0;
        });
}
