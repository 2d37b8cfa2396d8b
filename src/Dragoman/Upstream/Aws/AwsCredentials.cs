namespace Dragoman.Upstream.Aws;

/// <summary>Who we are on Amazon's cloud.</summary>
/// <param name="AccessKeyId">Named in every signature.</param>
/// <param name="SecretAccessKey">Signs; never sent.</param>
/// <param name="SessionToken">Goes with a key that is only lent; null for a lasting one.</param>
internal sealed record AwsCredentials(string AccessKeyId, string SecretAccessKey, string? SessionToken = null)
{
    /// <summary>Tells nothing: it could end in a log.</summary>
    public override string ToString() => nameof(AwsCredentials);
}
