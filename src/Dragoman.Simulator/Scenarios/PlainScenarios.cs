using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Backends without fault.</summary>
internal static class PlainScenarios
{
    public static ScenarioFamily Family { get; } = new(
        "Plain answers",
        "A backend as OpenAI's documentation describes it. All scenarios obey directives and scripts in the conversation, where nothing else is said.",
        Scenario.Spelled("sim/demo",
            "The demonstration model: obeys directives and scripts, quotes tool results, satisfies schemas, else says what it is.",
            new WireForm()),
        Scenario.Spelled("sim/text", "A short text.", new WireForm(), Speakers.Text),
        Scenario.Spelled("sim/echo", "The user's last words, and nothing else.", new WireForm(), e =>
            DemoModel.Obey(e.Request, e.Conversation.LastUserText)) with { Rows = "A11" },
        Scenario.Spelled("sim/long-2000", "A text of 2000 words (any number).", new WireForm(), e =>
            DemoModel.Obey(e.Request, string.Join(' ', Enumerable.Range(1, e.Number).Select(i => $"word{i}")))) with { TakesNumber = true },
        Scenario.Spelled("sim/unicode", "Text in many scripts, emoji of several code points, and every kind of JSON escape.",
            new WireForm(), _ => new Answer(new Part.Say(Unicode))) with { Rows = "H1" },
        Scenario.Spelled("sim/empty", "No text at all, finish reason stop.", new WireForm(), _ => new Answer()) with { Rows = "A9" },
        Scenario.Spelled("sim/lora-french", "An adapter, as /v1/models tells it: its parent is sim/demo.", new WireForm(), _ =>
            new Answer(new Part.Say("Bonjour !"))) with { Parent = "sim/demo" });

    internal const string Unicode = "家族 👨‍👩‍👧‍👦 naïve Ωmega \u202Bעברית\u202C \"quoted\" back\\slash tab\t line\nfeed \u0001 </script> 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 end";
}
