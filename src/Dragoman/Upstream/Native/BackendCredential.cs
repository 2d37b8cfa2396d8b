using Dragoman.Upstream.Aws;

namespace Dragoman.Upstream.Native;

/// <summary>Tells a backend who we are.</summary>
internal abstract class BackendCredential
{
    /// <summary>Adds to a request what proves who we are. Nothing of the request may change afterwards.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">What it sends.</param>
    /// <param name="cancellation">Ends the wait for a token.</param>
    /// <exception cref="CredentialException">There is none to be had.</exception>
    public abstract ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte> body, CancellationToken cancellation);

    /// <summary>The backend refused it. One that is lent is asked for anew by the next request: it may have been revoked.</summary>
    public virtual void Refused()
    {
    }
}

/// <summary>A key in a header.</summary>
/// <param name="header">Such as <c>x-api-key</c>.</param>
/// <param name="value">The whole value.</param>
internal sealed class HeaderCredential(string header, string value) : BackendCredential
{
    public override ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        request.Headers.TryAddWithoutValidation(header, value);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A token that is lent for a while.</summary>
internal sealed class TokenCredential(LentSecret<string> token) : BackendCredential
{
    public override async ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        request.Headers.Authorization = new("Bearer", await token.GetAsync(cancellation));

    public override void Refused() => token.Forget();
}

/// <summary>A signature over each request.</summary>
internal sealed class SignatureCredential(AwsSigner signer, LentSecret<AwsCredentials> keys, TimeProvider time) : BackendCredential
{
    public override async ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var credentials = await keys.GetAsync(cancellation);
        signer.Sign(request, body.Span, credentials, time.GetUtcNow());
    }

    public override void Refused() => keys.Forget();
}
