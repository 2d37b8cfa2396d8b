using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Dragoman.Testing.Native;

/// <summary>Checks Signature Version 4 as a service does: from the request as it arrived. Shares nothing with the gateway's
/// signer.</summary>
public sealed partial class SignatureVerifier(string keyId, string secret, string region, string service, string? sessionToken = null)
{
    /// <summary>What is wrong with the signature; null if it holds.</summary>
    /// <param name="method">The request's.</param>
    /// <param name="target">Path and query, untouched.</param>
    /// <param name="headers">By lower-case name.</param>
    /// <param name="body">As it was sent.</param>
    /// <param name="now">The service's clock: five minutes are allowed.</param>
    public string? Fault(string method, string target, IReadOnlyDictionary<string, string> headers, byte[] body, DateTimeOffset now)
    {
        if (!headers.TryGetValue("authorization", out var authorization)) return "no authorization";
        var form = Form().Match(authorization);
        if (!form.Success) return "form of authorization";
        if (form.Groups["key"].Value != keyId) return "key id";
        if (form.Groups["region"].Value != region || form.Groups["service"].Value != service) return "scope";
        if (!headers.TryGetValue("x-amz-date", out var stamp)) return "no x-amz-date";
        var time = DateTimeOffset.ParseExact(stamp, "yyyyMMddTHHmmssZ", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        if ((time - now).Duration() > TimeSpan.FromMinutes(5)) return "time";
        if (form.Groups["date"].Value != stamp[..8]) return "date of the scope";
        if (headers.GetValueOrDefault("x-amz-security-token") != sessionToken) return "session token";

        var names = form.Groups["names"].Value.Split(';');
        if (!names.SequenceEqual(names.Order(StringComparer.Ordinal))) return "order of the signed headers";
        foreach (var must in new[] { "host", "x-amz-date" }.Concat(sessionToken is null ? [] : ["x-amz-security-token"]))
        {
            if (!names.Contains(must)) return $"{must} is not signed";
        }

        var lines = new List<string> { method, Path(target), Query(target) };
        foreach (var name in names)
        {
            if (!headers.TryGetValue(name, out var value)) return $"{name} is signed and was not sent";
            lines.Add($"{name}:{Spaces().Replace(value.Trim(), " ")}");
        }

        lines.Add("");
        lines.Add(form.Groups["names"].Value);
        lines.Add(Convert.ToHexString(SHA256.HashData(body)).ToLowerInvariant());
        var scope = $"{stamp[..8]}/{region}/{service}/aws4_request";
        var sum = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join("\n", lines)))).ToLowerInvariant();
        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var step in scope.Split('/'))
        {
            using var mac = new HMACSHA256(key);
            key = mac.ComputeHash(Encoding.UTF8.GetBytes(step));
        }

        using var last = new HMACSHA256(key);
        var right = last.ComputeHash(Encoding.UTF8.GetBytes($"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sum}"));
        return CryptographicOperations.FixedTimeEquals(right, Convert.FromHexString(form.Groups["signature"].Value)) ? null : "signature";
    }

    private static string Path(string target) =>
        string.Join('/', target.Split('?')[0].Split('/').Select(Uri.EscapeDataString));

    private static string Query(string target) =>
        target.Contains('?', StringComparison.Ordinal)
            ? string.Join('&', target[(target.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&').Select(pair => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=").Order(StringComparer.Ordinal))
            : "";

    [GeneratedRegex("^AWS4-HMAC-SHA256 Credential=(?<key>[^/]+)/(?<date>[0-9]{8})/(?<region>[^/]+)/(?<service>[^/]+)/aws4_request, SignedHeaders=(?<names>[a-z0-9;-]+), Signature=(?<signature>[0-9a-f]{64})$")]
    private static partial Regex Form();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
