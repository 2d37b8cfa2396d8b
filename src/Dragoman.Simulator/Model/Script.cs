using Dragoman.Simulator.Replies;

namespace Dragoman.Simulator.Model;

/// <summary>A conversation of several turns. A turn's number is the number of assistant messages since the user asked for the script, so that nothing is remembered between requests.</summary>
/// <param name="Name">What stands in <c>[[script NAME]]</c>. A number at its end may be another one, if the name has one.</param>
/// <param name="Description">A line for the catalogue.</param>
/// <param name="Turns">What is answered, turn by turn; after the last one the results are quoted.</param>
internal sealed record Script(string Name, string Description, params IReadOnlyList<Func<Exchange, WireForm, int, Reply>> Turns)
{
    public static Func<Exchange, WireForm, int, Reply> Says(params IReadOnlyList<Part> parts) => (exchange, form, _) =>
        DemoModel.Say(exchange, new Answer(parts), form);

    public static Func<Exchange, WireForm, int, Reply> Says(Func<Exchange, int, Answer> answer) => (exchange, form, number) =>
        DemoModel.Say(exchange, answer(exchange, number), form);
}
