using System.Buffers;
using System.Text;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Tool call ids that stand in a conversation. Holds hashes, not the ids: it lives as long as the answer streams.</summary>
/// <remarks>Two ids with one hash only cost the later one its name.</remarks>
public sealed class UsedToolIds
{
    private readonly HashSet<int> _hashes;

    /// <param name="expected">How many ids there will be.</param>
    public UsedToolIds(int expected = 0) => _hashes = new HashSet<int>(expected);

    /// <summary>Marks <paramref name="id"/> as used.</summary>
    /// <returns>False if it was used before.</returns>
    public bool Add(string id) => _hashes.Add(string.GetHashCode(id));

    /// <summary>Marks <paramref name="id"/> as used.</summary>
    /// <param name="id">Unescaped UTF-8.</param>
    /// <returns>False if it was used before.</returns>
    public bool Add(ReadOnlySpan<byte> id) => _hashes.Add(Hash(id));

    internal void Add(int hash) => _hashes.Add(hash);

    /// <summary>The hash of an id, different in every process, so that no caller can prepare ids that collide.</summary>
    internal static int Hash(ReadOnlySpan<byte> id)
    {
        const int usual = 256;
        char[]? rented = null;
        Span<char> chars = id.Length <= usual ? stackalloc char[usual] : rented = ArrayPool<char>.Shared.Rent(id.Length);
        var hash = string.GetHashCode(chars[..Encoding.UTF8.GetChars(id, chars)]);
        if (rented is not null)
            ArrayPool<char>.Shared.Return(rented);
        return hash;
    }
}
