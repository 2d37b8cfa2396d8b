using System.Text;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>A tool that the model is offered: where its definition stands, and what else describes it.</summary>
/// <param name="Tool">Its names.</param>
/// <param name="Definition">The entry of <c>tools</c>.</param>
/// <param name="Known">The description that the gateway supplies, for tools that a Claude knows by training; else null.</param>
internal readonly record struct SelectedTool(OfferedTool Tool, JsonView Definition, KnownTool? Known);

/// <summary>Which tools are in force at the end of the conversation (mapping.md section 5.4; failures.md B11 to B13).</summary>
/// <remarks>Order: tools that are there from the start, then those that were loaded, each as they stand in <c>tools</c>: loading one
/// leaves the beginning of the list as it was.</remarks>
internal sealed class ToolSelection
{
    private readonly RequestTranslation _translation;
    private readonly List<SelectedTool> _selected = [];

    // Last word of the conversation on each tool it mentions.
    private Dictionary<string, ToolMentionKind>? _mentioned;

    private ToolSelection(RequestTranslation translation) => _translation = translation;

    /// <exception cref="TranslationException">A tool is not described, or is one that the gateway cannot offer.</exception>
    public static IReadOnlyList<SelectedTool> Of(RequestTranslation translation)
    {
        var tools = translation.Request.Tools;
        if (!tools.IsMissing && !tools.IsArray)
            throw InvalidRequest.Because("tools: Input should be a valid list");

        var selection = new ToolSelection(translation);
        selection.Select(tools);
        return selection._selected;
    }

    private void Select(JsonView tools)
    {
        var hasDeferred = false;
        var hasToolSearch = false;
        var count = 0;
        foreach (var view in tools.Items)
        {
            if (!view.IsObject)
                throw InvalidRequest.At(view, "Input should be an object");
            var definition = new ToolDefinition(view);
            count++;
            hasDeferred |= definition.IsDeferred;
            hasToolSearch |= KindOf(definition) == ToolKind.ToolSearch;
        }

        ReadMentions(hasDeferred);
        var loadsAll = hasToolSearch && count <= _translation.Dialect.MaxTools;
        foreach (var view in tools.Items)
        {
            if (!new ToolDefinition(view).IsDeferred)
                Add(new ToolDefinition(view));
        }

        if (hasDeferred)
        {
            foreach (var view in tools.Items)
            {
                var definition = new ToolDefinition(view);
                if (definition.IsDeferred && IsLoaded(definition, loadsAll))
                    Add(definition);
            }
        }

        foreach (var mention in _translation.Conversation.Mentions)
        {
            if (mention.Kind == ToolMentionKind.Defined)
                Add(new ToolDefinition(_translation.Request.Root.Text!.At(mention.Position)), mayRepeat: true);
        }

        if (_selected.Count > _translation.Dialect.MaxTools)
            throw InvalidRequest.Because($"tools: {_selected.Count} tools, but this model takes at most {_translation.Dialect.MaxTools}");
    }

    private void ReadMentions(bool hasDeferred)
    {
        foreach (var mention in _translation.Conversation.Mentions)
        {
            if (mention.Kind == ToolMentionKind.Defined || (mention.Kind != ToolMentionKind.Removed && !hasDeferred && _mentioned is null))
                continue;
            _mentioned ??= new(StringComparer.Ordinal);
            Note(_translation.Request.Root.Text!.At(mention.Position), mention.Kind);
        }
    }

    private void Note(JsonView name, ToolMentionKind kind)
    {
        // An agent calls the same few tools hundreds of times: a name becomes a string only when it is met first.
        const int longest = 256;
        var raw = name.RawString;
        Span<char> buffer = stackalloc char[longest];
        var chars = raw.Length <= longest && !raw.Contains((byte)'\\')
            ? buffer[..Encoding.UTF8.GetChars(raw, buffer)]
            : name.GetString().AsSpan();

        var mentioned = _mentioned!.GetAlternateLookup<ReadOnlySpan<char>>();
        // A call shows that a deferred tool was loaded; it does not bring back one that was removed.
        if (kind == ToolMentionKind.Called)
            mentioned.TryAdd(chars, ToolMentionKind.Called);
        else
            mentioned[chars] = kind;
    }

    private bool IsLoaded(ToolDefinition definition, bool loadsAll)
    {
        var name = definition.Name.GetString();
        // Claude Code's stand-in that keeps tool search active: never meant to be called.
        if (name is null or "DeferredToolPlaceholder")
            return false;
        return loadsAll || (_mentioned is not null && _mentioned.TryGetValue(name, out var mention) && mention != ToolMentionKind.Removed);
    }

    private bool IsRemoved(string name) =>
        _mentioned is not null && _mentioned.TryGetValue(name, out var mention) && mention == ToolMentionKind.Removed;

    private void Add(ToolDefinition definition, bool mayRepeat = false)
    {
        switch (KindOf(definition))
        {
            case ToolKind.Custom:
                if (!AllowsDirectCalls(definition))
                    _translation.Dropped.Add("allowed_callers");
                else
                    AddCustom(definition, mayRepeat);
                break;
            case ToolKind.Known:
                AddKnown(definition);
                break;
            case ToolKind.Server when mayRepeat:
                throw InvalidRequest.At(definition.View, $"{definition.Type.GetString()} must be listed in tools");
            case ToolKind.Server:
                AddServerTool(definition);
                break;
            case ToolKind.ToolSearch:
                break;
            case ToolKind.Advisor:
                _translation.Dropped.Add(definition.Type.GetString()!);
                break;
            default:
                throw InvalidRequest.At(definition.View, $"{definition.Type.GetString()} is not supported by this gateway");
        }
    }

    private void AddCustom(ToolDefinition definition, bool mayRepeat)
    {
        var name = InvalidRequest.RequireString(definition.Name, definition.View, "name").GetString()!;
        if (name.Length == 0)
            throw InvalidRequest.At(definition.Name, "String should have at least 1 character");
        var schema = InvalidRequest.RequireObject(definition.InputSchema, definition.View, "input_schema");
        if (schema["type"u8] is { IsString: true } type && !type.Equals("object"u8))
            throw InvalidRequest.At(type, "Input should be 'object'");
        if (!definition.Description.IsMissing && !definition.Description.IsString)
            throw InvalidRequest.At(definition.Description, "Input should be a valid string");
        if (IsRemoved(name))
            return;

        if (_translation.Names.Offer(name, toolset: null, OnlyProperty(schema)) is { } tool)
            _selected.Add(new SelectedTool(tool, definition.View, Known: null));
        else if (!mayRepeat)
            throw InvalidRequest.Because("tools: Tool names must be unique.");
    }

    private void AddKnown(ToolDefinition definition)
    {
        var (toolset, tools) = KnownTools.Of(definition)
            ?? throw InvalidRequest.At(definition.View, $"{definition.Type.GetString()} is not supported by this gateway");
        foreach (var known in tools)
        {
            var name = toolset is null && definition.Name.GetString() is { Length: > 0 } given ? given : known.Name;
            if (IsRemoved(name) || (toolset is not null && !KnownTools.IsEnabled(definition, name)))
                continue;
            if (_translation.Names.Offer(name, toolset) is { } tool)
                _selected.Add(new SelectedTool(tool, definition.View, known));
            else
                throw InvalidRequest.Because("tools: Tool names must be unique.");
        }
    }

    private void AddServerTool(ToolDefinition definition)
    {
        var serverTool = ServerToolDefinition.Read(definition, _translation);
        var function = ServerToolDefinition.FunctionOf(serverTool.Kind);
        if (IsRemoved(function.Name))
            return;
        var tool = _translation.Names.OfferServerTool(serverTool, function.Name, IsNameOfClientTool(function.Name))
            ?? throw InvalidRequest.Because("tools: Tool names must be unique.");
        _translation.ServerTools = _translation.ServerTools.With(tool);
        _selected.Add(new SelectedTool(tool, definition.View, function));
    }

    private bool IsNameOfClientTool(string name)
    {
        foreach (var view in _translation.Request.Tools.Items)
        {
            var definition = new ToolDefinition(view);
            if (KindOf(definition) == ToolKind.Custom && definition.Name.GetString() == name)
                return true;
        }

        return false;
    }

    private static string? OnlyProperty(JsonView schema)
    {
        var properties = schema["properties"u8].Members;
        if (!properties.MoveNext())
            return null;
        var only = properties.Current.Name;
        return properties.MoveNext() ? null : only.GetString();
    }

    private static bool AllowsDirectCalls(ToolDefinition definition)
    {
        var callers = definition.View["allowed_callers"u8];
        if (!callers.IsArray || callers.IsEmpty)
            return true;
        foreach (var caller in callers.Items)
        {
            if (caller.Equals("direct"u8))
                return true;
        }

        return false;
    }

    private enum ToolKind
    {
        Custom,
        Known,
        Server,
        ToolSearch,
        Advisor,
        Unsupported,
    }

    private static ToolKind KindOf(ToolDefinition definition)
    {
        var type = definition.Type.RawString;
        if (type.IsEmpty || type.SequenceEqual("custom"u8))
            return ToolKind.Custom;
        if (type.StartsWith("tool_search_tool_"u8))
            return ToolKind.ToolSearch;
        if (type.StartsWith("advisor_"u8))
            return ToolKind.Advisor;
        if (ServerToolDefinition.Knows(type))
            return ToolKind.Server;
        if (KnownTools.Knows(type))
            return ToolKind.Known;

        // Server tools have no schema; a type we have never heard of with a schema is a tool like any other.
        return definition.InputSchema.IsObject ? ToolKind.Custom : ToolKind.Unsupported;
    }
}
