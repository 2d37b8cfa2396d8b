namespace Dragoman.Upstream.Azure;

/// <summary>Where tokens may be had: the environment, and the services near and far.</summary>
/// <param name="Variable">Reads an environment variable.</param>
internal sealed record AzureSurroundings(Func<string, string?> Variable)
{
    /// <summary>Those of this process.</summary>
    public static AzureSurroundings OfProcess { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>The machine's identity service.</summary>
    public Uri MetadataService { get; init; } = new("http://169.254.169.254");

    /// <summary>An environment variable that is set and not empty; else null.</summary>
    public string? Set(string name) => Variable(name) is { Length: > 0 } value ? value : null;
}
