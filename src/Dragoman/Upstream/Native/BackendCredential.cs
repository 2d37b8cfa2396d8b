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

    /// <summary>The backend refused it. One that is lent may have been revoked, and is asked for anew.</summary>
    /// <returns>True if the next request brings another.</returns>
    public virtual bool Refused() => false;
}

/// <summary>A key in headers; none for a backend that asks for none.</summary>
/// <param name="headers">Names and whole values.</param>
internal sealed class HeaderCredential(params (string Name, string Value)[] headers) : BackendCredential
{
    /// <summary>A key as <c>Authorization: Bearer</c>.</summary>
    public static HeaderCredential Bearer(string key) => new(("Authorization", "Bearer " + key));

    public override ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A token that is lent for a while.</summary>
internal sealed class TokenCredential(LentSecret<string> token) : BackendCredential
{
    public override async ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        request.Headers.Authorization = new("Bearer", await token.GetAsync(cancellation));

    public override bool Refused() => token.Forget();
}

/// <summary>A signature over each request.</summary>
internal sealed class SignatureCredential(AwsSigner signer, LentSecret<AwsCredentials> keys, TimeProvider time) : BackendCredential
{
    public override async ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var credentials = await keys.GetAsync(cancellation);
        signer.Sign(request, body.Span, credentials, time.GetUtcNow());
    }

    public override bool Refused() => keys.Forget();
}
