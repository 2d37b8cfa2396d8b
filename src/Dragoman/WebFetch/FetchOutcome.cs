namespace Dragoman.WebFetch;

/// <summary>What came of fetching: a <see cref="FetchedPage"/> or a <see cref="FetchFailure"/>.</summary>
internal abstract record FetchOutcome;

/// <summary>A page.</summary>
/// <param name="Url">Where it was found, after all redirects.</param>
/// <param name="Title">Null: it has none.</param>
/// <param name="MediaType">What the server sent, without parameters: <c>text/html</c>, <c>application/pdf</c>.</param>
/// <param name="Text">What a model reads: Markdown of HTML, the text of a PDF document, anything else as it is. Says so where it was cut.</param>
/// <param name="RetrievedAt">When it was fetched, also if it now came from memory.</param>
internal sealed record FetchedPage(string Url, string? Title, string MediaType, string Text, DateTimeOffset RetrievedAt) : FetchOutcome
{
    /// <summary>The PDF document itself; empty: it is none, or more than <c>max_content_tokens</c> allows.</summary>
    public ReadOnlyMemory<byte> Pdf { get; init; }

    /// <summary><see cref="Text"/> is not all of it.</summary>
    public bool IsCut { get; init; }

    /// <summary>It came from memory.</summary>
    public bool IsCached { get; init; }
}

/// <summary>No page.</summary>
/// <param name="Error">What the client is told.</param>
/// <param name="Reason">A sentence for the model. Names no address that the caller does not know.</param>
internal sealed record FetchFailure(FetchError Error, string Reason) : FetchOutcome;

/// <summary>Carries a failure out of the layers of <see cref="HttpClient"/>.</summary>
internal sealed class FetchException(FetchFailure failure) : Exception(failure.Reason)
{
    public FetchException(FetchError error, string reason) : this(new(error, reason))
    {
    }

    public FetchFailure Failure => failure;
}
