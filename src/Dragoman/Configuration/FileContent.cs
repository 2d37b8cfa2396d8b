using System.IO.Hashing;

namespace Dragoman.Configuration;

/// <summary>A file as it was at one moment.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Largest">Bytes beyond which it is not read.</param>
/// <param name="Bytes">What stood in it; null: it could not be read.</param>
/// <param name="Fault">Why not: the end of a sentence.</param>
internal sealed record FileContent(string Path, int Largest, byte[]? Bytes, string? Fault)
{
    /// <summary>Tells contents apart; null for a file that could not be read.</summary>
    public UInt128? Print { get; } = Bytes is null ? null : XxHash128.HashToUInt128(Bytes);

    /// <summary>The same file as it is now.</summary>
    public FileContent Again() => Read(Path, Largest);

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its full path.</param>
    /// <param name="largest">More bytes are not read.</param>
    public static FileContent Read(string path, int largest)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > largest) return new(path, largest, null, $"is larger than {largest >> 10} KB");
            using var bytes = new MemoryStream();
            file.CopyTo(bytes);
            return new(path, largest, bytes.ToArray(), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return new(path, largest, null, System.IO.File.Exists(path) ? "cannot be read" : "does not exist");
        }
    }
}
