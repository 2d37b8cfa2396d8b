using System.Text.Json;

namespace Dragoman.Protocol.Json;

/// <summary>One value of a <see cref="JsonText"/>: no copy, no allocation. <c>default</c> is an absent value.</summary>
public readonly struct JsonView
{
    /// <summary><see cref="JsonValueKind.Undefined"/> for an absent value.</summary>
    public JsonValueKind Kind => throw new NotImplementedException();

    /// <summary>The value's bytes as they were sent, quotes and braces included.</summary>
    public ReadOnlySpan<byte> Raw => throw new NotImplementedException();

    /// <summary>A string's bytes between the quotes, still escaped.</summary>
    public ReadOnlySpan<byte> RawString => throw new NotImplementedException();

    /// <summary>The member of that name, the last one if it stands twice; absent if there is none or this is no object.</summary>
    public JsonView this[ReadOnlySpan<byte> name] => throw new NotImplementedException();
}
