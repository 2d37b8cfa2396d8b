namespace Dragoman.Simulator.Model;

/// <summary>A piece of what the model says, in the order it says it.</summary>
internal abstract record Part
{
    public sealed record Think(string Text) : Part;

    public sealed record Say(string Text) : Part;

    /// <summary><paramref name="Arguments"/>: JSON text. <paramref name="Id"/> null: one is made, new in the whole conversation.</summary>
    public sealed record Call(string Name, string Arguments, string? Id = null) : Part;
}

/// <summary>What happens to an answer that does not end as it should.</summary>
internal enum Ending
{
    Finished,

    /// <summary>As if it were complete: a clean end without a finish reason.</summary>
    TooEarly,
    Reset,
    HangUp,
    Silence,
}

/// <summary>What the model says in one turn: the meaning. A <see cref="Replies.WireForm"/> makes bytes of it.</summary>
internal sealed record Answer(params IReadOnlyList<Part> Parts)
{
    /// <summary>Null: <c>tool_calls</c> after calls, else <c>stop</c>.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Anything but <see cref="Ending.Finished"/> takes effect <see cref="EventsBeforeEnding"/> before the last content event.</summary>
    public Ending Ending { get; init; }

    /// <summary>How many content events are left out when the answer breaks off.</summary>
    public int EventsBeforeEnding { get; init; } = 1;

    /// <summary>Silence before the first byte, status line included.</summary>
    public TimeSpan SilentFor { get; init; }

    public IEnumerable<Part.Call> Calls => Parts.OfType<Part.Call>();

    public string Text => string.Concat(Parts.OfType<Part.Say>().Select(p => p.Text));

    public string Thinking => string.Concat(Parts.OfType<Part.Think>().Select(p => p.Text));

    public string Finish => FinishReason ?? (Calls.Any() ? "tool_calls" : "stop");
}

/// <summary>Token counts as the model knows them. <see cref="Prompt"/> includes <see cref="Cached"/>, <see cref="Completion"/> includes <see cref="Reasoning"/>.</summary>
internal readonly record struct Usage(int Prompt, int Completion, int Cached, int Reasoning);
