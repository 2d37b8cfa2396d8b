using System.Text;
using System.Text.Unicode;
using Dragoman.Protocol;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Joins the deltas of one string where a character lies across two of them, so that every delta is a sound string of its own.</summary>
/// <remarks>Backends that cut by tokens may send half a surrogate pair (<c>\ud83d</c>) or half a UTF-8 sequence at the end of one event and the
/// rest in the next. Several client parsers refuse either half alone. (failures.md H1)</remarks>
internal sealed class DeltaSeam : IDisposable
{
    private readonly PooledBuffer _tail = new();
    private readonly PooledBuffer _text = new();
    private readonly PooledBuffer _joined = new();

    /// <summary>Nothing is held back.</summary>
    internal bool IsEmpty => _tail.IsEmpty;

    /// <summary>The delta as it may be passed on: as a rule <paramref name="json"/> itself. Good until the next call.</summary>
    /// <param name="json">The inside of a JSON string.</param>
    internal ReadOnlySpan<byte> Join(ReadOnlySpan<byte> json)
    {
        if (_tail.IsEmpty && json.IndexOf("\\u"u8) < 0 && Utf8.IsValid(json)) return json;
        _tail.Append(json);
        var cut = CutOffLength(_tail.Span);
        var sound = Mend(_tail.Span[..^cut]);
        _tail.RemoveStart(_tail.Length - cut);
        if (cut == 0) _tail.Dispose();
        return sound;
    }

    /// <summary>What was held back, as far as it can be saved: the string ends here.</summary>
    internal ReadOnlySpan<byte> End()
    {
        if (_tail.IsEmpty) return default;
        var sound = Mend(_tail.Span);
        _tail.Dispose();
        return sound;
    }

    public void Dispose()
    {
        _tail.Dispose();
        _text.Dispose();
        _joined.Dispose();
    }

    /// <summary>Decodes and encodes again; halves without their partner become U+FFFD.</summary>
    private ReadOnlySpan<byte> Mend(ReadOnlySpan<byte> json)
    {
        _text.Clear();
        _joined.Clear();
        EscapedText.Unescape(json, _text);
        var text = _text.Span;
        if (Utf8.IsValid(text))
        {
            EscapedText.Escape(text, _joined);
            return _joined.Span;
        }

        Span<byte> utf8 = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var used);
            EscapedText.Escape(utf8[..rune.EncodeToUtf8(utf8)], _joined);
            text = text[used..];
        }

        return _joined.Span;
    }

    /// <summary>Length of a character at the end of <paramref name="json"/> whose rest has not come.</summary>
    private static int CutOffLength(ReadOnlySpan<byte> json)
    {
        if (EndsInHighSurrogate(json)) return 6;
        for (var length = 1; length <= Math.Min(3, json.Length); length++)
        {
            var first = json[^length];
            if (first < 0x80) return 0;
            if (first < 0xC0) continue;
            return Rune.DecodeFromUtf8(json[^length..], out _, out _) == System.Buffers.OperationStatus.NeedMoreData ? length : 0;
        }

        return 0;
    }

    private static bool EndsInHighSurrogate(ReadOnlySpan<byte> json)
    {
        if (json.Length < 6 || json[^6] != '\\' || json[^5] != 'u' || (json[^4] | 0x20) != 'd') return false;
        if ((json[^3] | 0x20) is not ((byte)'8' or (byte)'9' or (byte)'a' or (byte)'b')) return false;
        var slashes = 1;
        while (slashes + 6 <= json.Length && json[^(slashes + 6)] == '\\') slashes++;
        return slashes % 2 == 1;
    }
}
