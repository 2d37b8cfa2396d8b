namespace Dragoman.Translation.ChatCompletions;

/// <summary>Members of the computer and browser toolsets (anthropic-messages.md section 7.2).</summary>
internal static class Toolsets
{
    private const string Point = "\"coordinate\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":2,\"maxItems\":2,\"description\":\"x and y in pixels.\"}";
    private const string StartPoint = "\"start_coordinate\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":2,\"maxItems\":2,\"description\":\"Where the drag begins.\"}";
    private const string Region = "\"region\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":4,\"maxItems\":4,\"description\":\"x and y of two corners.\"}";
    private const string Keys = "\"text\":{\"type\":\"string\",\"description\":\"Key or combination, such as Return or ctrl+s.\"}";
    private const string Text = "\"text\":{\"type\":\"string\"}";
    private const string Held = "\"text\":{\"type\":\"string\",\"description\":\"Keys held down meanwhile.\"}";
    private const string Duration = "\"duration\":{\"type\":\"number\",\"description\":\"Seconds.\"}";
    private const string Scroll = "\"scroll_direction\":{\"type\":\"string\",\"enum\":[\"up\",\"down\",\"left\",\"right\"]},\"scroll_amount\":{\"type\":\"integer\"}";
    private const string Tab = "\"tab_id\":{\"type\":[\"string\",\"integer\"],\"description\":\"The tab; the active one if left out.\"}";
    private const string Reference = "\"ref\":{\"type\":\"string\",\"description\":\"An element, as read_page or find name it.\"}";

    /// <summary>Members of <c>computer_toolset_*</c>.</summary>
    public static IReadOnlyList<KnownTool> Computer { get; } =
    [
        Tool("key", "Press a key or key combination.", Keys, "text"),
        Tool("hold_key", "Hold a key down for a while.", $"{Keys},{Duration}", "text", "duration"),
        Tool("type", "Type text.", Text, "text"),
        Tool("cursor_position", "Where the mouse pointer is.", ""),
        Tool("mouse_move", "Move the mouse pointer.", Point, "coordinate"),
        Tool("left_mouse_down", "Press the left mouse button and hold it.", ""),
        Tool("left_mouse_up", "Let the left mouse button go.", ""),
        Tool("left_click", "Click the left mouse button.", $"{Point},{Held}"),
        Tool("left_click_drag", "Drag with the left mouse button.", $"{StartPoint},{Point}", "start_coordinate", "coordinate"),
        Tool("right_click", "Click the right mouse button.", $"{Point},{Held}"),
        Tool("middle_click", "Click the middle mouse button.", $"{Point},{Held}"),
        Tool("double_click", "Double-click the left mouse button.", $"{Point},{Held}"),
        Tool("triple_click", "Triple-click the left mouse button.", $"{Point},{Held}"),
        Tool("scroll", "Turn the mouse wheel.", $"{Point},{Scroll},{Held}", "scroll_direction", "scroll_amount"),
        Tool("wait", "Wait.", Duration, "duration"),
        Tool("screenshot", "Take a picture of the screen.", ""),
        Tool("zoom", "Take a picture of a part of the screen in full resolution.", Region, "region"),
    ];

    /// <summary>Members of <c>browser_toolset_*</c>.</summary>
    public static IReadOnlyList<KnownTool> Browser { get; } =
    [
        Tool("navigate", "Go to an address, or back or forward.", $"\"url\":{{\"type\":\"string\",\"description\":\"An address, or back, or forward.\"}},{Tab}", "url"),
        Tool("list_tabs", "List the open tabs.", ""),
        Tool("new_tab", "Open a tab.", "\"url\":{\"type\":\"string\"}"),
        Tool("switch_tab", "Make a tab the active one.", Tab, "tab_id"),
        Tool("close_tab", "Close a tab.", Tab, "tab_id"),
        Tool("read_page", "The page as a tree of its elements with references.", $"\"filter\":{{\"type\":\"string\"}},{Reference},{Tab}"),
        Tool("get_page_text", "The page's text.", Tab),
        Tool("read_console", "Messages of the browser console.", $"\"pattern\":{{\"type\":\"string\"}},{Tab}"),
        Tool("read_network", "Requests the page has made.", $"\"pattern\":{{\"type\":\"string\"}},{Tab}"),
        Tool("find", "Find elements by a description.", $"\"query\":{{\"type\":\"string\"}},{Tab}", "query"),
        Tool("form_input", "Set the value of a form element.", $"{Reference},\"value\":{{\"type\":[\"string\",\"number\",\"boolean\"]}},{Tab}", "ref", "value"),
        Tool("file_upload", "Put files into a file input.", $"{Reference},\"paths\":{{\"type\":\"array\",\"items\":{{\"type\":\"string\"}}}},{Tab}", "ref", "paths"),
        Tool("scroll_to", "Scroll until an element is in view.", $"{Reference},{Tab}", "ref"),
        Tool("screenshot", "Take a picture of the page.", Tab),
        Tool("zoom", "Take a picture of a part of the page in full resolution.", $"{Region},{Tab}", "region"),
        Tool("left_click", "Click an element or a point.", $"{Point},{Reference},{Held},{Tab}"),
        Tool("right_click", "Click the right mouse button on an element or a point.", $"{Point},{Reference},{Held},{Tab}"),
        Tool("middle_click", "Click the middle mouse button on an element or a point.", $"{Point},{Reference},{Held},{Tab}"),
        Tool("double_click", "Double-click an element or a point.", $"{Point},{Reference},{Held},{Tab}"),
        Tool("triple_click", "Triple-click an element or a point.", $"{Point},{Reference},{Held},{Tab}"),
        Tool("hover", "Move the mouse pointer onto an element or a point.", $"{Point},{Reference},{Tab}"),
        Tool("left_click_drag", "Drag with the left mouse button.", $"{StartPoint},{Point},{Tab}", "start_coordinate", "coordinate"),
        Tool("left_mouse_down", "Press the left mouse button and hold it.", $"{Point},{Tab}"),
        Tool("left_mouse_up", "Let the left mouse button go.", $"{Point},{Tab}"),
        Tool("mouse_move", "Move the mouse pointer.", $"{Point},{Tab}", "coordinate"),
        Tool("scroll", "Turn the mouse wheel.", $"{Point},{Scroll},{Tab}", "scroll_direction"),
        Tool("type", "Type text.", $"{Text},{Tab}", "text"),
        Tool("key", "Press a key or key combination.", $"{Keys},{Tab}", "text"),
        Tool("hold_key", "Hold a key down for a while.", $"{Keys},{Duration},{Tab}", "text", "duration"),
        Tool("wait", "Wait.", Duration, "duration"),
        Tool("javascript_exec", "Run JavaScript in the page and get its result.", $"{Text},{Tab}", "text"),
    ];

    private static KnownTool Tool(string name, string description, string properties, params string[] required)
    {
        var requirement = required.Length == 0 ? "" : $",\"required\":[\"{string.Join("\",\"", required)}\"]";
        return new KnownTool(name, description, $"{{\"type\":\"object\",\"properties\":{{{properties}}}{requirement}}}");
    }
}
