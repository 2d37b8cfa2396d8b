using System.Net;
using Dragoman.Testing;

namespace Dragoman.Tests;

/// <summary>A web page in the user's browser cannot use the gateway on the user's machine (product.md section 8).</summary>
public sealed class BrowserGuardTests
{
    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://localhost:3000")]
    [InlineData("null")]
    public async Task A_foreign_origin_is_refused(string origin)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(), headers: ("Origin", origin));

        await response.ErrorAsync(HttpStatusCode.Forbidden, "permission_error");
        Assert.Empty(backend.Calls);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:4000")]
    [InlineData("127.0.0.1.evil.example")]
    public async Task A_host_that_is_not_ours_is_refused(string host)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await GetAsync(gateway, host);

        await response.ErrorAsync(HttpStatusCode.Forbidden, "permission_error");
    }

    [Theory]
    [InlineData("localhost:4000")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]:4000")]
    [InlineData("gateway.localhost")]
    [InlineData("192.168.1.7")]
    [InlineData("gateway.internal")]
    public async Task Our_own_names_and_plain_addresses_are_served(string host)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { AllowedHosts = ["gateway.internal"] });

        using var response = await GetAsync(gateway, host);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_page_of_our_own_origin_is_served()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("Origin", gateway.Address.GetLeftPart(UriPartial.Authority));
        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_configured_origin_is_served_and_told_so_also_before_it_asks()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { AllowedOrigins = ["https://app.example"] });

        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/v1/messages");
        preflight.Headers.Add("Origin", "https://app.example");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "x-api-key,content-type");
        using var before = await gateway.Http.SendAsync(preflight, TestContext.Current.CancellationToken);
        using var get = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        get.Headers.Add("Origin", "https://app.example");
        using var after = await gateway.Http.SendAsync(get, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NoContent, before.StatusCode);
        Assert.Contains("x-api-key", Assert.Single(before.Headers.GetValues("access-control-allow-headers")), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.Equal("https://app.example", Assert.Single(after.Headers.GetValues("access-control-allow-origin")));
    }

    private static Task<HttpResponseMessage> GetAsync(TestGateway gateway, string host)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Host = host;
        return gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
