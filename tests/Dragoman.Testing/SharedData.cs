using Xunit;

namespace Dragoman.Testing;

/// <summary>Recorded requests and answers that live in a folder named <c>shared</c> beside the repository.</summary>
/// <remarks>They are read in place and are no part of the repository, so a test that needs them is skipped, with a
/// reason, where they are missing.</remarks>
public static class SharedData
{
    /// <summary>Why a test that needs the recordings was skipped.</summary>
    public const string SkipReason = "The recordings (a folder 'shared' with 'corpus' in it, beside the repository) are not on this machine.";

    private static readonly Lazy<string?> Root = new(FindRoot);

    /// <summary>Full path of a file or folder in the recordings, or null where it does not exist.</summary>
    /// <param name="relativePath">With forward slashes: <c>corpus/openai</c>.</param>
    public static string? Find(string relativePath)
    {
        if (Root.Value is null) return null;
        var path = Path.GetFullPath(Path.Combine(Root.Value, relativePath));
        return Path.Exists(path) ? path : null;
    }

    /// <summary>As <see cref="Find"/>; skips the running test where the path does not exist.</summary>
    public static string Require(string relativePath)
    {
        var path = Find(relativePath);
        if (path is null) Assert.Skip($"{SkipReason} Missing: {relativePath}");
        return path;
    }

    private static string? FindRoot()
    {
        // From the test assembly upwards: the first folder that has the recordings beside it.
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var shared = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(Path.Combine(shared, "corpus"))) return shared;
        }

        return null;
    }
}
