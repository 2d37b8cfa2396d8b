using System.Text.Json;
using Dragoman.Simulator.Model;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Scenarios;

/// <summary>What scenarios say when nobody tells them what to say.</summary>
internal static class Speakers
{
    public const string Thought = "The user wants an answer. I will keep it short.";
    public const string Greeting = "Hello from the simulated backend.";

    public static Answer Text(Exchange exchange) => new(new Part.Say(Greeting));

    public static Answer ThinkThenText(Exchange exchange) => new(new Part.Think(Thought), new Part.Say(Greeting));

    public static Answer ThinkThenTool(Exchange exchange) => new(new Part.Think(Thought), DemoModel.CallOf(exchange, 0));

    public static Answer OneTool(Exchange exchange) => new(DemoModel.CallOf(exchange, 0));

    /// <summary>Two calls at once, or one if the caller asked for no more.</summary>
    public static Answer TwoTools(Exchange exchange) =>
        exchange.Request.Root.TryGet("parallel_tool_calls", out var parallel) && parallel.ValueKind == JsonValueKind.False
            ? OneTool(exchange) : AlwaysTwoTools(exchange);

    public static Answer AlwaysTwoTools(Exchange exchange) => new(DemoModel.CallOf(exchange, 0), DemoModel.CallOf(exchange, 1));

    public static Answer ThreeTools(Exchange exchange) => new(DemoModel.CallOf(exchange, 0), DemoModel.CallOf(exchange, 1),
        DemoModel.CallOf(exchange, 2));

    public static Answer TextThenTool(Exchange exchange) => new(new Part.Say("Let me look."), DemoModel.CallOf(exchange, 0));

    public static Answer ToolThenText(Exchange exchange) => new(DemoModel.CallOf(exchange, 0), new Part.Say("I have asked for it."));

    /// <summary>One call with these arguments, whatever the tool's schema says.</summary>
    public static Func<Exchange, Answer> ToolWith(string arguments) => exchange =>
        new Answer(new Part.Call(exchange.Request.ToolName(0), arguments));

    /// <summary>Keeps what a speaker says, and gives another finish reason.</summary>
    public static Func<Exchange, Answer> Finishing(Func<Exchange, Answer> speaker, string reason) => exchange => speaker(exchange)
        with { FinishReason = reason };
}
