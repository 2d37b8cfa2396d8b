using System.Net.Http.Headers;
using System.Text;
using Dragoman.Testing.Native;
using Dragoman.Upstream.Aws;

namespace Dragoman.Tests.Upstream.Aws;

/// <summary>The signer against the signatures that AWS publishes, and against a verifier that shares no line with it.</summary>
public sealed class AwsSignerTests
{
    private const string Host = "example.amazonaws.com";

    // Facts of the published Signature Version 4 test suite: what is asked, and the signature that is right.
    private static readonly AwsCredentials Published = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    private static readonly DateTimeOffset Time = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("GET", "/", "", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "/", "", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("GET", "/", "Param1=value1", "", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb")]
    [InlineData("GET", "/", "Param2=value2&Param1=value1", "", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("GET", "/", "ሴ=bar", "", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04")]
    [InlineData("GET", "/ሴ", "", "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [InlineData("GET", "/", "", "my-header1:value2|my-header1:value2|my-header1:value1", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea")]
    [InlineData("GET", "/", "", "my-header1:value4|my-header1:value1|my-header1:value3|my-header1:value2", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01")]
    [InlineData("GET", "/", "", "my-header1: value1|my-header2: \"a   b   c\"", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")]
    public void Published_requests_get_their_published_signatures(string method, string path, string query, string headers, string signature)
    {
        var all = headers.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(header => header.Split(':', 2)).Select(pair => (pair[0], pair[1]));

        var authorization = Signer().Authorization(method, path, query, [("host", Host), ("x-amz-date", "20150830T123600Z"), .. all], [], Published, Time);

        Assert.EndsWith($"Signature={signature}", authorization, StringComparison.Ordinal);
    }

    [Fact]
    public void The_published_form_gets_its_published_signature()
    {
        var authorization = Signer().Authorization(
            "POST", "/", "", [("content-type", "application/x-www-form-urlencoded"), ("host", Host), ("x-amz-date", "20150830T123600Z")], "Param1=value1"u8, Published, Time);

        Assert.Equal(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-type;host;x-amz-date, "
            + "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            authorization);
    }

    [Fact]
    public void A_lent_key_signs_its_session_token_too()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"https://{Host}/");

        Signer().Sign(request, [], Published with { SessionToken = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267" }, Time);

        Assert.Equal(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, "
            + "Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
            Assert.Single(request.Headers.GetValues("authorization")));
        Assert.Equal("20150830T123600Z", Assert.Single(request.Headers.GetValues("x-amz-date")));
    }

    [Theory]
    [InlineData("https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-sonnet-4-20250514-v1%3A0/invoke")]
    [InlineData("http://127.0.0.1:8123/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fabc/invoke-with-response-stream")]
    [InlineData("https://sts.us-east-1.amazonaws.com/?b=2&a=%20x")]
    public void A_verifier_of_its_own_agrees(string url)
    {
        var body = Encoding.UTF8.GetBytes("""{"messages":[{"role":"user","content":"héllo"}]}""");
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        Signer().Sign(request, body, Published with { SessionToken = "lent" }, Time);

        var sent = request.Headers.Concat(request.Content.Headers).ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(',', header.Value));
        sent["host"] = request.RequestUri!.Authority;
        var verifier = new SignatureVerifier(Published.AccessKeyId, Published.SecretAccessKey, "us-east-1", "service", "lent");
        Assert.Null(verifier.Fault("POST", request.RequestUri.PathAndQuery, sent, body, Time));
        body[3] ^= 1;
        Assert.Equal("signature", verifier.Fault("POST", request.RequestUri.PathAndQuery, sent, body, Time));
    }

    private static AwsSigner Signer() => new("us-east-1", "service");
}
