using Dragoman.Protocol;
using Dragoman.Protocol.Json;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>One tool call, as far as the backend has sent it.</summary>
internal sealed class ToolCall(int index) : IDisposable
{
    private byte[] _id = [];
    private JsonProgress _progress;
    private int _followed;

    /// <summary>The index it was sent under; -1 for none. Two calls may carry the same.</summary>
    internal int Index { get; } = index;

    /// <summary>Its name as the backend calls it, unescaped; empty while unknown.</summary>
    internal byte[] Name { get; set; } = [];

    /// <summary>Its id as the backend calls it, unescaped; empty while unknown.</summary>
    internal ReadOnlySpan<byte> Id => _id;

    /// <summary>Arguments that were not told to the client: the inside of a JSON string.</summary>
    internal PooledBuffer Arguments { get; } = new();

    /// <summary>Raw <c>extra_content</c>, or empty.</summary>
    internal ReadOnlyMemory<byte> ExtraContent { get; set; }

    /// <summary>How far the arguments have come. Those that are kept are gone over only when somebody asks.</summary>
    internal ref JsonProgress Progress
    {
        get
        {
            if (_followed < Arguments.Length)
            {
                _progress.Push(Arguments.Span[_followed..]);
                _followed = Arguments.Length;
            }

            return ref _progress;
        }
    }

    /// <summary>The client's id of the call, once it was started.</summary>
    internal string? ClientId { get; set; }

    /// <summary>The offered tool it calls, once it was started; null if none was offered by that name.</summary>
    internal OfferedTool? Tool { get; set; }

    /// <summary>The client was told all of it, or will be told nothing.</summary>
    internal bool IsDone { get; set; }

    /// <summary>Takes id and name, where they are not known yet: backends repeat them, or send them one after the other. (failures.md B2)</summary>
    internal void Identify(scoped in ToolCallDelta delta)
    {
        if (_id.Length == 0 && !IsBlank(delta.Id)) _id = Unescape(delta.Id);
        if (Name.Length == 0 && !IsBlank(delta.Name)) Name = Unescape(delta.Name);
    }

    /// <summary>Whether the backend means this call by an id.</summary>
    /// <param name="id">The inside of a JSON string.</param>
    internal bool HasId(ReadOnlySpan<byte> id) =>
        _id.Length > 0 && (id.Contains((byte)'\\') ? Unescape(id).AsSpan().SequenceEqual(_id) : id.SequenceEqual(_id));

    /// <summary>Whether the backend means this call's tool by a name.</summary>
    /// <param name="name">The inside of a JSON string.</param>
    internal bool HasName(ReadOnlySpan<byte> name) =>
        name.Contains((byte)'\\') ? Unescape(name).AsSpan().SequenceEqual(Name) : name.SequenceEqual(Name);

    public void Dispose() => Arguments.Dispose();

    internal static bool IsBlank(ReadOnlySpan<byte> json) => EscapedText.IsWhiteSpace(json);

    private static byte[] Unescape(ReadOnlySpan<byte> json)
    {
        using var text = new PooledBuffer();
        EscapedText.Unescape(json, text);
        return text.Span.ToArray();
    }
}
