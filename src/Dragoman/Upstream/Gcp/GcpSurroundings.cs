namespace Dragoman.Upstream.Gcp;

/// <summary>Where credentials may be found: the environment, the file system, the service near us.</summary>
/// <param name="Variable">Reads an environment variable.</param>
internal sealed record GcpSurroundings(Func<string, string?> Variable)
{
    /// <summary>Those of this process.</summary>
    public static GcpSurroundings OfProcess { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>The folder of Google's own tools.</summary>
    public string Folder { get; init; } = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "gcloud");

    /// <summary>An environment variable that is set and not empty; else null.</summary>
    public string? Set(string name) => Variable(name) is { Length: > 0 } value ? value : null;
}
