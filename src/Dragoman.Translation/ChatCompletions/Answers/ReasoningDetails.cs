using System.Text.Json;
using Dragoman.Protocol;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Gathers <c>reasoning_details</c> (OpenRouter) so that they can go back unchanged and in order.</summary>
/// <remarks>A stream sends one entry in many pieces of its text; those are joined again, or a long thought would come back as a thousand entries.
/// An entry that came whole stays byte for byte as it was.</remarks>
internal sealed class ReasoningDetails : IDisposable
{
    private static readonly string[] OtherMembers = ["id", "format", "index", "signature"];

    private readonly PooledBuffer _done = new();
    private readonly PooledBuffer _first = new();
    private readonly PooledBuffer _text = new();
    private readonly byte[]?[] _others = new byte[]?[OtherMembers.Length];
    private byte[] _type = [];
    private int _pieces;

    /// <summary>Nothing was gathered since the last <see cref="Take"/>.</summary>
    internal bool IsEmpty => _done.IsEmpty && _pieces == 0;

    /// <summary>Adds the entries of an array.</summary>
    /// <param name="array">Checked JSON.</param>
    internal void Add(ReadOnlySpan<byte> array)
    {
        foreach (var entry in new JsonElements(array))
        {
            var members = new Members(entry);
            if (_pieces > 0 && !Continues(members)) FinishEntry();
            if (_pieces == 0) Begin(entry, members);
            Continue(members);
        }
    }

    /// <summary>The array gathered so far, raw; empty if there is none. Begins anew.</summary>
    internal ReadOnlyMemory<byte> Take()
    {
        FinishEntry();
        if (_done.IsEmpty) return default;
        _done.Append((byte)']');
        var array = _done.Span.ToArray();
        _done.Dispose();
        return array;
    }

    /// <summary>The text that an entry shows: the inside of a JSON string, or empty.</summary>
    internal static ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> entry) => new Members(entry).Text;

    public void Dispose()
    {
        _done.Dispose();
        _first.Dispose();
        _text.Dispose();
    }

    private bool Continues(scoped in Members piece)
    {
        var isPlain = _type.AsSpan().SequenceEqual("reasoning.text"u8) || _type.AsSpan().SequenceEqual("reasoning.summary"u8);
        var index = _others[2];
        return isPlain && piece.Type.SequenceEqual(_type) && (index is null || piece.Index.IsEmpty || piece.Index.SequenceEqual(index));
    }

    private void Begin(ReadOnlySpan<byte> entry, scoped in Members piece)
    {
        _first.Append(entry);
        _type = piece.Type.ToArray();
    }

    private void Continue(scoped in Members piece)
    {
        _text.Append(piece.Text);
        Keep(0, piece.Id);
        Keep(1, piece.Format);
        Keep(2, piece.Index);
        Keep(3, piece.Signature);
        _pieces++;
    }

    private void Keep(int member, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty && !value.SequenceEqual(_others[member])) _others[member] = value.ToArray();
    }

    private void FinishEntry()
    {
        if (_pieces == 0) return;
        _done.Append(_done.IsEmpty ? (byte)'[' : (byte)',');
        if (_pieces == 1) _done.Append(_first.Span);
        else AppendJoined();
        _pieces = 0;
        _first.Dispose();
        _text.Dispose();
        Array.Clear(_others);
    }

    private void AppendJoined()
    {
        _done.Append("{\"type\":\""u8);
        _done.Append(_type);
        _done.Append(_type.AsSpan().EndsWith("summary"u8) ? "\",\"summary\":\""u8 : "\",\"text\":\""u8);
        _done.Append(_text.Span);
        _done.Append((byte)'"');
        for (var i = 0; i < OtherMembers.Length; i++)
        {
            if (_others[i] is not { } value) continue;
            _done.Append(",\""u8);
            foreach (var letter in OtherMembers[i]) _done.Append((byte)letter);
            _done.Append("\":"u8);
            _done.Append(value);
        }

        _done.Append((byte)'}');
    }

    /// <summary>What is known of an entry; raw values, empty where absent or null, but for text and type: those are the inside of their strings.</summary>
    private readonly ref struct Members
    {
        internal Members(ReadOnlySpan<byte> entry)
        {
            var reader = new Utf8JsonReader(entry);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader;
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                var isString = reader.TokenType == JsonTokenType.String;
                var raw = reader.TokenType == JsonTokenType.Null ? default : entry[start..(int)reader.BytesConsumed];
                if (name.ValueTextEquals("text"u8) || name.ValueTextEquals("summary"u8)) Text = isString ? raw[1..^1] : Text;
                else if (name.ValueTextEquals("type"u8)) Type = isString ? raw[1..^1] : Type;
                else if (name.ValueTextEquals("id"u8)) Id = raw;
                else if (name.ValueTextEquals("format"u8)) Format = raw;
                else if (name.ValueTextEquals("index"u8)) Index = raw;
                else if (name.ValueTextEquals("signature"u8)) Signature = raw;
            }
        }

        internal ReadOnlySpan<byte> Text { get; }

        internal ReadOnlySpan<byte> Type { get; }

        internal ReadOnlySpan<byte> Id { get; }

        internal ReadOnlySpan<byte> Format { get; }

        internal ReadOnlySpan<byte> Index { get; }

        internal ReadOnlySpan<byte> Signature { get; }
    }
}
