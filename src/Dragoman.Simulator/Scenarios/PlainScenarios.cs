using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Backends without fault.</summary>
internal static class PlainScenarios
{
    public static ScenarioFamily Family { get; } = new(
        "Plain answers",
        "A backend as OpenAI's documentation describes it.",
        Scenario.Spelled("sim/demo", "The demonstration model: obeys directives and scripts, quotes tool results, else says what it is.", new WireForm()),
        Scenario.Spelled("sim/text", "A short text.", new WireForm(), _ => new Answer(new Part.Say("Hello from the simulated backend."))));
}
