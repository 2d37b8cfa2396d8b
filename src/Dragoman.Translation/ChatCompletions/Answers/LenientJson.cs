using System.Text.Json;
using Dragoman.Protocol;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Reads what models write when they mean JSON, and writes JSON: control characters and unknown escapes in strings, single quotes, bare
/// names, commas before a closing bracket, Python's words.</summary>
/// <remarks>What is not there is not made up: a text that ends in the middle is refused, since half a command must not be run.</remarks>
internal ref struct LenientJson
{
    private const int Deepest = 64;

    private readonly ReadOnlySpan<byte> _text;
    private readonly PooledBuffer _output;
    private int _at;

    private LenientJson(ReadOnlySpan<byte> text, PooledBuffer output)
    {
        _text = text;
        _output = output;
    }

    /// <summary>Rewrites the object that <paramref name="text"/> begins with; what follows it is cut.</summary>
    /// <returns>False if there is no whole object; the output then holds garbage behind what it held before.</returns>
    internal static bool TryRewriteObject(ReadOnlySpan<byte> text, PooledBuffer output)
    {
        var rewriter = new LenientJson(text, output);
        rewriter.SkipSpace();
        return rewriter.Peek == '{' && rewriter.TryValue(Deepest);
    }

    /// <summary>Rewrites the value that <paramref name="text"/> begins with.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="output">Takes the JSON.</param>
    /// <param name="length">How much of the text the value was.</param>
    internal static bool TryRewriteValue(ReadOnlySpan<byte> text, PooledBuffer output, out int length)
    {
        var rewriter = new LenientJson(text, output);
        var whole = rewriter.TryValue(Deepest);
        length = rewriter._at;
        return whole;
    }

    private readonly byte Peek => _at < _text.Length ? _text[_at] : (byte)0;

    private bool TryValue(int depth)
    {
        SkipSpace();
        if (depth == 0) return false;
        return Peek switch
        {
            (byte)'{' => TryObject(depth),
            (byte)'[' => TryArray(depth),
            (byte)'"' or (byte)'\'' => TryString(),
            _ => TryWord(),
        };
    }

    private bool TryObject(int depth)
    {
        Copy();
        for (var first = true; ; first = false)
        {
            if (!TrySeparator('}', first, out var ended)) return false;
            if (ended) return true;
            if (!(Peek is (byte)'"' or (byte)'\'' ? TryString() : TryBareName())) return false;
            SkipSpace();
            if (Peek != ':') return false;
            Copy();
            if (!TryValue(depth - 1)) return false;
        }
    }

    private bool TryArray(int depth)
    {
        Copy();
        for (var first = true; ; first = false)
        {
            if (!TrySeparator(']', first, out var ended)) return false;
            if (ended) return true;
            if (!TryValue(depth - 1)) return false;
        }
    }

    /// <summary>Goes over the comma between two items, or the closing bracket; a comma before the bracket is left out.</summary>
    private bool TrySeparator(char close, bool first, out bool ended)
    {
        SkipSpace();
        var comma = !first && Peek == ',';
        if (comma)
        {
            _at++;
            SkipSpace();
        }

        ended = Peek == close;
        if (ended)
        {
            Copy();
            return true;
        }

        if (comma) _output.Append((byte)',');
        return first || comma;
    }

    private bool TryString()
    {
        var quote = Peek;
        _at++;
        _output.Append((byte)'"');
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == quote)
            {
                _at++;
                _output.Append((byte)'"');
                return true;
            }

            if (c == '\\')
            {
                if (!TryEscape()) return false;
                continue;
            }

            EscapedText.Escape(_text.Slice(_at, 1), _output);
            _at++;
        }

        return false;
    }

    private bool TryEscape()
    {
        var known = EscapedText.EscapeLength(_text[_at..]);
        if (known > 0)
        {
            _output.Append(_text.Slice(_at, known));
            _at += known;
            return true;
        }

        if (_at + 1 == _text.Length) return false;

        // \' needs no escape in JSON; any other was meant as a backslash (\d in a pattern, C:\Users).
        if (_text[_at + 1] == '\'')
        {
            _output.Append((byte)'\'');
            _at += 2;
        }
        else
        {
            _output.Append("\\\\"u8);
            _at++;
        }

        return true;
    }

    private bool TryBareName()
    {
        var length = WordLength();
        if (length == 0) return false;
        _output.Append((byte)'"');
        _output.Append(_text.Slice(_at, length));
        _output.Append((byte)'"');
        _at += length;
        return true;
    }

    private bool TryWord()
    {
        var length = WordLength();
        var word = _text.Slice(_at, length);
        _at += length;
        if (word.SequenceEqual("True"u8)) word = "true"u8;
        else if (word.SequenceEqual("False"u8)) word = "false"u8;
        else if (word.SequenceEqual("None"u8)) word = "null"u8;
        if (!IsSimpleValue(word)) return false;
        _output.Append(word);
        return true;
    }

    private static bool IsSimpleValue(ReadOnlySpan<byte> word)
    {
        try
        {
            var reader = new Utf8JsonReader(word);
            return reader.Read() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private readonly int WordLength()
    {
        var length = 0;
        while (_at + length < _text.Length && _text[_at + length] is var c
            && (char.IsAsciiLetterOrDigit((char)c) || c is (byte)'_' or (byte)'-' or (byte)'+' or (byte)'.' or (byte)'$'))
        {
            length++;
        }

        return length;
    }

    private void SkipSpace()
    {
        while (Peek is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') _at++;
    }

    private void Copy() => _output.Append(_text[_at++]);
}
