using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Dragoman.Testing.Native;

/// <summary>Vertex AI and the token service before it: an assertion signed by the account's key is exchanged for a token, and only that
/// opens the models.</summary>
public sealed class VertexDouble : ServiceDouble
{
    /// <summary>The project it knows.</summary>
    public const string Project = "double-project";

    /// <summary>Where it is.</summary>
    public const string Location = "europe-west1";

    /// <summary>The model it has.</summary>
    public const string Model = "claude-upstream-4@20260101";

    private const string Account = "gateway@double-project.iam.gserviceaccount.com";
    private readonly RSA _key = RSA.Create(2048);
    private int _tokens;

    /// <summary>Tokens lent so far.</summary>
    public int Tokens => Volatile.Read(ref _tokens);

    /// <summary>Writes the account's key file.</summary>
    public async Task<string> WriteKeyFileAsync(string folder)
    {
        var file = Path.Combine(folder, "service-account.json");
        var json = new JsonObject
        {
            ["type"] = "service_account",
            ["project_id"] = Project,
            ["private_key_id"] = "key-1",
            ["private_key"] = _key.ExportPkcs8PrivateKeyPem(),
            ["client_email"] = Account,
            ["token_uri"] = new Uri(Address, "/token").ToString(),
        };
        await File.WriteAllTextAsync(file, json.ToJsonString());
        return file;
    }

    protected override async Task HandleAsync(HttpContext http, ReceivedCall call)
    {
        if (call.Target == "/token")
        {
            await LendAsync(http, call);
            return;
        }

        var models = $"/v1/projects/{Project}/locations/{Location}/publishers/anthropic/models/";
        if (call.Headers.GetValueOrDefault("authorization") != $"Bearer ya29.double-{Tokens}")
        {
            await ErrorAsync(http, 401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
        }
        else if (!call.Target.StartsWith(models, StringComparison.Ordinal) || call.Method != "POST")
        {
            await ErrorAsync(http, 404, "NOT_FOUND", "Not found.");
        }
        else if (call.Target[models.Length..] == "count-tokens:rawPredict")
        {
            await (call.Json["model"]?.GetValue<string>() == Model ? AnswerAsync(http, """{"input_tokens":55}""") : ErrorAsync(http, 400, "INVALID_ARGUMENT", "model: Field required"));
        }
        else if (!call.Target[models.Length..].StartsWith(Model + ":", StringComparison.Ordinal))
        {
            await ErrorAsync(http, 404, "NOT_FOUND", $"Publisher Model `{call.Target[models.Length..]}` was not found or your project does not have access to it.");
        }
        else if (call.Json.ContainsKey("model") || call.Json["anthropic_version"]?.GetValue<string>() != "vertex-2023-10-16")
        {
            await ErrorAsync(http, 400, "INVALID_ARGUMENT", "model: Extra inputs are not permitted");
        }
        else if (Manner == Manner.Refuses)
        {
            await ErrorAsync(http, 429, "RESOURCE_EXHAUSTED", "Resource exhausted. Please try again later.");
        }
        else if (call.Target.EndsWith(":rawPredict", StringComparison.Ordinal))
        {
            await AnswerAsync(http, ClaudeAnswer.Whole("claude-on-vertex"));
        }
        else if (call.Json["stream"]?.GetValue<bool>() != true)
        {
            await ErrorAsync(http, 400, "INVALID_ARGUMENT", "stream: must be true for streamRawPredict");
        }
        else
        {
            await StreamAsync(
                http,
                "text/event-stream; charset=utf-8",
                ClaudeAnswer.Sse(ClaudeAnswer.Before("claude-on-vertex")),
                [ClaudeAnswer.Sse(ClaudeAnswer.FirstHalf), ClaudeAnswer.Sse(ClaudeAnswer.SecondHalf), ClaudeAnswer.Sse(ClaudeAnswer.Stop)],
                ClaudeAnswer.Sse("""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"""));
        }
    }

    private async Task LendAsync(HttpContext http, ReceivedCall call)
    {
        var form = new FormReader(Encoding.UTF8.GetString(call.Body)).ReadForm();
        if (form["grant_type"] != "urn:ietf:params:oauth:grant-type:jwt-bearer" || AssertionFault(form["assertion"].ToString()) is not null)
        {
            await AnswerAsync(http, """{"error":"invalid_grant","error_description":"Invalid JWT Signature."}""", 400);
            return;
        }

        await AnswerAsync(http, $$"""{"access_token":"ya29.double-{{Interlocked.Increment(ref _tokens)}}","expires_in":3599,"token_type":"Bearer"}""");
    }

    private string? AssertionFault(string assertion)
    {
        var parts = assertion.Split('.');
        if (parts.Length != 3) return "form";
        var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        if (!_key.VerifyData(signed, Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)) return "signature";
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!;
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var lifetime = claims["exp"]!.GetValue<long>() - claims["iat"]!.GetValue<long>();
        if (header["alg"]!.GetValue<string>() != "RS256" || header["kid"]!.GetValue<string>() != "key-1") return "header";
        if (claims["iss"]!.GetValue<string>() != Account || claims["aud"]!.GetValue<string>() != new Uri(Address, "/token").ToString()) return "claims";
        if (!claims["scope"]!.GetValue<string>().Contains("cloud-platform", StringComparison.Ordinal)) return "scope";
        return lifetime is > 0 and <= 3600 && Math.Abs(claims["iat"]!.GetValue<long>() - now) < 300 ? null : "time";
    }

    private static Task ErrorAsync(HttpContext http, int status, string word, string message) =>
        AnswerAsync(http, $$$"""[{"error":{"code":{{{status}}},"message":"{{{message}}}","status":"{{{word}}}"}}]""", status);
}
