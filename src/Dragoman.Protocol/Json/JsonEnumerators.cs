namespace Dragoman.Protocol.Json;

/// <summary>The items of an array.</summary>
public struct JsonItems
{
    private readonly JsonText? _text;
    private readonly int _end;
    private int _index;
    private int _next;

    internal JsonItems(JsonText text, int container)
    {
        _text = text;
        _end = text.Token(container).Next;
        _next = container + 1;
    }

    /// <summary>The item.</summary>
    public readonly JsonView Current => new(_text!, _index);

    /// <summary>Moves to the next item.</summary>
    public bool MoveNext()
    {
        if (_next >= _end)
            return false;
        _index = _next;
        _next = _text!.Token(_index).Next;
        return true;
    }

    /// <summary>Begins at the first item.</summary>
    public readonly JsonItems GetEnumerator() => this;
}

/// <summary>One member of an object.</summary>
public readonly struct JsonMember
{
    private readonly JsonText _text;
    private readonly int _name;

    internal JsonMember(JsonText text, int name)
    {
        _text = text;
        _name = name;
    }

    /// <summary>The name, a string.</summary>
    public JsonView Name => new(_text, _name);

    /// <summary>The value.</summary>
    public JsonView Value => new(_text, _name + 1);

    /// <summary>Whether the name is <paramref name="utf8"/>.</summary>
    public bool NameEquals(ReadOnlySpan<byte> utf8)
    {
        ref readonly var token = ref _text.Token(_name);
        return !token.Escaped
            ? token.Length == utf8.Length + 2 && _text.Bytes.Slice(token.Start + 1, utf8.Length).SequenceEqual(utf8)
            : Name.Equals(utf8);
    }
}

/// <summary>The members of an object.</summary>
public struct JsonMembers
{
    private readonly JsonText? _text;
    private readonly int _end;
    private int _name;
    private int _next;

    internal JsonMembers(JsonText text, int container)
    {
        _text = text;
        _end = text.Token(container).Next;
        _next = container + 1;
    }

    /// <summary>The member.</summary>
    public readonly JsonMember Current => new(_text!, _name);

    /// <summary>Moves to the next member.</summary>
    public bool MoveNext()
    {
        if (_next >= _end)
            return false;
        _name = _next;
        _next = _text!.Token(_name + 1).Next;
        return true;
    }

    /// <summary>Begins at the first member.</summary>
    public readonly JsonMembers GetEnumerator() => this;
}

/// <summary>One step down: from a container to the value in it.</summary>
/// <param name="Container">The object or array.</param>
/// <param name="Name">The member's name; absent in an array.</param>
/// <param name="Index">The item's place; the member's place in an object.</param>
/// <param name="Value">What stands there.</param>
public readonly record struct JsonStep(JsonView Container, JsonView Name, int Index, JsonView Value);

/// <summary>The steps from the outermost value down to one of its parts.</summary>
public struct JsonAncestors
{
    private readonly JsonText? _text;
    private readonly int _target;
    private int _container;

    internal JsonAncestors(JsonText text, int target)
    {
        _text = text;
        _target = target;
    }

    /// <summary>The step.</summary>
    public JsonStep Current { readonly get; private set; }

    /// <summary>Moves one step down.</summary>
    public bool MoveNext()
    {
        if (_text is null || _container >= _target)
            return false;
        var child = JsonPath.FindChild(_text.Tokens, _container, _target, out var index);
        var inObject = _text.Token(_container).Kind == JsonTokenKind.Object;
        Current = new(new(_text, _container), inObject ? new(_text, child - 1) : default, index, new(_text, child));
        _container = child;
        return true;
    }

    /// <summary>Begins at the outermost value.</summary>
    public readonly JsonAncestors GetEnumerator() => this;
}
