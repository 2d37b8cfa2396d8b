using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace Dragoman.Protocol.Json;

/// <summary>One value of a <see cref="JsonText"/>: no copy, no allocation. <c>default</c> is an absent value.</summary>
public readonly struct JsonView
{
    private readonly JsonText? _text;
    private readonly int _index;

    internal JsonView(JsonText text, int index)
    {
        _text = text;
        _index = index;
    }

    /// <summary><see cref="JsonValueKind.Undefined"/> for an absent value.</summary>
    public JsonValueKind Kind => _text is null ? JsonValueKind.Undefined : (JsonValueKind)_text.Token(_index).Kind;

    /// <summary>The value stands in the text, be it as <c>null</c>.</summary>
    public bool IsPresent => _text is not null;

    /// <summary>Absent, or <c>null</c>: the two mean the same in both APIs.</summary>
    public bool IsMissing => _text is null || Token.Kind == JsonTokenKind.Null;

    /// <summary>An object.</summary>
    public bool IsObject => Kind == JsonValueKind.Object;

    /// <summary>An array.</summary>
    public bool IsArray => Kind == JsonValueKind.Array;

    /// <summary>A string.</summary>
    public bool IsString => Kind == JsonValueKind.String;

    /// <summary><c>true</c>; false for anything else.</summary>
    public bool IsTrue => Kind == JsonValueKind.True;

    /// <summary>An array or object without items, or a string without characters.</summary>
    public bool IsEmpty => _text is not null && Token.Kind switch
    {
        JsonTokenKind.String => Token.Length == 2,
        JsonTokenKind.Array or JsonTokenKind.Object => Token.Next == _index + 1,
        _ => false,
    };

    /// <summary>The value's place in the index, for tables that should hold no references; see <see cref="JsonText.At"/>.</summary>
    public int Position => _index;

    /// <summary>The text this is a value of; null if absent.</summary>
    public JsonText? Text => _text;

    /// <summary>Where the value begins in the text, in bytes.</summary>
    public int Offset => _text is null ? 0 : Token.Start;

    /// <summary>The value's bytes as they were sent, quotes and braces included.</summary>
    public ReadOnlySpan<byte> Raw => _text is null ? default : _text.Bytes.Slice(Token.Start, Token.Length);

    /// <summary>A string's bytes between the quotes, still escaped; empty if this is no string.</summary>
    public ReadOnlySpan<byte> RawString => IsString ? Raw[1..^1] : default;

    /// <summary>Where the value stands, as <c>messages.3.content.0</c>; empty for the outermost value.</summary>
    public string Path => _text is null ? "" : JsonPath.Of(_text.Tokens, _text.Bytes, _index);

    /// <summary>The member of that name, the last one if it stands twice; absent if there is none or this is no object.</summary>
    public JsonView this[ReadOnlySpan<byte> name]
    {
        get
        {
            if (!IsObject)
                return default;

            var tokens = _text!.Tokens;
            var bytes = _text.Bytes;
            var end = tokens[_index].Next;
            var found = 0;
            for (var i = _index + 1; i < end; i = tokens[i + 1].Next)
            {
                ref readonly var member = ref tokens[i];
                var isThat = member.Escaped
                    ? JsonStrings.Equals(bytes.Slice(member.Start + 1, member.Length - 2), name)
                    : member.Length == name.Length + 2 && bytes.Slice(member.Start + 1, name.Length).SequenceEqual(name);
                if (isThat)
                    found = i + 1;
            }

            return found == 0 ? default : new(_text, found);
        }
    }

    /// <summary>The items of an array, in order; none if this is no array.</summary>
    public JsonItems Items => IsArray ? new(_text!, _index) : default;

    /// <summary>The members of an object, in order and as often as they stand there; none if this is no object.</summary>
    public JsonMembers Members => IsObject ? new(_text!, _index) : default;

    /// <summary>Whether this is a string whose content is <paramref name="utf8"/>.</summary>
    public bool Equals(ReadOnlySpan<byte> utf8)
    {
        if (!IsString)
            return false;
        return Token.Escaped ? JsonStrings.Equals(RawString, utf8) : RawString.SequenceEqual(utf8);
    }

    /// <summary>A string's content, decoded; null if this is no string. For short ones: names, ids.</summary>
    public string? GetString() => IsString ? JsonStrings.Decode(RawString) : null;

    /// <summary>A whole number; also one written as <c>4096.0</c> or <c>1e3</c>, as some serialisers do.</summary>
    public bool TryGetInt64(out long value)
    {
        value = 0;
        if (Kind != JsonValueKind.Number)
            return false;
        var raw = Raw;
        if (Utf8Parser.TryParse(raw, out value, out var used) && used == raw.Length)
            return true;

        const double largestExact = 1L << 53;
        if (!TryGetDouble(out var number) || Math.Abs(number) > largestExact || number != Math.Floor(number))
            return false;
        value = (long)number;
        return true;
    }

    /// <summary>A number.</summary>
    public bool TryGetDouble(out double value)
    {
        value = 0;
        return Kind == JsonValueKind.Number && double.TryParse(Raw, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    /// <summary>The values this one stands in, outermost first, and the step from each to the next: for places that name more than the plain path.</summary>
    public JsonAncestors Ancestors => _text is null ? default : new(_text, _index);

    private ref readonly JsonToken Token => ref _text!.Token(_index);
}
