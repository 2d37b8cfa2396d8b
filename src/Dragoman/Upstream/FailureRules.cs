using Dragoman.Errors;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>What a failure means for the next attempt and for the target: the table of docs/decisions/0013-failover.md.</summary>
/// <param name="Elsewhere">Another target may answer what this one could not.</param>
/// <param name="Again">The same target may, after a wait.</param>
/// <param name="IsFault">It speaks against the target, not against the request.</param>
/// <param name="Usefulness">How much it helps a caller to know of it; of several failures the most useful one is told.</param>
internal readonly record struct FailureRules(bool Elsewhere, bool Again, bool IsFault, int Usefulness)
{
    private static readonly FailureRules OfRequest = new(false, false, false, 1);

    /// <summary>The rules for a failure.</summary>
    public static FailureRules Of(GatewayException failure)
    {
        switch ((failure as UpstreamException)?.Kind)
        {
            case UpstreamErrorKind.ContentFiltered:
                return OfRequest;
            case UpstreamErrorKind.ContextTooLong:
                // A person can act on it, and a client does: it compacts.
                return new(true, false, false, 3);
            case UpstreamErrorKind.UnknownModel or UpstreamErrorKind.RefusedParameter:
                return new(true, false, false, 1);
            case UpstreamErrorKind.Credential:
                return new(true, false, true, 0);
        }

        // What is not worth asking for again is not worth asking this target for again; others know nothing of it.
        var may = failure.ShouldRetry != false;
        return failure.Status switch
        {
            429 => new(true, may, false, 6),
            409 => new(true, may, false, 4),
            503 or 529 => new(true, may, true, 5),
            502 => new(true, may, true, may ? 2 : 0),
            402 => new(true, false, true, 0),
            >= 500 => new(true, false, true, 4),
            _ => OfRequest,
        };
    }
}
