namespace Dragoman.WebSearch;

/// <summary>What shall be searched.</summary>
/// <param name="Text">As the model wrote it.</param>
internal sealed record SearchQuery(string Text)
{
    /// <summary>Where results may come from.</summary>
    public DomainFilter Domains { get; init; } = DomainFilter.Everywhere;

    /// <summary>Where the user is; null: not told.</summary>
    public UserLocation? Location { get; init; }

    /// <summary>Results wanted, at most; null, or more than configured: as configured.</summary>
    public int? Count { get; init; }
}

/// <summary>The tool's <c>user_location</c>. Any part may be null.</summary>
/// <param name="City">Such as <c>San Francisco</c>.</param>
/// <param name="Region">Such as <c>California</c>.</param>
/// <param name="Country">ISO 3166 code of two letters.</param>
/// <param name="Timezone">IANA name, such as <c>America/Los_Angeles</c>.</param>
internal sealed record UserLocation(string? City = null, string? Region = null, string? Country = null, string? Timezone = null)
{
    /// <summary>The country in small letters; null: not told, or no code of two letters.</summary>
    public string? CountryCode => Country is { Length: 2 } code && char.IsAsciiLetter(code[0]) && char.IsAsciiLetter(code[1]) ? code.ToLowerInvariant() : null;

    /// <summary>The same in plain text of bounded length: it is the caller's, and goes into headers, addresses and JSON.</summary>
    public UserLocation Cleaned() => new(Clean(City), Clean(Region), Clean(Country), Clean(Timezone));

    private static string? Clean(string? part) => part is null ? null : PlainText.Query(part) is { Length: > 0 and <= 100 } text ? text : null;
}
