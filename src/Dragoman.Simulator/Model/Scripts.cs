using Dragoman.Simulator.Replies;

namespace Dragoman.Simulator.Model;

/// <summary>Named conversations of several turns, asked for by <c>[[script NAME]]</c>.</summary>
internal static class Scripts
{
    public static Reply Play(Exchange exchange, string name, int turn, WireForm form) =>
        DemoModel.Say(exchange, new Answer(new Part.Say($"No script is named {name}.")), form);

    public static Answer Summary() => new(new Part.Say("<summary>\nThe conversation so far was a demonstration.\n</summary>"));
}
