using System.Net;
using System.Security.Cryptography;
using System.Text;
using Dragoman.Configuration;
using Dragoman.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Dragoman.Tests.Authentication;

/// <summary>Who is let in, with what, and what becomes of it.</summary>
public sealed class CallerKeyTests
{
    private const string Key = "dgm-alices-key";

    private static readonly DateTimeOffset Start = new(2031, 5, 6, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("x-api-key", Key)]
    [InlineData("Authorization", "Bearer " + Key)]
    [InlineData("authorization", "bearer  " + Key)]
    public async Task A_key_opens_the_door_in_either_header(string header, string value)
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, With(new() { Name = "alice", Sha256 = Hash(Key) }));

        using var answer = await gateway.PostAsync(TestGateway.Request(), headers: (header, value));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData(null, null, "x-api-key header is required")]
    [InlineData("x-api-key", "dgm-somebody-elses", "invalid x-api-key")]
    [InlineData("x-api-key", "", "x-api-key header is required")]
    [InlineData("Authorization", "Bearer dgm-somebody-elses", "Invalid bearer token")]
    [InlineData("Authorization", "Basic YWxpY2U6eA==", "x-api-key header is required")]
    [InlineData("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.", "Invalid bearer token")]
    public async Task Without_a_good_key_the_answer_is_a_401_in_the_APIs_words_and_nothing_goes_upstream(string? header, string? value, string message)
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, With(new() { Name = "alice", Sha256 = Hash(Key) }));

        using var answer = header is null ? await gateway.PostAsync(TestGateway.Request()) : await gateway.PostAsync(TestGateway.Request(), headers: (header, value!));
        using var count = await gateway.PostAsync(TestGateway.Request(), "/v1/messages/count_tokens");
        using var models = await gateway.Http.GetAsync("/v1/models", TestContext.Current.CancellationToken);

        Assert.Equal(message, await answer.ErrorAsync(HttpStatusCode.Unauthorized, "authentication_error"));
        await count.ErrorAsync(HttpStatusCode.Unauthorized, "authentication_error");
        await models.ErrorAsync(HttpStatusCode.Unauthorized, "authentication_error");
        Assert.Empty(backend.Calls);
    }

    [Theory]
    [InlineData(Key, "sk-of-another-service")]
    [InlineData("sk-of-another-service", Key)]
    [InlineData(Key, Key)]
    public async Task If_both_headers_are_sent_either_may_hold_the_key(string bearer, string apiKey)
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, With(new() { Name = "alice", Sha256 = Hash(Key) }));

        using var answer = await gateway.PostAsync(TestGateway.Request(), headers: [("Authorization", "Bearer " + bearer), ("x-api-key", apiKey)]);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_is_refused_from_its_expiry_on()
    {
        var time = new FakeTimeProvider(Start);
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, With(new() { Name = "alice", Sha256 = Hash(Key), Expires = Start.AddDays(1) }), time);

        using var before = await gateway.PostAsync(TestGateway.Request(), headers: ("x-api-key", Key));
        time.Advance(TimeSpan.FromDays(1));
        using var after = await gateway.PostAsync(TestGateway.Request(), headers: ("x-api-key", Key));

        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.Contains("expired", await after.ErrorAsync(HttpStatusCode.Unauthorized, "authentication_error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_a_caller_may_not_use_does_not_exist_for_them()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        backend.Models = """{"object":"list","data":[{"id":"small-1","object":"model"},{"id":"large-1","object":"model"}]}""";
        await using var gateway = await TestGateway.StartAsync(backend, With(new() { Name = "alice", Sha256 = Hash(Key), Models = ["small-*"] }));

        using var allowed = await gateway.PostAsync(TestGateway.Request(model: "small-1"), headers: ("x-api-key", Key));
        using var aliased = await gateway.PostAsync(TestGateway.Request(model: "claude-gw-small-1"), headers: ("x-api-key", Key));
        using var refused = await gateway.PostAsync(TestGateway.Request(model: "large-1"), headers: ("x-api-key", Key));
        using var counted = await gateway.PostAsync(TestGateway.Request(model: "large-1"), "/v1/messages/count_tokens", headers: ("x-api-key", Key));
        using var list = await GetAsync(gateway, "/v1/models", ("x-api-key", Key));
        using var one = await GetAsync(gateway, "/v1/models/large-1", ("x-api-key", Key));

        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, aliased.StatusCode);
        Assert.Equal("model: large-1", await refused.ErrorAsync(HttpStatusCode.NotFound, "not_found_error"));
        await counted.ErrorAsync(HttpStatusCode.NotFound, "not_found_error");
        await one.ErrorAsync(HttpStatusCode.NotFound, "not_found_error");
        var listed = (await list.JsonAsync()).GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString());
        Assert.Equal(["small-1"], listed);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/api/hello")]
    public async Task Probes_need_no_key(string path)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend, With(new() { Name = "alice", Sha256 = Hash(Key) }));

        using var answer = await gateway.Http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    // failures.md J1: the caller's secrets stay here.
    [Fact]
    public async Task Nothing_of_a_callers_credential_goes_upstream()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, With(new() { Name = "alice", Sha256 = Hash(Key) }));

        using var answer = await gateway.PostAsync(
            TestGateway.Request(), headers: [("Authorization", "Bearer " + Key), ("x-api-key", Key), ("Cookie", "session=private"), ("x-private", "mine")]);

        var sent = Assert.Single(backend.Calls).Request;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("Bearer sk-upstream-secret", sent.Headers["Authorization"]);
        var text = string.Join('\n', sent.Headers.Select(header => $"{header.Key}: {header.Value}")) + sent.Text;
        foreach (var secret in new[] { Key, "session=private", "x-private", "alice" }) Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_a_new_configuration_lacks_is_refused_from_the_next_request_on()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, With(new() { Name = "alice", Sha256 = Hash(Key) }));
        using var before = await gateway.PostAsync(TestGateway.Request(), headers: ("x-api-key", Key));

        gateway.Reload(options => options with { Keys = [new() { Name = "bob", Sha256 = Hash("dgm-bobs") }] });
        using var after = await gateway.PostAsync(TestGateway.Request(), headers: ("x-api-key", Key));

        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await after.ErrorAsync(HttpStatusCode.Unauthorized, "authentication_error");
    }

    [Fact]
    public async Task A_hash_that_is_none_is_refused_and_the_message_tells_how_to_get_one()
    {
        await using var backend = ScriptedBackend.Answering("{}");

        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => TestGateway.StartAsync(backend, With(new() { Name = "alice", Sha256 = "secret" })));

        Assert.Contains("dragoman key new alice", refused.Message, StringComparison.Ordinal);
    }

    internal static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    internal static Func<GatewayOptions, GatewayOptions> With(CallerKeyOptions key) => options => options with { Keys = [key] };

    private static Task<HttpResponseMessage> GetAsync(TestGateway gateway, string path, (string Name, string Value) header)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add(header.Name, header.Value);
        return gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
