using System.IO.Compression;
using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Dragoman.Endpoints;

/// <summary>The JSON body of a request, in pooled memory until disposed.</summary>
/// <remarks>Not left to minimal-API binding: that decodes text into strings, ignores the place of a fault and answers it with an empty
/// 400.</remarks>
internal sealed class RequestBody : IDisposable
{
    // A frame may ask its reader to remember as much as it likes; RFC 8878 asks readers for 8 MB.
    private const int LargestZstdWindowLog = 23;

    private readonly PooledBuffer _bytes;
    private readonly JsonText _text;

    private RequestBody(PooledBuffer bytes, JsonText text)
    {
        _bytes = bytes;
        _text = text;
    }

    /// <summary>The outermost value.</summary>
    public JsonView Root => _text.Root;

    /// <summary>Size of the JSON, in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>Reads, decompresses and checks the body.</summary>
    /// <exception cref="GatewayException">Too large, or of an encoding that is unknown or broken. (failures.md D17)</exception>
    /// <exception cref="JsonFormatException">Not JSON; names the place.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext http, LimitOptions limits)
    {
        var announced = http.Request.ContentLength;
        if (announced > limits.RequestBody) throw TooLarge(limits);
        var bytes = new PooledBuffer();
        if (announced is { } length) bytes.GetSpan((int)length);
        try
        {
            var encoding = http.Request.Headers.ContentEncoding.ToString().Trim();
            if (encoding.Length == 0 || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)) await ReadPlainAsync(http, bytes, limits);
            else await ReadEncodedAsync(http, encoding, bytes, limits);
            if (bytes.Length == 0) throw GatewayException.InvalidRequest("The request body is empty; expected a JSON object.");
            if (NeedsTime(bytes.Span)) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            var text = JsonText.Parse(bytes.Memory, limits.JsonDepth);
            if (!text.Root.IsObject)
            {
                text.Dispose();
                throw GatewayException.InvalidRequest("The request body must be a JSON object.");
            }

            return new(bytes, text);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>Gives the memory back; nothing read from <see cref="Root"/> may be used afterwards.</summary>
    public void Dispose()
    {
        _text.Dispose();
        _bytes.Dispose();
    }

    /// <summary>Whether the work on this body must not happen on the thread that polls the sockets: it is long, or holds a PDF whose text
    /// may be wanted.</summary>
    private static bool NeedsTime(ReadOnlySpan<byte> body) => body.Length > 256 * 1024 || body.IndexOf("application/pdf"u8) >= 0;

    private static async ValueTask ReadPlainAsync(HttpContext http, PooledBuffer bytes, LimitOptions limits)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (bytes.Length + read.Buffer.Length > limits.RequestBody)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw TooLarge(limits);
            }

            foreach (var segment in read.Buffer) bytes.Append(segment.Span);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }

    private static async ValueTask ReadEncodedAsync(HttpContext http, string encoding, PooledBuffer bytes, LimitOptions limits)
    {
        await using var decoded = Decoder(http.Request.BodyReader.AsStream(), encoding);
        try
        {
            int read;
            while ((read = await decoded.ReadAsync(bytes.GetMemory(64 * 1024), http.RequestAborted)) > 0)
            {
                bytes.Advance(read);
                if (bytes.Length > limits.RequestBody) throw TooLarge(limits, " once decompressed", "request_body_too_large_after_decoding");
            }
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or EndOfStreamException or InvalidOperationException)
        {
            throw GatewayException.InvalidRequest($"The request body is not what its content-encoding says: {encoding}.", "request_body_encoding_invalid", e);
        }
    }

    private static Stream Decoder(Stream body, string encoding)
    {
        switch (encoding.ToLowerInvariant())
        {
            case "gzip" or "x-gzip":
                return new GZipStream(body, CompressionMode.Decompress);
            case "br":
                return new BrotliStream(body, CompressionMode.Decompress);
            case "deflate":
                return new ZLibStream(body, CompressionMode.Decompress);
            case "zstd":
                var zstd = new DecompressionStream(body);
                zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, LargestZstdWindowLog);
                return zstd;
            default:
                throw GatewayException.InvalidRequest(
                    "The request body's content-encoding is not supported. Supported: gzip, br, zstd, deflate, identity.", "request_body_encoding_unsupported");
        }
    }

    private static GatewayException TooLarge(LimitOptions limits, string when = "", string? code = null) =>
        new(new AnthropicError(AnthropicErrorType.RequestTooLarge, $"The request body is larger than this gateway's limit of {limits.RequestBody} bytes{when}.", code));
}
