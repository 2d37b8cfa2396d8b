using System.Text.Json;
using Dragoman.Configuration;

namespace Dragoman.WebSearch.Providers;

/// <summary>A search service that answers with JSON.</summary>
/// <inheritdoc/>
internal abstract class JsonSearchProvider(SearchProviderOptions options, string? vendor, string path) : HttpSearchProvider(options, vendor, path)
{
    /// <summary>The hits of an answer.</summary>
    /// <exception cref="SearchProviderException">It says that there was no search.</exception>
    protected abstract IReadOnlyList<SearchHit> Read(JsonElement answer);

    /// <inheritdoc/>
    protected sealed override IReadOnlyList<SearchHit> Read(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            return Read(json.RootElement);
        }
        catch (JsonException)
        {
            throw new SearchProviderException(SearchError.Unavailable, "answered with something that is no JSON");
        }
    }
}
