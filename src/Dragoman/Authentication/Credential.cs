using Microsoft.Extensions.Primitives;

namespace Dragoman.Authentication;

/// <summary>What a request brings to say who calls.</summary>
/// <remarks>Claude Code and the SDKs send <c>x-api-key</c>, <c>Authorization: Bearer</c> or both, depending on their version and on how they
/// were told the key (anthropic-messages.md section 2). If both are there and differ, one may be left over from another service: the
/// bearer is tried first, and either may open the door.</remarks>
internal readonly record struct Credential(string? Bearer, string? ApiKey)
{
    private const string Scheme = "Bearer ";

    /// <summary>There is none.</summary>
    public bool IsMissing => Bearer is null && ApiKey is null;

    /// <summary>Of that request.</summary>
    public static Credential Of(HttpRequest request) => new(BearerOf(request.Headers.Authorization), Text(request.Headers["x-api-key"]));

    private static string? BearerOf(StringValues header) =>
        Text(header) is { } text && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && text.AsSpan(Scheme.Length).Trim() is { Length: > 0 } token
            ? token.ToString()
            : null;

    private static string? Text(StringValues header) => header.ToString().Trim() is { Length: > 0 } text ? text : null;
}
