using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Dragoman.Protocol.Json;

/// <summary>Writes JSON bytes, taking memory from its buffer writer as seldom as it can. Nothing counts as written before <see cref="Flush"/>.</summary>
public ref struct JsonOutput
{
    private const int SmallestRequest = 4096;
    private const int LargestRequest = 64 * 1024;

    private readonly IBufferWriter<byte> _output;
    private Span<byte> _free;
    private int _used;
    private long _flushed;

    /// <param name="output">Takes the bytes.</param>
    public JsonOutput(IBufferWriter<byte> output) => _output = output;

    /// <summary>How many bytes were written.</summary>
    public readonly long Written => _flushed + _used;

    /// <summary>Copies bytes as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.TryCopyTo(_free[_used..]))
            _used += bytes.Length;
        else
            RawSlow(bytes);
    }

    private void RawSlow(scoped ReadOnlySpan<byte> bytes)
    {
        Flush();
        // A long string fills what is there and goes on in the next piece, so that no piece must be larger than it need be.
        while (bytes.Length > 0)
        {
            _free = _output.GetSpan(Math.Clamp(bytes.Length, SmallestRequest, LargestRequest));
            var fitting = Math.Min(_free.Length, bytes.Length);
            bytes[..fitting].CopyTo(_free);
            _used = fitting;
            bytes = bytes[fitting..];
            if (bytes.Length > 0)
                Flush();
        }
    }

    /// <summary>The inside of a JSON string that says <paramref name="utf8"/>.</summary>
    public void Escaped(scoped ReadOnlySpan<byte> utf8)
    {
        while (true)
        {
            var special = utf8.IndexOfAny(JsonStrings.Special);
            if (special < 0)
            {
                Raw(utf8);
                return;
            }

            Raw(utf8[..special]);
            Escape(utf8[special]);
            utf8 = utf8[(special + 1)..];
        }
    }

    /// <summary>The inside of a JSON string that says <paramref name="text"/>.</summary>
    public void Escaped(string text)
    {
        Span<byte> utf8 = stackalloc byte[256];
        if (Encoding.UTF8.TryGetBytes(text, utf8, out var length))
            Escaped(utf8[..length]);
        else
            Escaped(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>The inside of a JSON string whose content is the JSON text <paramref name="json"/>, byte for byte but without space between its tokens.</summary>
    /// <param name="json">A checked JSON text.</param>
    public void EscapedJson(scoped ReadOnlySpan<byte> json)
    {
        var inString = false;
        while (json.Length > 0)
        {
            var next = inString ? json.IndexOfAny((byte)'"', (byte)'\\') : json.IndexOfAny("\" \t\r\n"u8);
            if (next < 0)
            {
                Raw(json);
                return;
            }

            Raw(json[..next]);
            switch (json[next])
            {
                case (byte)'"':
                    Raw("\\\""u8);
                    inString = !inString;
                    next++;
                    break;
                case (byte)'\\':
                    // The escape's second byte can be a quote or a backslash of its own.
                    Raw("\\\\"u8);
                    if (json[next + 1] is (byte)'"' or (byte)'\\')
                        Raw("\\"u8);
                    Raw(json.Slice(next + 1, 1));
                    next += 2;
                    break;
                default:
                    next++;
                    break;
            }

            json = json[next..];
        }
    }

    /// <summary>A JSON string.</summary>
    public void Quoted(string text)
    {
        Raw("\""u8);
        Escaped(text);
        Raw("\""u8);
    }

    /// <summary>A JSON number.</summary>
    public void Number(long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out var length);
        Raw(digits[..length]);
    }

    /// <summary>A JSON number, as short as it reads back the same.</summary>
    public void Number(double value)
    {
        Span<byte> digits = stackalloc byte[32];
        value.TryFormat(digits, out var length, "R", CultureInfo.InvariantCulture);
        Raw(digits[..length]);
    }

    /// <summary>Hands over what was written.</summary>
    public void Flush()
    {
        if (_used > 0)
            _output.Advance(_used);
        _flushed += _used;
        _used = 0;
        _free = default;
    }

    private void Escape(byte special)
    {
        Span<byte> escape = stackalloc byte[6];
        Raw(escape[..JsonStrings.WriteEscape(special, escape)]);
    }
}
