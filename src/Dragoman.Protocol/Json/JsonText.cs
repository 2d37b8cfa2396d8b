using System.Buffers;
using System.Runtime.InteropServices;

namespace Dragoman.Protocol.Json;

/// <summary>A JSON text over memory of the caller's, checked once and then read by position.</summary>
/// <remarks>
/// One pass that jumps from quote to quote instead of byte by byte: agent traffic is megabytes of escaped text of which
/// the gateway needs to understand a few hundred short fields (performance.md, "Request scan instead of a full tree").
/// The memory must stay untouched while the text or any <see cref="JsonView"/> of it is in use.
/// </remarks>
public sealed class JsonText : IDisposable
{
    private readonly Memory<byte> _utf8;

    // Of memory over an array, which it nearly always is: a span of an array is had for less than a span of memory, and views take many.
    private readonly byte[]? _array;
    private readonly int _start;
    private JsonToken[] _tokens;

    private JsonText(Memory<byte> utf8, JsonToken[] tokens)
    {
        _utf8 = utf8;
        _tokens = tokens;
        if (MemoryMarshal.TryGetArray<byte>(utf8, out var segment))
        {
            _array = segment.Array;
            _start = segment.Offset;
        }
    }

    /// <summary>Checks and indexes <paramref name="utf8"/>.</summary>
    /// <param name="utf8">The whole text. Escaped lone surrogates (<c>\ud83d</c> without its partner, as JavaScript writes them for
    /// a string cut inside an emoji) are replaced by <c>\ufffd</c> in place, since backends refuse them.</param>
    /// <param name="maxDepth">Deepest nesting accepted.</param>
    /// <exception cref="JsonFormatException">Not JSON, not UTF-8, or nested too deep; names line, column and, where known, the path.</exception>
    public static JsonText Parse(Memory<byte> utf8, int maxDepth = 256) => new(utf8, JsonScanner.Scan(utf8.Span, maxDepth));

    /// <summary>The outermost value.</summary>
    public JsonView Root => new(this, 0);

    /// <summary>The value with that <see cref="JsonView.Position"/>.</summary>
    public JsonView At(int position) => new(this, position);

    /// <summary>The whole text.</summary>
    public ReadOnlySpan<byte> Bytes => _array is null ? _utf8.Span : new ReadOnlySpan<byte>(_array, _start, _utf8.Length);

    /// <summary>Gives the index back; the text's own memory stays the caller's.</summary>
    public void Dispose()
    {
        var tokens = _tokens;
        _tokens = [];
        if (tokens.Length > 0)
            ArrayPool<JsonToken>.Shared.Return(tokens);
    }

    internal ref readonly JsonToken Token(int index) => ref _tokens[index];

    internal ReadOnlySpan<JsonToken> Tokens => _tokens;
}

/// <summary>A text that is not what RFC 8259 calls JSON.</summary>
/// <param name="message">What was found and where, fit for the caller.</param>
public sealed class JsonFormatException(string message) : Exception(message);
