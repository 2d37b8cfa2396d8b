using System.Buffers;
using Dragoman.Protocol.Json;

namespace Dragoman.Protocol.OpenAI;

/// <summary>Writes the body of <c>POST /chat/completions</c>: the only place that knows its bytes.</summary>
/// <remarks>Text goes in between a Start and an End method as the inside of a JSON string, through <see cref="Json"/>.</remarks>
public ref struct ChatRequestWriter
{
    private JsonOutput _json;
    private bool _needsComma;

    /// <param name="output">Takes the JSON.</param>
    public ChatRequestWriter(IBufferWriter<byte> output) => _json = new JsonOutput(output);

    /// <summary>The bytes below: for text, and for JSON that is copied raw.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref JsonOutput Json => ref _json;

    /// <summary>Opens the body.</summary>
    public void Start(string model)
    {
        _json.Raw("{\"model\":"u8);
        _json.Quoted(model);
        _needsComma = true;
    }

    /// <summary>Closes the body and hands it over.</summary>
    public void End()
    {
        _json.Raw("}"u8);
        _json.Flush();
    }

    /// <summary>Begins a member: its value must follow.</summary>
    /// <param name="name">Plain ASCII, nothing to escape.</param>
    public void Member(scoped ReadOnlySpan<byte> name)
    {
        _json.Raw(_needsComma ? ",\""u8 : "\""u8);
        _json.Raw(name);
        _json.Raw("\":"u8);
        _needsComma = true;
    }

    /// <summary>A member that is a whole number.</summary>
    public void Number(scoped ReadOnlySpan<byte> name, long value)
    {
        Member(name);
        _json.Number(value);
    }

    /// <summary>A member that is a number.</summary>
    public void Number(scoped ReadOnlySpan<byte> name, double value)
    {
        Member(name);
        _json.Number(value);
    }

    /// <summary>A member that is a string.</summary>
    public void Text(scoped ReadOnlySpan<byte> name, string value)
    {
        Member(name);
        _json.Quoted(value);
    }

    /// <summary>A member that is true or false.</summary>
    public void Flag(scoped ReadOnlySpan<byte> name, bool value)
    {
        Member(name);
        _json.Raw(value ? "true"u8 : "false"u8);
    }

    /// <summary>A member that is copied.</summary>
    public void Raw(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> json)
    {
        Member(name);
        _json.Raw(json);
    }

    /// <summary>Opens a member that is an object.</summary>
    public void StartObject(scoped ReadOnlySpan<byte> name)
    {
        Member(name);
        StartObject();
    }

    /// <summary>Opens an object as an array's item or a member's value.</summary>
    public void StartObject()
    {
        _json.Raw("{"u8);
        _needsComma = false;
    }

    /// <summary>Closes an object.</summary>
    public void EndObject()
    {
        _json.Raw("}"u8);
        _needsComma = true;
    }

    /// <summary>Opens a member that is an array.</summary>
    public void StartArray(scoped ReadOnlySpan<byte> name)
    {
        Member(name);
        _json.Raw("["u8);
        _needsComma = false;
    }

    /// <summary>Closes an array.</summary>
    public void EndArray()
    {
        _json.Raw("]"u8);
        _needsComma = true;
    }

    /// <summary>Begins an item of an array: its value must follow.</summary>
    public void Item()
    {
        if (_needsComma)
            _json.Raw(","u8);
        _needsComma = true;
    }

    /// <summary>Opens a message.</summary>
    public void StartMessage(scoped ReadOnlySpan<byte> role)
    {
        Item();
        StartObject();
        Member("role"u8);
        _json.Raw("\""u8);
        _json.Raw(role);
        _json.Raw("\""u8);
    }

    /// <summary>Opens a member that is a string: its text must follow, then <see cref="EndText"/>.</summary>
    public void StartText(scoped ReadOnlySpan<byte> name)
    {
        Member(name);
        _json.Raw("\""u8);
    }

    /// <summary>Closes a string.</summary>
    public void EndText() => _json.Raw("\""u8);

    /// <summary>Opens a content part.</summary>
    public void StartPart(scoped ReadOnlySpan<byte> type)
    {
        Item();
        StartObject();
        Member("type"u8);
        _json.Raw("\""u8);
        _json.Raw(type);
        _json.Raw("\""u8);
    }

    /// <summary>Opens a tool call.</summary>
    public void StartToolCall()
    {
        Item();
        StartObject();
    }

    /// <summary>The middle of a tool call: from its id to its function.</summary>
    public void StartFunction() => _json.Raw(",\"type\":\"function\",\"function\":{\"name\":\""u8);

    /// <summary>The middle of a tool call: from its function's name to its arguments.</summary>
    public void StartArguments() => _json.Raw("\",\"arguments\":\""u8);

    /// <summary>Ends a tool call's function.</summary>
    public void EndFunction() => _json.Raw("\"}"u8);
}
