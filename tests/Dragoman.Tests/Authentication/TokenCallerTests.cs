using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dragoman.Configuration;
using Dragoman.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Dragoman.Tests.Authentication;

/// <summary>Callers with a token of an identity provider; the tokens are made here, byte by byte.</summary>
public sealed class TokenCallerTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2031, 5, 6, 12, 0, 0, TimeSpan.Zero);

    private readonly RSA _key = RSA.Create(2048);
    private readonly FakeTimeProvider _time = new(Start);

    public void Dispose() => _key.Dispose();

    [Theory]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("x-api-key", "")]
    public async Task A_token_of_the_issuer_opens_the_door_and_names_the_caller(string header, string before)
    {
        await using var issuer = new Issuer(_key);
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var log = new MemoryStream();
        await using (var gateway = await StartAsync(backend, issuer, log: log))
        {
            using var answer = await gateway.PostAsync(TestGateway.Request(), headers: (header, before + Token(issuer)));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            // The line is written when the request is over, a moment after its caller has the answer.
            while (log.Length == 0) await Task.Yield();
        }

        var line = Encoding.UTF8.GetString(log.ToArray());
        Assert.Contains("caller=carol", line, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", line, StringComparison.Ordinal);
        Assert.Equal("Bearer sk-upstream-secret", Assert.Single(backend.Calls).Request.Headers["Authorization"]);
    }

    [Fact]
    public async Task The_issuers_keys_may_stand_at_an_address_of_their_own_without_discovery()
    {
        await using var issuer = new Issuer(_key);
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, issuer, jwt => jwt with { Jwks = new(issuer.Address + "/keys") });

        using var good = await gateway.PostAsync(TestGateway.Request(), headers: ("Authorization", "Bearer " + Token(issuer)));
        using var another = await gateway.PostAsync(TestGateway.Request(), headers: ("Authorization", "Bearer " + Token(issuer, claims => claims["iss"] = "https://another.example")));

        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        await another.ErrorAsync(HttpStatusCode.Unauthorized, "authentication_error");
        Assert.DoesNotContain("/.well-known/openid-configuration", issuer.Asked);
    }

    [Theory]
    [InlineData("iss", "https://another.example")]
    [InlineData("aud", "another-service")]
    [InlineData("exp", 1_900_000_000)]
    [InlineData("exp", null)]
    [InlineData("nbf", 2_000_000_000)]
    [InlineData("sub", null)]
    public async Task A_token_that_is_not_for_us_not_of_the_issuer_or_not_of_today_is_refused(string claim, object? value)
    {
        await using var issuer = new Issuer(_key);
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, issuer);

        using var answer = await gateway.PostAsync(TestGateway.Request(), headers: ("Authorization", "Bearer " + Token(issuer, claims =>
        {
            if (value is null) claims.Remove(claim);
            else claims[claim] = value;
        })));

        Assert.Equal("Invalid bearer token", await answer.ErrorAsync(HttpStatusCode.Unauthorized, "authentication_error"));
        Assert.Empty(backend.Calls);
    }

    [Fact]
    public async Task Forged_signatures_and_tokens_without_any_are_refused()
    {
        await using var issuer = new Issuer(_key);
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, issuer);
        using var another = RSA.Create(2048);
        var good = Token(issuer).Split('.');
        var unsigned = $"{Encode("""{"alg":"none","typ":"JWT"}""")}.{good[1]}.";
        // Signed with the public key as if it were a shared secret: an old confusion of algorithms.
        var head = Encode("""{"alg":"HS256","typ":"JWT","kid":"key-1"}""");
        var confused = $"{head}.{good[1]}.{Encode(HMACSHA256.HashData(_key.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes($"{head}.{good[1]}")))}";

        foreach (var token in new[] { Token(issuer, key: another), unsigned, confused, $"{good[0]}.{good[1]}.{Encode("forged")}", "eyJ.eyJ.x" })
        {
            using var answer = await gateway.PostAsync(TestGateway.Request(), headers: ("Authorization", "Bearer " + token));
            await answer.ErrorAsync(HttpStatusCode.Unauthorized, "authentication_error");
        }

        Assert.Empty(backend.Calls);
    }

    [Fact]
    public async Task A_claim_may_list_the_models_and_everyone_has_limits_of_their_own()
    {
        await using var issuer = new Issuer(_key);
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, issuer, jwt => jwt with { ModelsClaim = "models", NameClaim = "email", Limits = new() { RequestsPerMinute = 1 } });
        var carols = Token(issuer, claims => (claims["email"], claims["models"]) = ("carol@example.org", new[] { "small-*", "tiny" }));
        var daves = Token(issuer, claims => (claims["email"], claims["models"]) = ("dave@example.org", "large-1 small-1"));
        var none = Token(issuer, claims => claims["email"] = "eve@example.org");

        using var carol = await AskAsync(gateway, "small-2", carols);
        using var carolsLarge = await AskAsync(gateway, "large-1", carols);
        using var carolAgain = await AskAsync(gateway, "tiny", carols);
        using var dave = await AskAsync(gateway, "large-1", daves);
        using var eve = await AskAsync(gateway, "small-1", none);

        Assert.Equal(HttpStatusCode.OK, carol.StatusCode);
        await carolsLarge.ErrorAsync(HttpStatusCode.NotFound, "not_found_error");
        Assert.Contains("carol@example.org", await carolAgain.ErrorAsync(HttpStatusCode.TooManyRequests, "rate_limit_error"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, dave.StatusCode);
        await eve.ErrorAsync(HttpStatusCode.Unauthorized, "authentication_error");
    }

    [Fact]
    public async Task Keys_of_the_file_and_tokens_serve_side_by_side()
    {
        await using var issuer = new Issuer(_key);
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, issuer, keys: [new() { Name = "alice", Sha256 = CallerKeyTests.Hash("dgm-alices") }]);

        using var alice = await gateway.PostAsync(TestGateway.Request(), headers: ("x-api-key", "dgm-alices"));
        using var carol = await gateway.PostAsync(TestGateway.Request(), headers: ("Authorization", "Bearer " + Token(issuer)));

        Assert.Equal(HttpStatusCode.OK, alice.StatusCode);
        Assert.Equal(HttpStatusCode.OK, carol.StatusCode);
    }

    [Fact]
    public async Task An_issuer_that_cannot_be_reached_is_our_trouble_and_not_a_wrong_token()
    {
        var issuer = new Issuer(_key);
        await issuer.DisposeAsync();
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, issuer);

        using var answer = await gateway.PostAsync(TestGateway.Request(), headers: ("Authorization", "Bearer " + Token(issuer)));

        var message = await answer.ErrorAsync(HttpStatusCode.ServiceUnavailable, "api_error");
        Assert.DoesNotContain(issuer.Address, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_issuers_keys_are_fetched_once_and_kept_through_a_change_of_the_configuration()
    {
        await using var issuer = new Issuer(_key);
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await StartAsync(backend, issuer);

        for (var i = 0; i < 3; i++)
        {
            using var answer = await gateway.PostAsync(TestGateway.Request(), headers: ("Authorization", "Bearer " + Token(issuer)));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            gateway.Reload(options => options with { Retry = options.Retry with { Attempts = 2 + i } });
        }

        Assert.Equal(["/.well-known/openid-configuration", "/keys"], issuer.Asked);
    }

    private Task<TestGateway> StartAsync(
        ScriptedBackend backend, Issuer issuer, Func<JwtOptions, JwtOptions>? jwt = null, CallerKeyOptions[]? keys = null, Stream? log = null)
    {
        var options = new JwtOptions { Issuer = issuer.Address, Audience = "dragoman" };
        return TestGateway.StartAsync(
            backend, gateway => gateway with { Jwt = jwt?.Invoke(options) ?? options, Keys = keys ?? [], Log = new LogOptions { Requests = log is not null } }, _time, log);
    }

    private static Task<HttpResponseMessage> AskAsync(TestGateway gateway, string model, string token) =>
        gateway.PostAsync(TestGateway.Request(model: model), headers: ("Authorization", "Bearer " + token));

    private string Token(Issuer issuer, Action<Dictionary<string, object>>? change = null, RSA? key = null)
    {
        var claims = new Dictionary<string, object>
        {
            ["iss"] = issuer.Address, ["aud"] = "dragoman", ["sub"] = "carol", ["exp"] = Start.AddHours(1).ToUnixTimeSeconds(), ["nbf"] = Start.AddHours(-1).ToUnixTimeSeconds(),
        };
        change?.Invoke(claims);
        var signed = $"{Encode("""{"alg":"RS256","typ":"JWT","kid":"key-1"}""")}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{signed}.{Encode((key ?? _key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

    private static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    /// <summary>An identity provider: its discovery page and its keys.</summary>
    private sealed class Issuer : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Task _serving;
        private readonly string _keys;

        public Issuer(RSA key)
        {
            var parameters = key.ExportParameters(false);
            _keys = $$"""{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"key-1","n":"{{Encode(parameters.Modulus!)}}","e":"{{Encode(parameters.Exponent!)}}"}]}""";
            Address = $"http://127.0.0.1:{FreePort()}";
            _listener.Prefixes.Add(Address + "/");
            _listener.Start();
            _serving = ServeAsync();
        }

        public string Address { get; }

        public List<string> Asked { get; } = [];

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
            _listener.Close();
        }

        private async Task ServeAsync()
        {
            while (_listener.IsListening)
            {
                try
                {
                    var call = await _listener.GetContextAsync();
                    Asked.Add(call.Request.Url!.AbsolutePath);
                    var body = call.Request.Url.AbsolutePath == "/keys" ? _keys : $$"""{"issuer":"{{Address}}","jwks_uri":"{{Address}}/keys"}""";
                    call.Response.ContentType = "application/json";
                    call.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: false);
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
            }
        }

        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
