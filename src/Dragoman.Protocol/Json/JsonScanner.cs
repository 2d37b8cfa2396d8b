using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Dragoman.Protocol.Json;

/// <summary>The one pass over a text that checks its grammar (RFC 8259) and fills the index.</summary>
/// <remarks>Works without recursion: an open container's <see cref="JsonToken.Next"/> holds the container around it, so the index is its own stack.</remarks>
internal ref struct JsonScanner
{
    private const int None = -1;

    private readonly Span<byte> _text;
    private readonly int _maxDepth;
    private JsonToken[] _tokens;
    private int _count;
    private int _at;
    private int _open = None;
    private int _depth;

    private JsonScanner(Span<byte> text, int maxDepth)
    {
        _text = text;
        _maxDepth = maxDepth;
        // Agent traffic has a token every hundred bytes or more; denser texts grow the index.
        _tokens = ArrayPool<JsonToken>.Shared.Rent(64 + text.Length / 64);
    }

    /// <summary>Scans <paramref name="text"/>, replacing lone surrogates in place.</summary>
    /// <returns>The index, rented from the pool.</returns>
    public static JsonToken[] Scan(Span<byte> text, int maxDepth)
    {
        var scanner = new JsonScanner(text, maxDepth);
        try
        {
            if (!Utf8.IsValid(text))
                throw scanner.NotUtf8();

            scanner.ScanText();
            return scanner._tokens;
        }
        catch
        {
            ArrayPool<JsonToken>.Shared.Return(scanner._tokens);
            throw;
        }
    }

    private void ScanText()
    {
        // Some tools put a byte order mark before JSON; RFC 8259 section 8.1 lets a reader ignore it.
        if (_text is [0xEF, 0xBB, 0xBF, ..])
            _at = 3;

        do
        {
            SkipWhitespace();
            ScanValue();
        }
        while (FindNextValue());

        if (_at < _text.Length)
            throw Fault("nothing may follow the end of the JSON text");
    }

    private void ScanValue()
    {
        switch (Current())
        {
            case '"':
                ScanString(isName: false);
                break;
            case '{':
                Open(JsonTokenKind.Object);
                break;
            case '[':
                Open(JsonTokenKind.Array);
                break;
            case 't':
                ScanWord("true"u8, JsonTokenKind.True);
                break;
            case 'f':
                ScanWord("false"u8, JsonTokenKind.False);
                break;
            case 'n':
                ScanWord("null"u8, JsonTokenKind.Null);
                break;
            case '-' or (>= '0' and <= '9'):
                ScanNumber();
                break;
            default:
                throw Fault("expected a value");
        }
    }

    /// <summary>After a value or an opening brace: closes what ends here and moves to the next value.</summary>
    /// <returns>False at the end of the outermost value.</returns>
    private bool FindNextValue()
    {
        while (_open != None)
        {
            SkipWhitespace();
            var isObject = _tokens[_open].Kind == JsonTokenKind.Object;
            var isEmpty = _open == _count - 1;
            var current = Current();
            if (current == (isObject ? '}' : ']'))
            {
                Close();
                continue;
            }

            if (!isEmpty)
            {
                if (current != ',')
                    throw Fault(isObject ? "expected ',' or '}'" : "expected ',' or ']'");
                _at++;
                SkipWhitespace();
            }

            if (isObject)
                ScanName();
            return true;
        }

        SkipWhitespace();
        return false;
    }

    private void ScanName()
    {
        if (Current() != '"')
            throw Fault("expected a member name in double quotes");
        ScanString(isName: true);
        SkipWhitespace();
        if (Current() != ':')
            throw Fault("expected ':'");
        _at++;
    }

    private void Open(JsonTokenKind kind)
    {
        if (++_depth > _maxDepth)
            throw Fault($"nested deeper than {_maxDepth} levels");

        ref var token = ref Add(kind, length: 0);
        token.Next = _open;
        _open = _count - 1;
        _at++;
    }

    private void Close()
    {
        _at++;
        _depth--;
        ref var token = ref _tokens[_open];
        _open = token.Next;
        token.Length = _at - token.Start;
        token.Next = _count;
    }

    private void ScanWord(ReadOnlySpan<byte> word, JsonTokenKind kind)
    {
        if (!_text[_at..].StartsWith(word))
            throw Fault("expected a value");
        Add(kind, word.Length);
        _at += word.Length;
    }

    private void ScanString(bool isName)
    {
        var end = JsonStrings.FindEnd(_text, _at + 1, out var escaped);
        if (end < 0)
        {
            _at = ~end;
            throw Fault(JsonStrings.Describe(_text, _at));
        }

        ref var token = ref Add(JsonTokenKind.String, end + 1 - _at);
        token.IsName = isName;
        token.Escaped = escaped;
        _at = end + 1;
    }

    private void ScanNumber()
    {
        var i = _at;
        if (_text[i] == '-')
            i++;

        if (At(i) == '0')
            i++;
        else
            i = SkipDigits(i);

        if (At(i) == '.')
            i = SkipDigits(i + 1);

        if (At(i) is 'e' or 'E')
        {
            i++;
            if (At(i) is '+' or '-')
                i++;
            i = SkipDigits(i);
        }

        Add(JsonTokenKind.Number, i - _at);
        _at = i;
    }

    /// <summary>Moves over at least one digit.</summary>
    private int SkipDigits(int i)
    {
        var first = i;
        while (char.IsAsciiDigit(At(i)))
            i++;
        if (i == first)
        {
            _at = i;
            throw Fault("expected a digit");
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SkipWhitespace()
    {
        while ((uint)_at < (uint)_text.Length && _text[_at] <= ' ' && _text[_at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            _at++;
    }

    private readonly char Current() => At(_at);

    /// <summary>The byte there; NUL, which no grammar rule accepts, past the end.</summary>
    private readonly char At(int i) => (uint)i < (uint)_text.Length ? (char)_text[i] : '\0';

    private ref JsonToken Add(JsonTokenKind kind, int length)
    {
        if (_count == _tokens.Length)
            Grow();
        ref var token = ref _tokens[_count++];
        token = new JsonToken { Start = _at, Length = length, Next = _count, Kind = kind };
        return ref token;
    }

    private void Grow()
    {
        var larger = ArrayPool<JsonToken>.Shared.Rent(_tokens.Length * 2);
        _tokens.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<JsonToken>.Shared.Return(_tokens);
        _tokens = larger;
    }

    private readonly JsonFormatException NotUtf8()
    {
        var at = 0;
        while (System.Text.Rune.DecodeFromUtf8(_text[at..], out _, out var length) == OperationStatus.Done)
            at += length;
        return new JsonFormatException($"The body is not valid JSON: not UTF-8 at {Place(at)}.");
    }

    private readonly JsonFormatException Fault(string what)
    {
        const int longestPath = 256;
        var path = JsonPath.OfNextValue(_tokens.AsSpan(0, _count), _text, _open);
        if (path.Length > longestPath)
            path = "…" + path[^longestPath..];
        var found = _at >= _text.Length ? ", but the text ends here" : "";
        return new JsonFormatException(
            $"{(path.Length > 0 ? path + ": " : "")}The body is not valid JSON: {what} at {Place(_at)}{found}.");
    }

    private readonly string Place(int at)
    {
        var before = _text[..at];
        var line = before.Count((byte)'\n') + 1;
        var column = 1;
        foreach (var b in before[(before.LastIndexOf((byte)'\n') + 1)..])
        {
            if ((b & 0xC0) != 0x80)
                column++;
        }

        return $"line {line}, column {column}";
    }
}
