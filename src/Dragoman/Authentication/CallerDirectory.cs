using System.Collections.Frozen;
using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;
using Dragoman.RateLimiting;

namespace Dragoman.Authentication;

/// <summary>Everybody who may call, by one configuration.</summary>
internal sealed class CallerDirectory
{
    private readonly FrozenDictionary<long, (KeyDigest Digest, Caller Caller)[]> _keys;
    private readonly TokenCallers? _tokens;
    private readonly TimeProvider _time;

    /// <param name="options">The configuration.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Takes what the handler of tokens logs.</param>
    /// <param name="previous">The configuration before: an issuer that stayed the same keeps the keys it was asked for; null: none.</param>
    /// <exception cref="ConfigurationException">A hash that is none.</exception>
    public CallerDirectory(GatewayOptions options, TimeProvider time, ILoggerFactory logs, CallerDirectory? previous)
    {
        _time = time;
        _keys = options.Keys.Select(Read).GroupBy(key => key.Digest.Begin).ToFrozenDictionary(group => group.Key, group => group.ToArray());
        if (options.Jwt is { } jwt) _tokens = previous?._tokens is { } same && same.Options == jwt ? same : new(jwt, time, logs);
    }

    /// <summary>Nobody has to say who they are.</summary>
    public bool IsOpen => _keys.Count == 0 && _tokens is null;

    /// <summary>Who sent the request.</summary>
    /// <exception cref="GatewayException">401: nobody we know. (anthropic-messages.md section 13)</exception>
    public async ValueTask<Caller> FindAsync(HttpContext http)
    {
        if (IsOpen) return Caller.Anonymous;
        var credential = Credential.Of(http.Request);
        if (credential.IsMissing) throw Refused("x-api-key header is required");
        var caller = await FindAsync(credential.Bearer, http) ?? await FindAsync(credential.ApiKey, http)
            ?? throw Refused(credential.ApiKey is null ? "Invalid bearer token" : "invalid x-api-key");
        // Only who holds the key learns that it was one.
        if (caller.Expires <= _time.GetUtcNow()) throw Refused("This API key has expired. Ask for a new one.");
        return caller;
    }

    private ValueTask<Caller?> FindAsync(string? secret, HttpContext http)
    {
        if (secret is null) return default;
        if (_tokens is not null && TokenCallers.IsToken(secret)) return _tokens.FindAsync(secret, http);
        return new(FindKey(secret));
    }

    private Caller? FindKey(string key)
    {
        if (KeyDigest.Of(key) is not { } presented || !_keys.TryGetValue(presented.Begin, out var candidates)) return null;
        foreach (var (digest, caller) in candidates)
        {
            if (digest.IsSame(presented)) return caller;
        }

        return null;
    }

    private static (KeyDigest Digest, Caller Caller) Read(CallerKeyOptions key)
    {
        var digest = KeyDigest.Parse(key.Sha256)
            ?? throw new ConfigurationException($"Key '{key.Name}': sha256 is not 64 hexadecimal digits. 'dragoman key new {key.Name}' prints a key and its line.");
        return (digest, new Caller
        {
            Name = key.Name,
            Models = key.Models,
            Labels = key.Labels,
            Limits = LimitPolicy.Of("key:" + key.Name, key.Name, key.Limits),
            Expires = key.Expires,
        });
    }

    private static GatewayException Refused(string message) => new(new AnthropicError(AnthropicErrorType.Authentication, message));
}
