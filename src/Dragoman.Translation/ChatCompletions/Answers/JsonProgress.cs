namespace Dragoman.Translation.ChatCompletions;

/// <summary>What stopped a <see cref="JsonProgress"/>.</summary>
internal enum JsonFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A control character inside a string.</summary>
    ControlCharacter,

    /// <summary>A backslash before a character that JSON does not escape.</summary>
    BadEscape,

    /// <summary>Anything else: the text is not JSON.</summary>
    NotJson,
}

/// <summary>Follows JSON text that comes in pieces, each the inside of a JSON string of its own, and knows when its outermost value is
/// complete.</summary>
/// <remarks>Built for tool arguments: it reads the escaped bytes as they are forwarded, and runs through long strings at the speed of a
/// search.</remarks>
internal struct JsonProgress
{
    private UInt128 _objects;
    private int _depth;
    private State _state;
    private bool _isKey;
    private byte _literalLeft;
    private byte _literal;

    // A number is over only when something else follows it.
    private bool _endedBefore;

    private enum State : byte
    {
        Value,
        ArrayStart,
        ObjectStart,
        Key,
        Colon,
        AfterValue,
        String,
        Escape,
        Unicode,
        Minus,
        Zero,
        Integer,
        Point,
        Fraction,
        Exponent,
        ExponentSign,
        ExponentDigits,
        Literal,
        Complete,
    }

    /// <summary>The outermost value has ended.</summary>
    internal readonly bool IsComplete => _state == State.Complete;

    /// <summary>The outermost value has not begun.</summary>
    internal readonly bool IsBlank => _state == State.Value && _depth == 0 && Fault == JsonFault.None;

    /// <summary>An object has begun and its first member too.</summary>
    internal readonly bool HasMember => _depth > 0 && !(_depth == 1 && _state == State.ObjectStart);

    /// <summary>What stands at the position where <see cref="Push"/> stopped.</summary>
    internal JsonFault Fault { get; private set; }

    /// <summary>Goes over the next piece.</summary>
    /// <param name="json">The inside of a JSON string.</param>
    /// <returns>How many bytes belong to the value: all of them, or those before its end or before a fault.</returns>
    internal int Push(ReadOnlySpan<byte> json)
    {
        var at = 0;
        while (at < json.Length)
        {
            if (_state == State.Complete || Fault != JsonFault.None) return at;
            if (_state == State.String)
            {
                var slash = json[at..].IndexOf((byte)'\\');
                if (slash < 0) return json.Length;
                at += slash;
            }

            var length = Decode(json[at..], out var character);
            Fault = Step(character);
            if (Fault != JsonFault.None) return at;
            if (_endedBefore) return at;
            at += length;
        }

        return at;
    }

    /// <summary>Goes on behind a fault inside a string that was mended there.</summary>
    internal void Mended()
    {
        _state = State.String;
        Fault = JsonFault.None;
    }

    /// <summary>The character that the inside of a JSON string begins with; anything above ASCII counts as one letter.</summary>
    internal static int Decode(ReadOnlySpan<byte> json, out byte character)
    {
        character = json[0];
        if (character != '\\' || json.Length == 1) return 1;
        switch (json[1])
        {
            case (byte)'n': character = (byte)'\n'; return 2;
            case (byte)'t': character = (byte)'\t'; return 2;
            case (byte)'r': character = (byte)'\r'; return 2;
            case (byte)'b': character = (byte)'\b'; return 2;
            case (byte)'f': character = (byte)'\f'; return 2;
            case (byte)'u' when json.Length >= 6:
                character = json[2] == '0' && json[3] == '0' && Hex(json[4]) is var high and < 8 && Hex(json[5]) is var low and < 16
                    ? (byte)((high << 4) | low)
                    : (byte)0x80;
                return 6;
            default: character = json[1]; return 2;
        }
    }

    private JsonFault Step(byte c)
    {
        switch (_state)
        {
            case State.String: return StepString(c);
            case State.Escape: return StepEscape(c);
            case State.Unicode:
                if (Hex(c) > 15) return JsonFault.NotJson;
                if (--_literalLeft == 0) _state = State.String;
                return JsonFault.None;
            case State.Literal: return StepLiteral(c);
            case >= State.Minus and <= State.ExponentDigits: return StepNumber(c);
        }

        if (c is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') return JsonFault.None;
        switch (_state)
        {
            case State.ArrayStart when c == ']':
            case State.ObjectStart when c == '}':
                return Leave();
            case State.ObjectStart or State.Key when c == '"':
                _isKey = true;
                _state = State.String;
                return JsonFault.None;
            case State.Colon when c == ':':
                _state = State.Value;
                return JsonFault.None;
            case State.AfterValue: return StepAfterValue(c);
            case State.Value or State.ArrayStart: return StartValue(c);
            default: return JsonFault.NotJson;
        }
    }

    private JsonFault StartValue(byte c)
    {
        switch (c)
        {
            case (byte)'{': return Enter(isObject: true);
            case (byte)'[': return Enter(isObject: false);
            case (byte)'"':
                _isKey = false;
                _state = State.String;
                return JsonFault.None;
            case (byte)'-': _state = State.Minus; return JsonFault.None;
            case (byte)'0': _state = State.Zero; return JsonFault.None;
            case >= (byte)'1' and <= (byte)'9': _state = State.Integer; return JsonFault.None;
            case (byte)'t' or (byte)'f' or (byte)'n':
                (_state, _literal, _literalLeft) = (State.Literal, c, (byte)Word(c).Length);
                _literalLeft--;
                return JsonFault.None;
            default: return JsonFault.NotJson;
        }
    }

    private JsonFault StepString(byte c)
    {
        if (c == '"')
        {
            if (_isKey) _state = State.Colon;
            else EndValue();
        }
        else if (c == '\\')
        {
            _state = State.Escape;
        }
        else if (c < 0x20)
        {
            return JsonFault.ControlCharacter;
        }

        return JsonFault.None;
    }

    private JsonFault StepEscape(byte c)
    {
        if (c == 'u')
        {
            (_state, _literalLeft) = (State.Unicode, 4);
            return JsonFault.None;
        }

        if (c is not ((byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t'))
            return JsonFault.BadEscape;
        _state = State.String;
        return JsonFault.None;
    }

    private JsonFault StepLiteral(byte c)
    {
        var word = Word(_literal);
        if (c != word[^_literalLeft]) return JsonFault.NotJson;
        if (--_literalLeft == 0) EndValue();
        return JsonFault.None;
    }

    private JsonFault StepNumber(byte c)
    {
        var isDigit = c is >= (byte)'0' and <= (byte)'9';
        State? next = _state switch
        {
            State.Minus => c == '0' ? State.Zero : isDigit ? State.Integer : null,
            State.Zero or State.Integer when c == '.' => State.Point,
            State.Zero or State.Integer or State.Fraction when c is (byte)'e' or (byte)'E' => State.Exponent,
            State.Integer when isDigit => State.Integer,
            State.Point or State.Fraction when isDigit => State.Fraction,
            State.Exponent when c is (byte)'+' or (byte)'-' => State.ExponentSign,
            State.Exponent or State.ExponentSign or State.ExponentDigits when isDigit => State.ExponentDigits,
            _ => null,
        };
        if (next is { } state)
        {
            _state = state;
            return JsonFault.None;
        }

        if (_state is not (State.Zero or State.Integer or State.Fraction or State.ExponentDigits)) return JsonFault.NotJson;
        EndValue();
        _endedBefore = _state == State.Complete;
        return _endedBefore ? JsonFault.None : Step(c);
    }

    private JsonFault StepAfterValue(byte c)
    {
        var inObject = (_objects & 1) != 0;
        if (c == ',')
        {
            _state = inObject ? State.Key : State.Value;
            return JsonFault.None;
        }

        return c == (inObject ? '}' : ']') ? Leave() : JsonFault.NotJson;
    }

    private JsonFault Enter(bool isObject)
    {
        // Deeper than any tool's schema; also what keeps the stack in two words.
        if (_depth == 127) return JsonFault.NotJson;
        _depth++;
        _objects = (_objects << 1) | (isObject ? UInt128.One : UInt128.Zero);
        _state = isObject ? State.ObjectStart : State.ArrayStart;
        return JsonFault.None;
    }

    private JsonFault Leave()
    {
        _depth--;
        _objects >>= 1;
        EndValue();
        return JsonFault.None;
    }

    private void EndValue() => _state = _depth == 0 ? State.Complete : State.AfterValue;

    private static ReadOnlySpan<byte> Word(byte first) => first switch
    {
        (byte)'t' => "true"u8,
        (byte)'f' => "false"u8,
        _ => "null"u8,
    };

    private static int Hex(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => 99,
    };
}
