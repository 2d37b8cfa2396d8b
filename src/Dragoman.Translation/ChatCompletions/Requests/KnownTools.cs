using Dragoman.Protocol.Anthropic;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>A tool that a Claude knows by training and other models must be told about.</summary>
/// <param name="Name">Its usual name.</param>
/// <param name="Description">What it does.</param>
/// <param name="Schema">JSON Schema of its input.</param>
internal sealed record KnownTool(string Name, string Description, string Schema);

/// <summary>Tool types without a schema that the client runs (mapping.md section 5.4): the gateway supplies description and schema.</summary>
internal static class KnownTools
{
    private static readonly KnownTool Bash = new(
        "bash",
        "Run a command in a persistent bash session and get its output. Working directory and variables stay from call to call.",
        """{"type":"object","properties":{"command":{"type":"string","description":"The command to run."},"restart":{"type":"boolean","description":"True to restart the session instead of running a command."}}}""");

    private static readonly KnownTool TextEditor = new(
        "str_replace_based_edit_tool",
        "View, create and edit text files. view shows a file with line numbers or lists a directory; create writes a whole file; "
            + "str_replace replaces one text that must occur exactly once; insert puts text after a line.",
        EditorSchema(["view", "create", "str_replace", "insert"]));

    private static readonly KnownTool TextEditorWithUndo = new(
        "str_replace_editor",
        TextEditor.Description + " undo_edit takes back the last edit of a file.",
        EditorSchema(["view", "create", "str_replace", "insert", "undo_edit"]));

    private static readonly KnownTool Memory = new(
        "memory",
        "Keep notes in files below /memories that are still there in later conversations. Look there before you begin a task. view shows a file "
            + "or lists a directory; create writes a file; str_replace replaces one text; insert puts text after a line; delete removes a file or "
            + "directory; rename moves one.",
        """{"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"]},"path":{"type":"string","description":"Path below /memories; for all commands but rename."},"view_range":{"type":"array","items":{"type":"integer"},"description":"For view: first and last line."},"file_text":{"type":"string","description":"For create: the whole content."},"old_str":{"type":"string","description":"For str_replace: the text to replace."},"new_str":{"type":"string","description":"For str_replace: the new text."},"insert_line":{"type":"integer","description":"For insert: the line to insert after; 0 for the beginning."},"insert_text":{"type":"string","description":"For insert: the text."},"old_path":{"type":"string","description":"For rename."},"new_path":{"type":"string","description":"For rename."}},"required":["command"]}""");

    private static readonly KnownTool Computer = new(
        "computer",
        "Use a computer through its screen, mouse and keyboard. Take a screenshot first and after each step to see what happened.",
        ComputerSchema("\"key\",\"type\",\"mouse_move\",\"left_click\",\"left_click_drag\",\"right_click\",\"middle_click\",\"double_click\",\"screenshot\",\"cursor_position\""));

    private static readonly KnownTool ComputerWithMore = Computer with
    {
        Schema = ComputerSchema("\"key\",\"hold_key\",\"type\",\"cursor_position\",\"mouse_move\",\"left_mouse_down\",\"left_mouse_up\",\"left_click\",\"left_click_drag\",\"right_click\",\"middle_click\",\"double_click\",\"triple_click\",\"scroll\",\"wait\",\"screenshot\""),
    };

    private static readonly KnownTool ComputerWithZoom = Computer with
    {
        Schema = ComputerSchema("\"key\",\"hold_key\",\"type\",\"cursor_position\",\"mouse_move\",\"left_mouse_down\",\"left_mouse_up\",\"left_click\",\"left_click_drag\",\"right_click\",\"middle_click\",\"double_click\",\"triple_click\",\"scroll\",\"wait\",\"screenshot\",\"zoom\""),
    };

    /// <summary>Whether the gateway can describe tools of that type.</summary>
    public static bool Knows(ReadOnlySpan<byte> type) =>
        type.StartsWith("bash_"u8) || type.StartsWith("text_editor_"u8) || type.StartsWith("memory_"u8)
        || type.StartsWith("computer_"u8) || type.StartsWith("browser_toolset_"u8);

    /// <summary>The tools an entry stands for, and the toolset they are members of; null if the gateway cannot describe them.</summary>
    public static (string? Toolset, IReadOnlyList<KnownTool> Tools)? Of(ToolDefinition definition)
    {
        var type = definition.Type.RawString;
        if (type.StartsWith("computer_toolset_"u8))
            return ("computer", Toolsets.Computer);
        if (type.StartsWith("browser_toolset_"u8))
            return ("browser", Toolsets.Browser);
        if (type.StartsWith("bash_"u8))
            return (null, [Bash]);
        if (type.StartsWith("memory_"u8))
            return (null, [Memory]);
        if (type.StartsWith("text_editor_2024"u8) || type.StartsWith("text_editor_202501"u8))
            return (null, [TextEditorWithUndo]);
        if (type.StartsWith("text_editor_"u8))
            return (null, [TextEditor]);
        if (type.StartsWith("computer_2024"u8))
            return (null, [Computer]);
        if (type.StartsWith("computer_202501"u8) || !definition.View["enable_zoom"u8].IsTrue)
            return (null, [ComputerWithMore]);
        return (null, [ComputerWithZoom]);
    }

    /// <summary>Whether a toolset's entry leaves a member on: <c>configs: {name: {enabled: false}}</c> turns it off.</summary>
    public static bool IsEnabled(ToolDefinition toolset, string member)
    {
        var configs = toolset.View["configs"u8];
        var config = configs[System.Text.Encoding.UTF8.GetBytes(member)];
        foreach (var item in configs.Items)
        {
            if (item["name"u8].GetString() == member)
                config = item;
        }

        return config["enabled"u8].Kind != System.Text.Json.JsonValueKind.False;
    }

    private static string EditorSchema(string[] commands) =>
        """{"type":"object","properties":{"command":{"type":"string","enum":["COMMANDS"]},"path":{"type":"string","description":"Absolute path of the file or directory."},"view_range":{"type":"array","items":{"type":"integer"},"description":"For view: first and last line; -1 for the end."},"file_text":{"type":"string","description":"For create: the whole content."},"old_str":{"type":"string","description":"For str_replace: the text to replace, with enough around it to be unique."},"new_str":{"type":"string","description":"For str_replace: the new text."},"insert_line":{"type":"integer","description":"For insert: the line to insert after; 0 for the beginning."},"insert_text":{"type":"string","description":"For insert: the text."}},"required":["command","path"]}"""
            .Replace("COMMANDS", string.Join("\",\"", commands), StringComparison.Ordinal);

    private static string ComputerSchema(string actions) =>
        """{"type":"object","properties":{"action":{"type":"string","enum":[ACTIONS]},"coordinate":{"type":"array","items":{"type":"integer"},"minItems":2,"maxItems":2,"description":"x and y, for mouse actions."},"start_coordinate":{"type":"array","items":{"type":"integer"},"minItems":2,"maxItems":2,"description":"Where a drag begins."},"text":{"type":"string","description":"Text to type, or key or key combination to press such as ctrl+s."},"scroll_direction":{"type":"string","enum":["up","down","left","right"]},"scroll_amount":{"type":"integer"},"duration":{"type":"number","description":"Seconds, for wait and hold_key."},"region":{"type":"array","items":{"type":"integer"},"minItems":4,"maxItems":4,"description":"For zoom: x and y of two corners."}},"required":["action"]}"""
            .Replace("ACTIONS", actions, StringComparison.Ordinal);
}
