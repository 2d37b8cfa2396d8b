namespace Dragoman.Upstream.Aws;

/// <summary>Where credentials may be found: the environment, the file system, the services near us.</summary>
/// <param name="Variable">Reads an environment variable.</param>
internal sealed record AwsSurroundings(Func<string, string?> Variable)
{
    /// <summary>Those of this process.</summary>
    public static AwsSurroundings OfProcess { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>The folder of the shared files.</summary>
    public string Folder { get; init; } = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".aws");

    /// <summary>The security token service; null takes the region's.</summary>
    public Uri? TokenService { get; init; }

    /// <summary>Where the container service's relative paths begin.</summary>
    public Uri ContainerService { get; init; } = new("http://169.254.170.2");

    /// <summary>The machine's metadata service.</summary>
    public Uri MetadataService { get; init; } = new("http://169.254.169.254");

    /// <summary>An environment variable that is set and not empty; else null.</summary>
    public string? Set(string name) => Variable(name) is { Length: > 0 } value ? value : null;
}
