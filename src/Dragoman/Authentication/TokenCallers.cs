using System.Security.Claims;
using System.Text.Encodings.Web;
using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;
using Dragoman.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Dragoman.Authentication;

/// <summary>Callers that come with a token of an identity provider, checked by ASP.NET Core's own handler.</summary>
/// <remarks>The handler is asked directly, not through its scheme registration: schemes are registered once, at start, and configurations
/// change while the gateway runs. Each configuration has its own issuer, audience and cache of the issuer's keys.</remarks>
internal sealed class TokenCallers
{
    private static readonly AuthenticationScheme Scheme = new(JwtBearerDefaults.AuthenticationScheme, null, typeof(JwtBearerHandler));
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan KeysTimeout = TimeSpan.FromSeconds(10);

    private readonly FixedOptions _handlerOptions;
    private readonly ILoggerFactory _logs;

    public TokenCallers(JwtOptions options, TimeProvider time, ILoggerFactory logs)
    {
        Options = options;
        _logs = logs;
        _handlerOptions = new(HandlerOptions(options, time));
    }

    /// <summary>Which tokens are good.</summary>
    public JwtOptions Options { get; }

    /// <summary>Three parts with dots between, the first of them JSON: no key of ours looks so.</summary>
    public static bool IsToken(string secret) => secret.StartsWith("eyJ", StringComparison.Ordinal) && secret.AsSpan().Count('.') == 2;

    /// <summary>Whose token it is; null if it is not good, or no longer.</summary>
    /// <exception cref="GatewayException">503: the issuer's keys cannot be had.</exception>
    public async ValueTask<Caller?> FindAsync(string token, HttpContext http)
    {
        await HaveKeysAsync(http.RequestAborted);
        var handler = new JwtBearerHandler(_handlerOptions, _logs, UrlEncoder.Default);
        // The handler takes the token from here: it may have come as x-api-key.
        http.Items[typeof(TokenCallers)] = token;
        await handler.InitializeAsync(Scheme, http);
        var result = await handler.AuthenticateAsync();
        http.Items.Remove(typeof(TokenCallers));
        return result.Principal is { } principal ? CallerOf(principal) : null;
    }

    /// <summary>The handler takes keys that cannot be fetched for a token that nobody has signed; they are asked for before, and kept.</summary>
    private async Task HaveKeysAsync(CancellationToken cancellation)
    {
        try
        {
            await _handlerOptions.CurrentValue.ConfigurationManager!.GetConfigurationAsync(cancellation);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or ArgumentException)
        {
            const string message = "The keys of this gateway's identity provider cannot be fetched. Try again shortly.";
            throw new GatewayException(new AnthropicError(AnthropicErrorType.Api, message), StatusCodes.Status503ServiceUnavailable, e) { RetryAfter = "5" };
        }
    }

    private Caller? CallerOf(ClaimsPrincipal principal)
    {
        // A token that names nobody could neither be limited nor accounted for.
        if (principal.FindFirst(Options.NameClaim)?.Value is not { Length: > 0 } name) return null;
        var models = Options.ModelsClaim is { } claim ? ModelsOf(principal, claim) : [];
        // Empty means all in a key's line; here it means that the issuer allows none.
        if (Options.ModelsClaim is not null && models.Count == 0) return null;
        return new() { Name = name, Models = models, Limits = LimitPolicy.Of("jwt:" + name, name, Options.Limits) };
    }

    /// <summary>A list, or one text with spaces between as scopes have it.</summary>
    private static List<string> ModelsOf(ClaimsPrincipal principal, string claim) =>
        [.. principal.FindAll(claim).SelectMany(value => value.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    private static JwtBearerOptions HandlerOptions(JwtOptions options, TimeProvider time)
    {
        var http = new HttpClient { Timeout = KeysTimeout, MaxResponseContentBufferSize = 1 << 20 };
        var handler = new JwtBearerOptions
        {
            Authority = options.Issuer,
            Audience = options.Audience,
            Backchannel = http,
            SaveToken = false,
            // Claims keep the names the issuer gave them.
            MapInboundClaims = false,
            RequireHttpsMetadata = !IsLoopback(options.Jwks ?? new Uri(options.Issuer)),
            TimeProvider = time,
            TokenValidationParameters = new()
            {
                ValidIssuer = options.Issuer,
                ValidAudience = options.Audience,
                ClockSkew = ClockSkew,
                RequireExpirationTime = true,
                LifetimeValidator = (notBefore, expires, _, _) => IsNow(notBefore, expires, time.GetUtcNow().UtcDateTime),
            },
            Events = new JwtBearerEvents
            {
                OnMessageReceived = context =>
                {
                    context.Token = (string?)context.HttpContext.Items[typeof(TokenCallers)];
                    return Task.CompletedTask;
                },
            },
        };
        if (options.Jwks is { } jwks)
        {
            var documents = new HttpDocumentRetriever(http) { RequireHttps = handler.RequireHttpsMetadata };
            handler.ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(jwks.ToString(), new KeySetRetriever(options.Issuer), documents);
        }

        new JwtBearerPostConfigureOptions().PostConfigure(Scheme.Name, handler);
        return handler;
    }

    private static bool IsNow(DateTime? notBefore, DateTime? expires, DateTime now) =>
        (notBefore is null || notBefore <= now + ClockSkew) && expires is not null && expires > now - ClockSkew;

    private static bool IsLoopback(Uri address) => address.IsLoopback;

    /// <summary>Makes of a bare set of keys what discovery would have told.</summary>
    private sealed class KeySetRetriever(string issuer) : IConfigurationRetriever<OpenIdConnectConfiguration>
    {
        public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(string address, IDocumentRetriever retriever, CancellationToken cancel)
        {
            var configuration = new OpenIdConnectConfiguration { Issuer = issuer };
            foreach (var key in new JsonWebKeySet(await retriever.GetDocumentAsync(address, cancel)).GetSigningKeys()) configuration.SigningKeys.Add(key);
            return configuration;
        }
    }

    private sealed class FixedOptions(JwtBearerOptions options) : IOptionsMonitor<JwtBearerOptions>
    {
        public JwtBearerOptions CurrentValue => options;

        public JwtBearerOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<JwtBearerOptions, string?> listener) => null;
    }
}
