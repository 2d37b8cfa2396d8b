using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Dragoman.Authentication;

/// <summary>SHA-256 of a key, the only form in which keys are kept.</summary>
/// <remarks>A plain hash and no slow one: the keys are random and long (<c>dragoman key new</c>), so there is nothing to guess.</remarks>
internal sealed class KeyDigest
{
    /// <summary>Longest key that is looked at, in UTF-8.</summary>
    private const int LongestKey = 1024;

    private readonly byte[] _hash;

    private KeyDigest(byte[] hash) => _hash = hash;

    /// <summary>For finding it among many. Nobody can choose what their key's hash begins with, so the time this takes tells nothing.</summary>
    public long Begin => BinaryPrimitives.ReadInt64LittleEndian(_hash);

    /// <summary>Reads 64 hexadecimal digits; null if they are none.</summary>
    public static KeyDigest? Parse(string hex) =>
        hex.Length == 2 * SHA256.HashSizeInBytes && hex.AsSpan().IndexOfAnyExcept(Hexadecimal) < 0 ? new(Convert.FromHexString(hex)) : null;

    /// <summary>Of a key that somebody presents; null if it is longer than any key.</summary>
    public static KeyDigest? Of(string key)
    {
        if (key.Length > LongestKey) return null;
        Span<byte> bytes = stackalloc byte[3 * LongestKey];
        bytes = bytes[..Encoding.UTF8.GetBytes(key, bytes)];
        var digest = new KeyDigest(SHA256.HashData(bytes));
        CryptographicOperations.ZeroMemory(bytes);
        return digest;
    }

    /// <summary>In constant time.</summary>
    public bool IsSame(KeyDigest other) => CryptographicOperations.FixedTimeEquals(_hash, other._hash);

    /// <inheritdoc/>
    public override string ToString() => Convert.ToHexStringLower(_hash);

    private static readonly System.Buffers.SearchValues<char> Hexadecimal = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");
}
