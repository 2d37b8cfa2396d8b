using System.Globalization;
using Dragoman.Simulator.Model;
using static Dragoman.Simulator.Requests.JsonReading;

namespace Dragoman.Simulator.Replies;

/// <summary>A call with the id it got. <paramref name="Number"/>: its place among the calls of the answer, from 0.</summary>
internal sealed record IssuedCall(string Id, string Name, string Arguments, int Number = 0);

/// <summary>How a backend streams tool calls. The deviations stand with their scenarios.</summary>
/// <param name="Stream">Adds the deltas of calls made together.</param>
internal sealed record ToolForm(Action<ChatStream, IReadOnlyList<IssuedCall>> Stream)
{
    /// <summary>Makes the id of the call with this number in its answer.</summary>
    public Func<Exchange, Part.Call, int, string> IdOf { get; init; } = (exchange, _, number) => exchange.NewCallId(number);

    /// <summary>A call in the <c>tool_calls</c> of a whole message.</summary>
    public Func<IssuedCall, string> Whole { get; init; } =
        c => $$$"""{"id":{{{Quote(c.Id)}}},"type":"function","function":{"name":{{{Quote(c.Name)}}},"arguments":{{{Quote(c.Arguments)}}}}}""";

    /// <summary>Prints calls into the text instead, as a server without the model's parser does (failures.md B20).</summary>
    public Func<IReadOnlyList<Part.Call>, string>? AsText { get; init; }

    public static ToolForm Standard { get; } = new(StreamStandard);

    private static void StreamStandard(ChatStream stream, IReadOnlyList<IssuedCall> calls)
    {
        foreach (var call in calls)
        {
            stream.Delta(Head(call.Number, call, ""));
            foreach (var piece in Pieces.OfArguments(call.Arguments)) stream.Delta(Tail(call.Number, piece));
        }
    }

    /// <summary>The first delta of a call.</summary>
    public static string Head(int index, IssuedCall call, string arguments) => string.Create(CultureInfo.InvariantCulture,
        $$$"""{"tool_calls":[{"index":{{{index}}},"id":{{{Quote(call.Id)}}},"type":"function","function":{"name":{{{Quote(call.Name)}}},"arguments":{{{Quote(arguments)}}}}}]}""");

    /// <summary>A later delta of a call.</summary>
    public static string Tail(int index, string arguments) => string.Create(CultureInfo.InvariantCulture,
        $$$"""{"tool_calls":[{"index":{{{index}}},"function":{"arguments":{{{Quote(arguments)}}}}}]}""");
}
