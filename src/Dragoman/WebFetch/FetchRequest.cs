using Dragoman.WebSearch;

namespace Dragoman.WebFetch;

/// <summary>A page to fetch, as a model asked for it with the tool's parameters.</summary>
/// <param name="Url">As the model wrote it.</param>
internal sealed record FetchRequest(string Url)
{
    /// <summary>The tool's own <c>allowed_domains</c> or <c>blocked_domains</c>, asked for the page and for every redirect.</summary>
    public DomainFilter Domains { get; init; } = DomainFilter.Everywhere;

    /// <summary><c>max_content_tokens</c>; null: only the configured limit holds.</summary>
    public int? MaxContentTokens { get; init; }

    /// <summary>False: <c>use_cache</c> is false, the server is asked again.</summary>
    public bool UseCache { get; init; } = true;
}
