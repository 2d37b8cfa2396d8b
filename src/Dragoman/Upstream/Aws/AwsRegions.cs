namespace Dragoman.Upstream.Aws;

/// <summary>Where the services of a region are.</summary>
internal static class AwsRegions
{
    /// <summary>The domain that a region's services end in.</summary>
    public static string Domain(string region) => region.StartsWith("cn-", StringComparison.Ordinal) ? "amazonaws.com.cn" : "amazonaws.com";
}
