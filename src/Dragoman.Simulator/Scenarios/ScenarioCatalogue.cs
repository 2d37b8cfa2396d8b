using System.Globalization;

namespace Dragoman.Simulator.Scenarios;

/// <summary>All scenarios, by family and by name.</summary>
internal static class ScenarioCatalogue
{
    public static IReadOnlyList<ScenarioFamily> Families { get; } =
    [
        PlainScenarios.Family,
        ToolScenarios.Family,
        LeakScenarios.Family,
        ReasoningScenarios.Family,
        FinishScenarios.Family,
        UsageScenarios.Family,
        FramingScenarios.Family,
        ErrorScenarios.Family,
        BreakScenarios.Family,
        ConnectionScenarios.Family,
        StrictScenarios.Family,
        StrictScenarios.Windows,
        VendorScenarios.Family,
        BenchScenarios.Family,
    ];

    public static IReadOnlyList<Scenario> All { get; } = [.. Families.SelectMany(f => f.Scenarios)];

    private static readonly Dictionary<string, Scenario> ByName = All.ToDictionary(s => s.Name, StringComparer.Ordinal);
    private static readonly Dictionary<string, Scenario> ByStem = All.Where(s => s.TakesNumber)
        .ToDictionary(s => s.Stem, StringComparer.Ordinal);

    /// <summary>The scenario of a model name and the number at the name's end, or null. <c>sim/</c> may be left out.</summary>
    public static (Scenario Scenario, int Number)? Find(string model)
    {
        var name = model.StartsWith("sim/", StringComparison.Ordinal) ? model : "sim/" + model;
        if (ByName.TryGetValue(name, out var scenario)) return (scenario, scenario.UsualNumber);
        var stem = name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        return ByStem.TryGetValue(stem, out scenario) && int.TryParse(name.AsSpan(stem.Length), NumberStyles.None,
            CultureInfo.InvariantCulture, out var number)
            ? (scenario, number)
            : null;
    }
}
