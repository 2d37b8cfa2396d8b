using System.Text.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>The elements of a checked JSON array that are objects, raw and one after another.</summary>
internal ref struct JsonElements
{
    private readonly ReadOnlySpan<byte> _array;
    private Utf8JsonReader _reader;

    internal JsonElements(ReadOnlySpan<byte> array)
    {
        _array = array;
        _reader = new Utf8JsonReader(array);
        _reader.Read();
    }

    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly JsonElements GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)_reader.TokenStartIndex;
            var isObject = _reader.TokenType == JsonTokenType.StartObject;
            _reader.Skip();
            if (!isObject) continue;
            Current = _array[start..(int)_reader.BytesConsumed];
            return true;
        }

        return false;
    }
}
