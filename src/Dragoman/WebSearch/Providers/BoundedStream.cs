namespace Dragoman.WebSearch.Providers;

/// <summary>Reads what somebody else sends, but not without end.</summary>
internal static class BoundedStream
{
    /// <summary>Everything to the end.</summary>
    /// <exception cref="SearchProviderException">There are more bytes than that.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream stream, int most, CancellationToken cancellation)
    {
        var bytes = new byte[16 << 10];
        var length = 0;
        while (true)
        {
            if (length == bytes.Length) Array.Resize(ref bytes, Math.Min(bytes.Length * 2, most + 1));
            var read = await stream.ReadAsync(bytes.AsMemory(length), cancellation);
            if (read == 0) return bytes.AsMemory(0, length);
            length += read;
            if (length > most) throw new SearchProviderException(SearchError.Unavailable, $"answered with more than {most >> 20} MB");
        }
    }
}
