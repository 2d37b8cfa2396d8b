using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Width and height of an image from its header, without decoding more of its base64 than the header.</summary>
internal static class ImageSize
{
    private const int MostSegments = 64;

    /// <param name="base64">The image.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    public static bool TryRead(ReadOnlySpan<byte> base64, out int width, out int height)
    {
        width = height = 0;
        Span<byte> head = stackalloc byte[30];
        if (!TryDecode(base64, 0, head))
            return false;

        if (head[1..].StartsWith("PNG"u8))
        {
            width = BinaryPrimitives.ReadInt32BigEndian(head[16..]);
            height = BinaryPrimitives.ReadInt32BigEndian(head[20..]);
        }
        else if (head.StartsWith("GIF8"u8))
        {
            width = BinaryPrimitives.ReadUInt16LittleEndian(head[6..]);
            height = BinaryPrimitives.ReadUInt16LittleEndian(head[8..]);
        }
        else if (head.StartsWith("RIFF"u8) && head[8..].StartsWith("WEBP"u8))
        {
            ReadWebP(head[12..], out width, out height);
        }
        else if (head[0] == 0xFF && head[1] == 0xD8)
        {
            ReadJpeg(base64, out width, out height);
        }

        return width > 0 && height > 0;
    }

    private static void ReadWebP(ReadOnlySpan<byte> chunk, out int width, out int height)
    {
        width = height = 0;
        if (chunk.StartsWith("VP8 "u8))
        {
            width = BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]) & 0x3FFF;
            height = BinaryPrimitives.ReadUInt16LittleEndian(chunk[16..]) & 0x3FFF;
        }
        else if (chunk.StartsWith("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(chunk[9..]);
            width = (int)(bits & 0x3FFF) + 1;
            height = (int)((bits >> 14) & 0x3FFF) + 1;
        }
        else if (chunk.StartsWith("VP8X"u8))
        {
            width = (chunk[12] | (chunk[13] << 8) | (chunk[14] << 16)) + 1;
            height = (chunk[15] | (chunk[16] << 8) | (chunk[17] << 16)) + 1;
        }
    }

    /// <summary>Goes from segment to segment until the frame header, which can come after a large preview picture.</summary>
    private static void ReadJpeg(ReadOnlySpan<byte> base64, out int width, out int height)
    {
        width = height = 0;
        Span<byte> segment = stackalloc byte[9];
        var at = 2;
        for (var i = 0; i < MostSegments && TryDecode(base64, at, segment) && segment[0] == 0xFF; i++)
        {
            var isFrame = segment[1] is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
            if (isFrame)
            {
                height = BinaryPrimitives.ReadUInt16BigEndian(segment[5..]);
                width = BinaryPrimitives.ReadUInt16BigEndian(segment[7..]);
                return;
            }

            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(segment[2..]);
        }
    }

    /// <summary>Decodes the bytes from <paramref name="offset"/> on that fill <paramref name="bytes"/>.</summary>
    private static bool TryDecode(ReadOnlySpan<byte> base64, int offset, Span<byte> bytes)
    {
        const int longest = 30;
        var first = offset / 3;
        var groups = (offset + bytes.Length + 2) / 3 - first;
        if ((first + groups) * 4 > base64.Length)
            return false;

        Span<byte> decoded = stackalloc byte[longest + 6];
        if (Base64.DecodeFromUtf8(base64.Slice(first * 4, groups * 4), decoded, out _, out var written, isFinalBlock: false) != OperationStatus.Done
            || written < offset % 3 + bytes.Length)
            return false;
        decoded.Slice(offset % 3, bytes.Length).CopyTo(bytes);
        return true;
    }
}
