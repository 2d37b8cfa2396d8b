namespace Dragoman.WebSearch;

/// <summary>A page that was found.</summary>
/// <param name="Title">Plain text in one line; the host's name if the page has no title.</param>
/// <param name="Url">Absolute, http or https, without tracking.</param>
/// <param name="PageAge">When it was published or seen, in words such as <c>April 30, 2025</c> or <c>2 days ago</c>; null: not told.</param>
/// <param name="Snippet">What stands there about the query. Plain text, possibly empty or of several lines.</param>
internal sealed record SearchResult(string Title, string Url, string? PageAge, string Snippet);

/// <summary>A page as a search service tells of it: nothing is checked yet, and markup may be anywhere.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Url">Its address.</param>
/// <param name="Age">A date, or words.</param>
/// <param name="Snippet">What stands there.</param>
internal sealed record SearchHit(string? Title, string? Url, string? Age, string? Snippet);
