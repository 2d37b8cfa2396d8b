namespace Dragoman.Tests;

/// <summary>The repository the tests run in.</summary>
internal static class Repository
{
    /// <summary>Its folder; looked for from the test assembly upwards: a deterministic build knows no path of its sources.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Dragoman.slnx"))) folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests run outside the repository.");
        return folder.FullName;
    }
}
