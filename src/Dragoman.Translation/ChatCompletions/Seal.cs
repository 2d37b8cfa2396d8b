using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Bytes that travel with the client and must come back as they were: compressed, and sealed with a MAC.</summary>
/// <remarks>A prefix, then base64url of: a MAC over the rest, the length of the content in 4 bytes, the content compressed.</remarks>
internal static class Seal
{
    private const int MacLength = 16;
    private const int LengthLength = 4;

    // What a few bytes may unfold to.
    private const int LargestContent = 16 * 1024 * 1024;

    /// <summary>ASCII; the same input gives the same text.</summary>
    /// <param name="prefix">What it begins with.</param>
    /// <param name="purpose">What it is for: sealed for one purpose, it cannot be opened for another.</param>
    /// <param name="content">What travels.</param>
    /// <param name="key">Known to the gateway alone.</param>
    public static string Close(string prefix, ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> content, ReadOnlySpan<byte> key)
    {
        var sealedBytes = ArrayPool<byte>.Shared.Rent(MacLength + LengthLength + Compression.MaxLength(content.Length));
        try
        {
            BinaryPrimitives.WriteInt32LittleEndian(sealedBytes.AsSpan(MacLength), content.Length);
            var length = MacLength + LengthLength + Compression.Compress(content, sealedBytes.AsSpan(MacLength + LengthLength));
            Mac(key, purpose, sealedBytes.AsSpan(MacLength, length - MacLength), sealedBytes.AsSpan(0, MacLength));
            return string.Concat(prefix, Base64Url.EncodeToString(sealedBytes.AsSpan(0, length)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(sealedBytes);
        }
    }

    /// <summary>The content; null if it is another's, was changed, or was sealed with another key or for another purpose.</summary>
    /// <param name="text">What came back, without the prefix.</param>
    /// <param name="purpose">As given to <see cref="Close"/>.</param>
    /// <param name="key">The key it was sealed with.</param>
    public static byte[]? Open(ReadOnlySpan<byte> text, ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> key)
    {
        var sealedBytes = ArrayPool<byte>.Shared.Rent(Base64Url.GetMaxDecodedLength(text.Length));
        try
        {
            if (Base64Url.DecodeFromUtf8(text, sealedBytes, out var read, out var length) != OperationStatus.Done || read != text.Length) return null;
            if (length < MacLength + LengthLength) return null;
            Span<byte> mac = stackalloc byte[MacLength];
            Mac(key, purpose, sealedBytes.AsSpan(MacLength, length - MacLength), mac);
            if (!CryptographicOperations.FixedTimeEquals(mac, sealedBytes.AsSpan(0, MacLength))) return null;
            return Unfold(sealedBytes.AsSpan(MacLength, length - MacLength));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(sealedBytes);
        }
    }

    private static byte[]? Unfold(ReadOnlySpan<byte> sized)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(sized);
        if (length is < 0 or > LargestContent) return null;
        var content = new byte[length];
        return Compression.TryDecompress(sized[LengthLength..], content, out var written) && written == length ? content : null;
    }

    private static void Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> content, Span<byte> mac)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(purpose);
        hmac.AppendData(content);
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        hmac.GetHashAndReset(full);
        full[..MacLength].CopyTo(mac);
    }

    // Bytes in, bytes out, and no stream: the one part of System.IO that is as pure as the rest of the translation.
#pragma warning disable RS0030
    private static class Compression
    {
        private const int Quality = 5;
        private const int Window = 22;

        internal static int MaxLength(int length) => BrotliEncoder.GetMaxCompressedLength(length);

        internal static int Compress(ReadOnlySpan<byte> source, Span<byte> destination) =>
            BrotliEncoder.TryCompress(source, destination, out var written, Quality, Window)
                ? written
                : throw new InvalidOperationException("The destination has room for the worst case.");

        /// <remarks>Writes no further than <paramref name="destination"/>, however much a few bytes claim to unfold to.</remarks>
        internal static bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination, out int written) =>
            BrotliDecoder.TryDecompress(source, destination, out written);
    }
#pragma warning restore RS0030
}
