namespace Dragoman.Upstream.Native;

/// <summary>There is no credential to call a backend with. For its callers it is a backend that cannot be reached.</summary>
/// <param name="message">Why, fit for the log and for a caller: no secret, no address, no exception's text.</param>
internal sealed class CredentialException(string message) : HttpRequestException(message);
