using System.Globalization;
using System.Text;
using System.Text.Json;
using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Tool calls printed as text, in each model family's own notation (failures.md B20).</summary>
internal static class LeakScenarios
{
    public static ScenarioFamily Family { get; } = new(
        "Tool calls leaked into text",
        "A server without the model's tool parser: no tool_calls, finish reason stop, the call stands in the text. Calls what directives say, else two of the tools on offer.",
        Of("hermes", "<tool_call>{...}</tool_call> (Hermes, Qwen 2.5, Qwen 3).", Hermes),
        Of("qwen-xml", "<tool_call><function=name><parameter=key> (Qwen3-Coder).", calls =>
            string.Join('\n',
                calls.Select(c =>
                    $"<tool_call>\n<function={c.Name}>\n{Each(c, (k, v) => $"<parameter={k}>\n{v}\n</parameter>\n")}</function>\n</tool_call>"))),
        Of("function-tag", "<function=name>{...}</function> (Llama 3.1).", calls =>
            string.Join('\n', calls.Select(c => $"<function={c.Name}>{c.Arguments}</function>"))),
        Of("kimi", "<|tool_calls_section_begin|> (Kimi K2).", calls =>
            "<|tool_calls_section_begin|>" + string.Concat(calls.Select((c, i) => string.Create(CultureInfo.InvariantCulture,
            $"<|tool_call_begin|>functions.{c.Name}:{i}<|tool_call_argument_begin|>{c.Arguments}<|tool_call_end|>"))) + "<|tool_calls_section_end|>"),
        Of("deepseek", "<｜tool▁calls▁begin｜> with a fenced block (DeepSeek V3, R1).", calls =>
            "<｜tool▁calls▁begin｜>" + string.Join('\n', calls.Select(c =>
            $"<｜tool▁call▁begin｜>function<｜tool▁sep｜>{c.Name}\n```json\n{c.Arguments}\n```<｜tool▁call▁end｜>")) + "<｜tool▁calls▁end｜>"),
        Of("deepseek-v31", "<｜tool▁calls▁begin｜> without the fence (DeepSeek V3.1).", calls =>
            "<｜tool▁calls▁begin｜>" + string.Concat(calls.Select(c =>
            $"<｜tool▁call▁begin｜>{c.Name}<｜tool▁sep｜>{c.Arguments}<｜tool▁call▁end｜>")) + "<｜tool▁calls▁end｜>"),
        Of("mistral", "[TOOL_CALLS][{...}] (Mistral).", calls =>
            $"[TOOL_CALLS][{string.Join(", ", calls.Select(c => Named(c, "arguments")))}]"),
        Of("mistral-args", "[TOOL_CALLS]name[ARGS]{...} (newer Mistral).", calls =>
            string.Concat(calls.Select(c => $"[TOOL_CALLS]{c.Name}[ARGS]{c.Arguments}"))),
        Of("llama", "<|python_tag|>{...} (Llama 3).", calls =>
            "<|python_tag|>" + string.Join("; ", calls.Select(c => Named(c, "parameters")))),
        Of("pythonic", "[name(key=\"value\")] (Llama 4, Llama 3.2).", calls =>
            $"[{string.Join(", ", calls.Select(c => $"{c.Name}({string.Join(", ", Members(c).Select(m => $"{m.Name}={Python(m.Value)}"))})"))}]"),
        Of("glm", "<tool_call>name<arg_key><arg_value> (GLM 4.5).", calls =>
            string.Join('\n',
                calls.Select(c =>
                    $"<tool_call>{c.Name}\n{Each(c, (k, v) => $"<arg_key>{k}</arg_key>\n<arg_value>{v}</arg_value>\n")}</tool_call>"))),
        Of("minimax", "<minimax:tool_call><invoke name=\"...\"> (MiniMax).", calls =>
            $"<minimax:tool_call>\n{string.Concat(calls.Select(c => $"<invoke name=\"{c.Name}\">\n{Each(c, (k, v) => $"<parameter name=\"{k}\">{v}</parameter>\n")}</invoke>\n"))}</minimax:tool_call>"),
        Of("harmony", "<|channel|>commentary to=functions.name (gpt-oss).", calls =>
            string.Concat(calls.Select(c =>
                    $"<|channel|>commentary to=functions.{c.Name} <|constrain|>json<|message|>{c.Arguments}<|call|>"))),
        Scenario.Spelled("sim/leak-after-text", "Some text before a Hermes call.", new WireForm { Tools = Printing(Hermes) },
            Speakers.TextThenTool) with { Rows = "B20" },
        Scenario.Spelled("sim/leak-after-thought", "A thought before a Hermes call.", new WireForm { Tools = Printing(Hermes) },
            Speakers.ThinkThenTool) with { Rows = "B20" },
        Scenario.Spelled("sim/leak-unclosed", "A Hermes call without its closing tag.",
            new WireForm { Tools = Printing(calls => $"<tool_call>\n{Named(calls[0], "arguments")}") }, Speakers.OneTool)
            with { Rows = "B20" },
        Scenario.Spelled("sim/leak-undeclared", "A Hermes call of a tool nobody offered: it is text.", new WireForm(), _ =>
            new Answer(new Part.Say("<tool_call>\n{\"name\": \"no_such_tool\", \"arguments\": {}}\n</tool_call>"))) with { Rows = "B20" },
        Scenario.Spelled("sim/leak-false-alarm", "Text that speaks about <tool_call> and compares a < b: it is text.", new WireForm(), _ =>
            new Answer(new Part.Say("Models write <tool_call> before a call, and [TOOL_CALLS] too; a < b, <b>bold</b>, <tool")))
            with { Rows = "B20" });

    private static Scenario Of(string name, string description, Func<IReadOnlyList<Part.Call>, string> print) =>
        Scenario.Spelled("sim/leak-" + name, description, new WireForm { Tools = Printing(print) }, Speakers.TwoTools)
            with { Rows = "B20" };

    private static ToolForm Printing(Func<IReadOnlyList<Part.Call>, string> print) => ToolForm.Standard with { AsText = print };

    private static string Hermes(IReadOnlyList<Part.Call> calls) =>
        string.Join('\n', calls.Select(c => $"<tool_call>\n{Named(c, "arguments")}\n</tool_call>"));

    private static string Named(Part.Call call, string member) =>
        $$"""{"name": {{JsonReading.Quote(call.Name)}}, "{{member}}": {{call.Arguments}}}""";

    private static string Each(Part.Call call, Func<string, string, string> write)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in Members(call)) text.Append(write(name, value.ValueKind == JsonValueKind.String ? value.GetString()!
                : value.GetRawText()));
        return text.ToString();
    }

    private static string Python(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        JsonValueKind.Null => "None",
        _ => value.GetRawText(),
    };

    private static List<(string Name, JsonElement Value)> Members(Part.Call call)
    {
        using var document = JsonDocument.Parse(call.Arguments);
        return [.. document.RootElement.EnumerateObject().Select(m => (m.Name, m.Value.Clone()))];
    }
}
