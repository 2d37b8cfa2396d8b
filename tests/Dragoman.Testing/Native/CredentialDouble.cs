using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Dragoman.Testing.Native;

/// <summary>Those who lend credentials near a program: Amazon's token service, container service and machine, Google's machine.</summary>
public sealed class CredentialDouble : ServiceDouble
{
    /// <summary>The token of a pod.</summary>
    public const string WebIdentity = "eyJ.pod.token";

    /// <summary>What the container service wants to see.</summary>
    public const string ContainerToken = "container-secret";

    private static string Expiration => DateTimeOffset.UtcNow.AddHours(1).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);

    protected override Task HandleAsync(HttpContext http, ReceivedCall call) => (call.Method, call.Target) switch
    {
        ("POST", "/") => AssumeRoleAsync(http, new FormReader(Encoding.UTF8.GetString(call.Body)).ReadForm()),
        ("GET", "/v2/credentials/task") or ("GET", "/eks") => call.Headers.GetValueOrDefault("authorization") == ContainerToken
            ? LendAsync(http, "container")
            : AnswerAsync(http, "{}", 401),
        ("PUT", "/latest/api/token") => call.Headers.ContainsKey("x-aws-ec2-metadata-token-ttl-seconds") ? AnswerAsync(http, "machine-session") : AnswerAsync(http, "", 400),
        ("GET", "/latest/meta-data/iam/security-credentials/") => MachineAsync(http, call, "role-1\n"),
        ("GET", "/latest/meta-data/iam/security-credentials/role-1") => MachineAsync(http, call, null),
        ("GET", "/computeMetadata/v1/instance/service-accounts/default/token") => call.Headers.GetValueOrDefault("metadata-flavor") == "Google"
            ? AnswerAsync(http, """{"access_token":"ya29.machine","expires_in":1800,"token_type":"Bearer"}""")
            : AnswerAsync(http, "Forbidden", 403),
        ("POST", "/google-token") => RefreshAsync(http, new FormReader(Encoding.UTF8.GetString(call.Body)).ReadForm()),
        _ => AnswerAsync(http, "", 404),
    };

    private static Task AssumeRoleAsync(HttpContext http, Dictionary<string, Microsoft.Extensions.Primitives.StringValues> form)
    {
        var isRight = form["Action"] == "AssumeRoleWithWebIdentity" && form["Version"] == "2011-06-15" && form["RoleArn"] == "arn:aws:iam::1:role/pod" && form["WebIdentityToken"] == WebIdentity;
        if (!isRight) return AnswerAsync(http, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>", 403);
        return AnswerAsync(http, $"""
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <AssumeRoleWithWebIdentityResult>
                <SubjectFromWebIdentityToken>system:serviceaccount:a:b</SubjectFromWebIdentityToken>
                <Credentials><SessionToken>session-web</SessionToken><SecretAccessKey>secret-web</SecretAccessKey><Expiration>{Expiration}</Expiration><AccessKeyId>id-web</AccessKeyId></Credentials>
              </AssumeRoleWithWebIdentityResult>
            </AssumeRoleWithWebIdentityResponse>
            """);
    }

    private static Task MachineAsync(HttpContext http, ReceivedCall call, string? roles)
    {
        if (call.Headers.GetValueOrDefault("x-aws-ec2-metadata-token") != "machine-session") return AnswerAsync(http, "", 401);
        return roles is null ? LendAsync(http, "machine") : AnswerAsync(http, roles);
    }

    private static Task LendAsync(HttpContext http, string who) =>
        AnswerAsync(http, $$"""{"Code":"Success","AccessKeyId":"id-{{who}}","SecretAccessKey":"secret-{{who}}","Token":"session-{{who}}","Expiration":"{{Expiration}}"}""");

    private static Task RefreshAsync(HttpContext http, Dictionary<string, Microsoft.Extensions.Primitives.StringValues> form) =>
        form["grant_type"] == "refresh_token" && form["refresh_token"] == "1//refresh" && form["client_id"] == "client" && form["client_secret"] == "hush"
            ? AnswerAsync(http, """{"access_token":"ya29.person","expires_in":3599}""")
            : AnswerAsync(http, """{"error":"invalid_grant"}""", 400);
}
