using Dragoman.Protocol.Json;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Tool definitions (mapping.md section 5.1).</summary>
internal static class ToolTranslator
{
    /// <summary>Writes <c>tools</c>; nothing if there are none, since an empty list is an error at many backends.</summary>
    public static void Write(ref ChatRequestWriter chat, RequestTranslation translation, IReadOnlyList<SelectedTool> tools)
    {
        if (tools.Count == 0)
            return;
        chat.StartArray("tools"u8);
        foreach (var tool in tools)
        {
            chat.Item();
            chat.StartObject();
            chat.Raw("type"u8, "\"function\""u8);
            chat.StartObject("function"u8);
            chat.Text("name"u8, tool.Tool.UpstreamName);
            if (tool.Known is { } known)
                WriteKnown(ref chat, tool.Definition, known);
            else
                WriteCustom(ref chat, translation, tool.Definition);
            chat.EndObject();
            chat.EndObject();
        }

        chat.EndArray();
    }

    private static void WriteCustom(ref ChatRequestWriter chat, RequestTranslation translation, JsonView definition)
    {
        var tool = new Protocol.Anthropic.ToolDefinition(definition);
        WriteDescription(ref chat, tool.Description, definition["input_examples"u8]);

        var dialect = translation.Dialect;
        chat.Member("parameters"u8);
        new SchemaWriter(dialect.SchemaFilters, tool.InputSchema).WriteRoot(ref chat);

        if (definition["strict"u8].IsTrue)
        {
            var staysStrict = (dialect.SchemaFilters & SchemaFilters.AdditionalProperties) == 0;
            if (dialect.StrictTools && staysStrict && StrictSubset.Holds(tool.InputSchema))
                chat.Flag("strict"u8, true);
            else
                translation.Dropped.Add("strict");
        }

        if (!definition["cache_control"u8].IsMissing)
            translation.Dropped.Add("cache_control");
    }

    private static void WriteDescription(ref ChatRequestWriter chat, JsonView description, JsonView examples)
    {
        var hasExamples = examples.IsArray && !examples.IsEmpty;
        if (description.IsMissing && !hasExamples)
            return;
        chat.StartText("description"u8);
        chat.Json.Raw(description.RawString);
        if (hasExamples)
        {
            chat.Json.Raw("\\n\\nExamples of input:"u8);
            foreach (var example in examples.Items)
            {
                chat.Json.Raw("\\n"u8);
                chat.Json.EscapedJson(example.Raw);
            }
        }

        chat.EndText();
    }

    private static void WriteKnown(ref ChatRequestWriter chat, JsonView definition, KnownTool known)
    {
        chat.StartText("description"u8);
        chat.Json.Escaped(known.Description);
        if (definition["display_width_px"u8].TryGetInt64(out var width) && definition["display_height_px"u8].TryGetInt64(out var height))
            chat.Json.Escaped($" The screen is {width} pixels wide and {height} pixels high; coordinates are pixels from its top left corner.");
        if (definition["max_characters"u8].TryGetInt64(out var characters))
            chat.Json.Escaped($" At most {characters} characters of a file are shown.");
        chat.EndText();
        chat.Raw("parameters"u8, System.Text.Encoding.UTF8.GetBytes(known.Schema));
    }
}
