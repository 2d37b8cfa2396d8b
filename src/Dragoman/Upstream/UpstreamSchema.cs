using Dragoman.Errors;
using Dragoman.Routing;
using Dragoman.TokenCounting;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>The API a backend speaks: where its calls go, who we are there, and how a caller's request is said in it. One for each backend,
/// used by all requests at once.</summary>
internal abstract class UpstreamSchema
{
    /// <summary>The gateway runs server tools for it, as backends of this schema have none.</summary>
    public virtual bool NeedsServerTools => false;

    /// <summary>Says a caller's request to a target. Nothing is sent.</summary>
    /// <exception cref="TranslationException">It cannot be said to this target.</exception>
    /// <exception cref="GatewayException">The prompt clearly does not fit.</exception>
    public abstract UpstreamRequest Write(CallerRequest caller, ModelTarget target, UpstreamServices services);

    /// <summary>Adds our credential, just before a request is sent: what is lent must be fresh, and a signature covers all that is
    /// sent.</summary>
    /// <param name="message">The request, with everything else in place.</param>
    /// <param name="body">Its body; empty if it has none.</param>
    /// <param name="cancellation">Ends the call at once.</param>
    /// <exception cref="HttpRequestException">No credential is to be had now.</exception>
    public abstract ValueTask AuthorizeAsync(HttpRequestMessage message, ReadOnlyMemory<byte> body, CancellationToken cancellation);

    /// <summary>The backend refused our credential. One that is lent may have been revoked, and is asked for anew.</summary>
    /// <returns>True if the next request brings another.</returns>
    public virtual bool CredentialRefused() => false;

    /// <summary>Asks for the backend's models; null if it has no such list.</summary>
    public abstract HttpRequestMessage? ListModels();

    /// <summary>Counts a prompt as this target would.</summary>
    /// <exception cref="TranslationException">It cannot be said to this target.</exception>
    /// <exception cref="UpstreamException">The backend refused, for a reason that would meet the real request too.</exception>
    public abstract Task<TokenCount> CountTokensAsync(
        CallerRequest caller, ModelTarget target, UpstreamServices services, CancellationToken cancellation);
}
