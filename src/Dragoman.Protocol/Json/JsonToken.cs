using System.Text.Json;

namespace Dragoman.Protocol.Json;

/// <summary>One value or member name of a <see cref="JsonText"/>, in the order they stand in the text. Holds no references: pooled without clearing.</summary>
internal struct JsonToken
{
    /// <summary>Where the value begins, quotes and braces included.</summary>
    public int Start;

    /// <summary>How long it is, quotes and braces included.</summary>
    public int Length;

    /// <summary>The token after this value and all that it holds. While a container is still open: the container around it.</summary>
    public int Next;

    /// <summary>What it is; a member's name is a string.</summary>
    public JsonTokenKind Kind;

    /// <summary>The token is a member's name.</summary>
    public bool IsName;

    /// <summary>The string holds a backslash.</summary>
    public bool Escaped;
}

/// <summary>The values of <see cref="JsonValueKind"/> in a byte.</summary>
internal enum JsonTokenKind : byte
{
    Object = JsonValueKind.Object,
    Array = JsonValueKind.Array,
    String = JsonValueKind.String,
    Number = JsonValueKind.Number,
    True = JsonValueKind.True,
    False = JsonValueKind.False,
    Null = JsonValueKind.Null,
}
