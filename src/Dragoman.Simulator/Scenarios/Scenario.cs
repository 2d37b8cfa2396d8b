using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Scenarios;

/// <summary>A model name and what a backend does when it is asked for.</summary>
/// <param name="Name">The model's name, with <c>sim/</c>. A number at its end may be another one if <see cref="TakesNumber"/>.</param>
/// <param name="Description">A line for the catalogue.</param>
/// <param name="Answer">What happens.</param>
internal sealed record Scenario(string Name, string Description, Func<Exchange, Reply> Answer)
{
    /// <summary>The rows of the failure catalogue it shows, such as <c>A4</c>; empty for none.</summary>
    public string Rows { get; init; } = "";

    /// <summary>What this backend refuses.</summary>
    public BackendRules Rules { get; init; } = BackendRules.Default;

    /// <summary>The number at the end of the name is a parameter, as in <c>sim/silence-60</c>.</summary>
    public bool TakesNumber { get; init; }

    /// <summary>The base model of an adapter, as <c>/v1/models</c> tells it.</summary>
    public string? Parent { get; init; }

    /// <summary>A scenario that answers as the demonstration model does, spelled in <paramref name="form"/>.</summary>
    public static Scenario Spelled(string name, string description, WireForm form, Func<Exchange, Answer>? model = null) =>
        new(name, description, exchange => DemoModel.Reply(exchange, form, model));

    /// <summary>The name without its number, if it takes one.</summary>
    public string Stem => TakesNumber ? Name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') : Name;

    /// <summary>The number in the listed name.</summary>
    public int UsualNumber => TakesNumber ? int.Parse(Name[Stem.Length..], System.Globalization.CultureInfo.InvariantCulture) : 0;
}

/// <summary>Scenarios of one kind, a chapter of the catalogue.</summary>
internal sealed record ScenarioFamily(string Title, string Introduction, params IReadOnlyList<Scenario> Scenarios);
