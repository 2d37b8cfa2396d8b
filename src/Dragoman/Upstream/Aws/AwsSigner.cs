using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Dragoman.Upstream.Aws;

/// <summary>Signs requests with Signature Version 4 (AWS General Reference, "Create a signed AWS API request").</summary>
/// <param name="region">Such as <c>us-east-1</c>.</param>
/// <param name="service">The service's name in signatures, such as <c>bedrock</c>.</param>
internal sealed class AwsSigner(string region, string service)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private static readonly byte[] KeyPrefix = "AWS4"u8.ToArray();

    /// <summary>Adds <c>x-amz-date</c>, <c>x-amz-security-token</c> and <c>authorization</c>. The address, the content type and the body
    /// must not change any more.</summary>
    public void Sign(HttpRequestMessage request, ReadOnlySpan<byte> body, AwsCredentials credentials, DateTimeOffset now)
    {
        var url = request.RequestUri!;
        var headers = new List<(string Name, string Value)> { ("host", url.IsDefaultPort ? url.IdnHost : $"{url.IdnHost}:{url.Port}") };
        if (request.Content?.Headers.ContentType?.ToString() is { } contentType) headers.Add(("content-type", contentType));
        headers.Add(("x-amz-date", Time(now)));
        if (credentials.SessionToken is { } token) headers.Add(("x-amz-security-token", token));
        var authorization = Authorization(request.Method.Method, url.AbsolutePath, url.Query.TrimStart('?'), headers, body, credentials, now);

        request.Headers.TryAddWithoutValidation("x-amz-date", Time(now));
        if (credentials.SessionToken is not null) request.Headers.TryAddWithoutValidation("x-amz-security-token", credentials.SessionToken);
        request.Headers.TryAddWithoutValidation("authorization", authorization);
    }

    /// <summary>The value of <c>authorization</c>.</summary>
    /// <param name="method">In capitals.</param>
    /// <param name="path">As it goes over the wire, escapes and all.</param>
    /// <param name="query">As it goes over the wire, without its question mark.</param>
    /// <param name="headers">The headers to sign, <c>host</c> and <c>x-amz-date</c> among them; names in lower case.</param>
    /// <param name="body">What is sent.</param>
    /// <param name="credentials">Whose signature.</param>
    /// <param name="now">The time in <c>x-amz-date</c>.</param>
    internal string Authorization(
        string method,
        string path,
        string query,
        IEnumerable<(string Name, string Value)> headers,
        ReadOnlySpan<byte> body,
        AwsCredentials credentials,
        DateTimeOffset now)
    {
        var (canonical, signed) = CanonicalHeaders(headers);
        var request = $"{method}\n{CanonicalPath(path)}\n{CanonicalQuery(query)}\n{canonical}\n{signed}\n{Hex(SHA256.HashData(body))}";
        var date = now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var scope = $"{date}/{region}/{service}/aws4_request";
        var toSign = $"{Algorithm}\n{Time(now)}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(request)))}";
        var signature = Hex(Mac(Key(credentials, date), toSign));
        return $"{Algorithm} Credential={credentials.AccessKeyId}/{scope}, SignedHeaders={signed}, Signature={signature}";
    }

    private byte[] Key(AwsCredentials credentials, string date) =>
        Mac(Mac(Mac(Mac([.. KeyPrefix, .. Encoding.UTF8.GetBytes(credentials.SecretAccessKey)], date), region), service), "aws4_request");

    private static (string Canonical, string Signed) CanonicalHeaders(IEnumerable<(string Name, string Value)> headers)
    {
        var canonical = new StringBuilder();
        var signed = new StringBuilder();
        foreach (var group in headers.GroupBy(header => header.Name, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            canonical.Append(group.Key).Append(':').AppendJoin(',', group.Select(header => OneSpaced(header.Value))).Append('\n');
            if (signed.Length > 0) signed.Append(';');
            signed.Append(group.Key);
        }

        return (canonical.ToString(), signed.ToString());
    }

    private static string OneSpaced(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <remarks>What is escaped on the wire is escaped once more here, as for all services but S3: <c>%3A</c> becomes <c>%253A</c>.</remarks>
    private static string CanonicalPath(string path) => path.Length == 0 ? "/" : Escape(path, keepSlash: true);

    private static string CanonicalQuery(string query)
    {
        if (query.Length == 0) return "";
        var pairs = query.Split('&').Select(pair => pair.Split('=', 2)).Select(pair => (Name: pair[0], Value: pair.Length > 1 ? pair[1] : ""));
        return string.Join('&', pairs
            .Select(pair => (Name: Escape(Uri.UnescapeDataString(pair.Name)), Value: Escape(Uri.UnescapeDataString(pair.Value))))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal)
            .ThenBy(pair => pair.Value, StringComparer.Ordinal)
            .Select(pair => $"{pair.Name}={pair.Value}"));
    }

    private static string Escape(string text, bool keepSlash = false)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            var plain = char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~' || (keepSlash && value == '/');
            if (plain) escaped.Append((char)value);
            else escaped.Append('%').Append(value.ToString("X2", CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static string Time(DateTimeOffset now) => now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
}
