using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Dragoman.WebFetch.Guard;

/// <summary>Which URLs are asked for at all; where they lead is for <see cref="AddressGuard"/> to judge.</summary>
internal static class UrlRules
{
    private static readonly IdnMapping Idn = new();

    /// <summary>Reads a URL.</summary>
    /// <param name="text">As the model, or a redirect, wrote it.</param>
    /// <param name="maxLength">Longest URL, in characters.</param>
    /// <param name="url">The same in one spelling: host in ASCII without a dot at its end, numeric hosts as four numbers, no fragment, no user.</param>
    /// <param name="failure">Why it is refused.</param>
    public static bool TryRead(string text, int maxLength, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out FetchFailure? failure)
    {
        url = null;
        text = text.Trim();
        failure = text.Length > maxLength ? new(FetchError.UrlTooLong, $"The URL is longer than {maxLength} characters.") : Read(text, out url);
        return failure is null;
    }

    /// <summary>Where a <c>Location</c> leads, as text for <see cref="TryRead"/>; null: nowhere.</summary>
    public static string? Resolve(Uri page, string location)
    {
        // Handed over with its base: alone, a path would be taken for a file.
        return Uri.TryCreate(page, location.Trim(), out var target) ? target.AbsoluteUri : null;
    }

    /// <summary>A host in small letters and ASCII, without the dot at its end; null: it is none.</summary>
    public static string? Ascii(string host)
    {
        try
        {
            host = Idn.GetAscii(host.TrimEnd('.')).ToLowerInvariant();
            return host.Length is > 0 and <= 253 ? host : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static FetchFailure? Read(string text, out Uri? url)
    {
        url = null;
        // Browsers take a backslash for a slash, others do not: who stands before and after it is a matter of opinion.
        if (text.AsSpan().ContainsAnyInRange('\0', ' ') || text.Contains('\\', StringComparison.Ordinal) || !Uri.TryCreate(text, UriKind.Absolute, out var given))
            return new(FetchError.InvalidToolInput, "This is no URL.");
        if (given.Scheme is not ("http" or "https")) return new(FetchError.InvalidToolInput, "Only http and https URLs can be fetched.");
        if (given.UserInfo.Length > 0 || Authority(text).Contains('@')) return new(FetchError.InvalidToolInput, "The URL holds a user name or a password.");

        var isV6 = given.HostNameType == UriHostNameType.IPv6;
        var host = isV6 ? given.IdnHost : Ascii(given.IdnHost);
        // A zone names an interface of this machine. A name whose last part is a number is an address that we cannot read, but somebody may.
        if (host is null || host.Contains('%', StringComparison.Ordinal) || (!isV6 && EndsInNumber(host) && !IPAddress.TryParse(host, out _)))
            return new(FetchError.InvalidToolInput, "The URL's host cannot be read.");

        url = new UriBuilder(given.Scheme, isV6 ? $"[{host}]" : host, given.Port, given.AbsolutePath, given.Query).Uri;
        return null;
    }

    private static ReadOnlySpan<char> Authority(string text)
    {
        var rest = text.AsSpan(text.IndexOf("//", StringComparison.Ordinal) + 2);
        var end = rest.IndexOfAny('/', '?', '#');
        return end < 0 ? rest : rest[..end];
    }

    private static bool EndsInNumber(string host)
    {
        var last = host.AsSpan(host.LastIndexOf('.') + 1);
        return last.StartsWith("0x", StringComparison.Ordinal) || !last.ContainsAnyExceptInRange('0', '9');
    }
}
