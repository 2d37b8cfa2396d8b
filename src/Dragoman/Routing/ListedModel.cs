namespace Dragoman.Routing;

/// <summary>One entry of a backend's <c>GET /v1/models</c>.</summary>
/// <param name="Id">The name to ask for.</param>
/// <param name="DisplayName">A name for people, or null.</param>
/// <param name="ContextWindow">Prompt and answer together, in tokens; null if the backend does not say.</param>
/// <param name="MaxOutputTokens">Longest answer, in tokens; null if the backend does not say.</param>
/// <param name="Created">Seconds since 1970; null if the backend does not say.</param>
/// <param name="OwnedBy"><c>owned_by</c>, or null.</param>
/// <param name="Parent">The model that this one adapts (LoRA), or null.</param>
/// <param name="ServedAs">The model that answers to this name, if a route gives it another; null if it is called so itself.</param>
internal sealed record ListedModel(
    string Id,
    string? DisplayName = null,
    int? ContextWindow = null,
    int? MaxOutputTokens = null,
    long? Created = null,
    string? OwnedBy = null,
    string? Parent = null,
    string? ServedAs = null);
