using System.IO.Compression;
using System.Net;
using System.Text;
using Dragoman.Testing;

namespace Dragoman.Tests.Endpoints;

/// <summary>Bodies as they come: compressed, broken, too large.</summary>
public sealed class RequestBodyTests
{
    // failures.md D17
    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    [InlineData("identity")]
    [InlineData("GZIP")]
    public async Task A_compressed_body_is_read(string encoding)
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await PostAsync(gateway, Encode(TestGateway.Request(), encoding), encoding);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("Hi", Assert.Single(backend.Calls).Request.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("compress")]
    [InlineData("gzip, br")]
    public async Task An_unknown_encoding_is_refused_by_its_code(string encoding)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await PostAsync(gateway, Encoding.UTF8.GetBytes(TestGateway.Request()), encoding);

        await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error");
        Assert.Equal("request_body_encoding_unsupported", await CodeAsync(response));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    public async Task A_body_that_is_not_what_its_encoding_says_is_refused_by_its_code(string encoding)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await PostAsync(gateway, Encoding.UTF8.GetBytes("{\"model\":\"this is plain text, long enough to be looked at\"}"), encoding);

        await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error");
        Assert.Equal("request_body_encoding_invalid", await CodeAsync(response));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task A_decompression_bomb_ends_at_the_limit(string encoding)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Limits = options.Limits with { RequestBody = 100_000 } });

        using var response = await PostAsync(gateway, Encode(new string(' ', 20_000_000), encoding), encoding);

        await response.ErrorAsync(HttpStatusCode.RequestEntityTooLarge, "request_too_large");
        Assert.Equal("request_body_too_large_after_decoding", await CodeAsync(response));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_a_413(bool announced)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Limits = options.Limits with { RequestBody = 2000 } });

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = TestGateway.Json(TestGateway.Request(extra: $",\"system\":\"{new string('x', 3000)}\"")) };
        if (!announced) request.Headers.TransferEncodingChunked = true;
        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Contains("2000", await response.ErrorAsync(HttpStatusCode.RequestEntityTooLarge, "request_too_large"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"model\": \"x\",}")]
    [InlineData("{\"model\": \"x\"")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    public async Task A_body_that_is_no_JSON_object_is_a_400(string body)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(body);

        Assert.NotEmpty(await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error"));
        Assert.Empty(backend.Calls);
    }

    [Fact]
    public async Task Invalid_UTF8_is_a_400()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);
        var body = Encoding.Latin1.GetBytes(TestGateway.Request().Replace("Hi", "H\u00ff", StringComparison.Ordinal));

        using var response = await PostAsync(gateway, body, "identity");

        await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error");
    }

    [Fact]
    public async Task A_depth_bomb_is_a_400()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync("{\"model\":" + new string('[', 100_000));

        await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error");
    }

    [Theory]
    [InlineData("""{"max_tokens":5,"messages":[]}""", "model: Field required")]
    [InlineData("""{"model":null,"messages":[]}""", "model: Field required")]
    [InlineData("""{"model":7,"messages":[]}""", "model: Input should be a non-empty string")]
    [InlineData("""{"model":"","messages":[]}""", "model: Input should be a non-empty string")]
    public async Task A_request_without_a_usable_model_names_the_place(string body, string message)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(body);

        Assert.Equal(message, await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error"));
    }

    private static Task<HttpResponseMessage> PostAsync(TestGateway gateway, byte[] body, string encoding)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("content-encoding", encoding);
        return gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage response) =>
        (await response.JsonAsync()).GetProperty("error").GetProperty("details").GetProperty("error_code").GetString();

    private static byte[] Encode(string text, string encoding)
    {
        var output = new MemoryStream();
        Stream encoder = encoding.ToLowerInvariant() switch
        {
            "gzip" => new GZipStream(output, CompressionLevel.Optimal),
            "br" => new BrotliStream(output, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(output, CompressionLevel.Optimal),
            "zstd" => new ZstdSharp.CompressionStream(output),
            _ => output,
        };
        using (encoder) encoder.Write(Encoding.UTF8.GetBytes(text));
        return output.ToArray();
    }
}
