using System.Globalization;
using System.Text;
using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Refusals before the first byte of an answer, in every vendor's shape (failures.md G3 to G9; openai-chat-completions.md 5 and 6.5).</summary>
internal static class ErrorScenarios
{
    public static ScenarioFamily Family { get; } = new(
        "Errors before the answer",
        "Each is the same for streamed and whole requests.",
        OpenAI("400", 400, "Invalid value for 'messages'.", param: "messages"),
        OpenAI("401", 401,
            "Incorrect API key provided: sk-simul************ated. You can find your API key at https://platform.openai.com/account/api-keys.",
            code: "invalid_api_key"),
        OpenAI("402", 402, "Insufficient credits. Add more at https://example.com/credits.", code: "insufficient_credits"),
        OpenAI("403", 403, "Country, region, or territory not supported", "request_forbidden",
            code: "unsupported_country_region_territory"),
        OpenAI("404", 404, "The model `sim/error-404` does not exist or you do not have access to it.", param: "model",
            code: "model_not_found"),
        OpenAI("408", 408, "The request timed out.", "timeout"),
        OpenAI("409", 409, "The resource is locked.", "conflict"),
        OpenAI("413", 413, "Request body too large.", "request_too_large"),
        OpenAI("422", 422, "Unprocessable entity."),
        OpenAI("429", 429, "Rate limit reached for requests. Please try again in 7s.", "requests", code: "rate_limit_exceeded",
            headers: [("Retry-After", "7"), ("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "7s")]),
        OpenAI("429-ms", 429, "Rate limit reached for tokens.", "tokens", code: "rate_limit_exceeded",
            headers: [("retry-after-ms", "1500")]),
        OpenAI("429-date", 429, "Rate limit reached.", "requests", code: "rate_limit_exceeded",
            headers: [("Retry-After", "Wed, 01 Jan 2031 00:00:00 GMT")]),
        OpenAI("429-plain", 429, "Rate limit reached.", "requests", code: "rate_limit_exceeded"),
        OpenAI("429-quota", 429, "You exceeded your current quota, please check your plan and billing details.", "insufficient_quota",
            code: "insufficient_quota") with { Rows = "G5" },
        OpenAI("500", 500, "The server had an error while processing your request. Sorry about that!", "server_error"),
        OpenAI("503", 503, "The engine is currently overloaded, please try again later.", "server_error", headers: [("Retry-After", "2")]),
        OpenAI("504", 504, "Upstream timed out.", "server_error"),
        OpenAI("529", 529, "Overloaded.", "overloaded_error"),
        OpenAI("content-filter", 400, "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
            "invalid_request_error", "prompt", "content_filter") with { Rows = "G18" },
        OpenAI("unsupported-parameter", 400,
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            "invalid_request_error", "max_tokens", "unsupported_parameter"),
        OpenAI("secrets", 500,
            "Traceback (most recent call last): File \"/srv/app/main.py\": connect to http://10.1.2.3:8000 failed, key sk-simulated-secret-0123456789, organization org-simulated",
            "server_error")
            with { Rows = "G3", Description = "500 whose message holds a key, an organisation, a private address and a stack trace." },
        Raw("502-html", 502, "text/html",
            "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
            "502 with an HTML page.", "G7"),
        Raw("503-html", 503, "text/html", "<html><body><h1>503 Service Unavailable</h1></body></html>", "503 with an HTML page.", "G7"),
        Raw("500-text", 500, "text/plain", "Internal Server Error", "500 with plain text."),
        Raw("500-empty", 500, null, "", "500 without body."),
        Raw("429-empty", 429, null, "", "429 without body."),
        Raw("500-cut-json", 500, "application/json", """{"error":{"message":"cut off""", "500 with JSON that breaks off."),
        Raw("octet-stream", 400, "application/octet-stream", ErrorReply.Body("Content type octet-stream, but JSON."),
            "400 as application/octet-stream (DeepSeek)."),
        Raw("mistral", 400, "application/json",
            """{"object":"error","message":"Unexpected role 'user' after role 'tool'","type":"invalid_request_error","param":null,"code":3230}""",
            "Mistral's and old vLLM's shape: no error member, a numeric code."),
        Raw("detail", 422, "application/json",
            """{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required","input":{}}]}""",
            "FastAPI's shape: detail is an array."),
        Raw("detail-text", 404, "application/json", """{"detail":"Not Found"}""", "FastAPI's shape: detail is a string."),
        Raw("gemini", 400, "application/json",
            """[{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"foo\".","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest"}]}}]""",
            "Gemini's shape: a JSON array, with a status word."),
        Raw("openrouter", 429, "application/json",
            """{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"model is temporarily rate-limited upstream","provider_name":"Sim"}},"user_id":"user_sim"}""",
            "OpenRouter's shape: the code is the status, the reason stands in metadata.raw."),
        Raw("llamacpp-loading", 503, "application/json", """{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}""",
            "llama.cpp while it loads.", headers: [("Connection", "close")]),
        Raw("llamacpp-500", 500, "application/json",
            """{"error":{"code":500,"message":"Failed to parse tool call arguments as JSON","type":"server_error"}}""",
            "llama.cpp: a 500 that is the request's fault."),
        Raw("text-error", 400, "application/json", """{"error":"model requires more system memory than is available"}""",
            "Ollama's native shape: error is a string."),
        Raw("message-only", 500, "application/json", """{"message":"An internal error occurred"}""", "A bare message member."),
        Raw("200", 200, "application/json", ErrorReply.Body("Upstream provider failed", "server_error"),
            "200 with an error body, for streamed and whole requests alike (OpenRouter).", "G7"),
        Raw("200-html", 200, "text/html", "<!doctype html><html><body>Please log in</body></html>", "200 with an HTML page.", "G7"),
        Raw("200-empty", 200, "application/json", "", "200 without a body.", "G7"),
        Raw("200-base-resp", 200, "application/json",
            """{"id":"x","choices":null,"base_resp":{"status_code":1004,"status_msg":"login fail: Please carry the API secret key"}}""",
            "200 with MiniMax's base_resp.", "G7"),
        Raw("200-no-choices", 200, "application/json", """{"id":"x","object":"chat.completion","created":0,"model":"m","choices":[]}""",
            "200 with an empty choices array.", "G7"),
        Raw("200-choice-error", 200, "application/json",
            """{"id":"x","object":"chat.completion","created":0,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"error","error":{"code":502,"message":"Upstream connection failed"}}]}""",
            "200 with an error inside the choice (OpenRouter).", "G7"),
        Raw("200-bad-json", 200, "application/json", """{"id":"x","choices":[{"message":{"content":"Hel""",
            "200 with JSON that breaks off.", "G7"),
        new Scenario("sim/error-redirect", "307 to another host.", _ =>
            new Reply { Status = 307, ContentType = null, Headers = [("Location", "http://127.0.0.1:9/v1/chat/completions")], Steps = [] }),
        new Scenario("sim/error-429-then-ok", "429 with Retry-After 1 once for a conversation, then the demonstration model.", e =>
            Once(e, ErrorReply.Of(429, "Rate limit reached.", "requests", null, "rate_limit_exceeded",
                    ("Retry-After", "1")))) { Rows = "G5" },
        new Scenario("sim/error-502-then-ok", "502 with an HTML page once for a conversation, then the demonstration model.", e =>
            Once(e, Reply.Whole("<html><body>502 Bad Gateway</body></html>", "text/html", 502))) { Rows = "G6" },
        new Scenario("sim/error-503-then-ok", "503 once for a conversation, then the demonstration model.", e =>
            Once(e, ErrorReply.Of(503, "Overloaded.", "server_error"))) { Rows = "G6" },
        new Scenario("sim/error-reset-then-ok", "A TCP reset once for a conversation, then the demonstration model.", e =>
            Once(e, new Reply { Steps = [new Step.Reset()] })) { Rows = "G14" },
        new Scenario("sim/error-json-for-stream", "A streamed request is answered by a whole answer.", e =>
            AnswerWriter.Whole(e, Speakers.TextThenTool(e), new WireForm())) { Rows = "G8" },
        new Scenario("sim/error-json-for-stream-reasoning", "The same, with reasoning and two calls.", e =>
            AnswerWriter.Whole(e, new Answer([.. Speakers.ThinkThenText(e).Parts, .. Speakers.AlwaysTwoTools(e).Parts]),
                new WireForm())) { Rows = "G8" },
        new Scenario("sim/error-stream-for-json", "A whole request is answered by a stream.", e =>
            AnswerWriter.Stream(e, Speakers.TextThenTool(e), new WireForm())) { Rows = "G9" });

    private static Scenario OpenAI(string name, int status, string message, string type = "invalid_request_error", string? param = null,
        string? code = null, params (string Name, string Value)[] headers) =>
        new("sim/error-" + name,
            string.Create(CultureInfo.InvariantCulture, $"{status} in OpenAI's shape: {(code is null ? type : $"{type}, code {code}")}."),
            _ => ErrorReply.Of(status, message, type, param, code, headers))
        { Rows = status == 429 ? "G3, G5" : "G3" };

    private static Scenario Raw(string name, int status, string? type, string body, string description, string rows = "G3",
        params (string Name, string Value)[] headers) =>
        new("sim/error-" + name, description, _ => new Reply { Status = status, ContentType = type, Headers = headers,
                Steps = body.Length == 0 ? [] : [new Step.Send(Encoding.UTF8.GetBytes(body))] }) { Rows = rows };

    private static Reply Once(Exchange exchange, Reply trouble) => exchange.Counters.Next(exchange.Request, exchange.Request.Model) == 0
        ? trouble : DemoModel.Reply(exchange, new WireForm());
}
