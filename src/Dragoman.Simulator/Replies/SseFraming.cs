using System.Text;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Replies;

/// <summary>How events are put on the wire. The default is what OpenAI does; every property is a way in which others differ (failures.md H1, H2).</summary>
internal sealed record SseFraming
{
    public static SseFraming Plain { get; } = new();

    public string LineEnd { get; init; } = "\n";

    /// <summary>False: <c>data:{...}</c>.</summary>
    public bool SpaceAfterColon { get; init; } = true;

    /// <summary>Lines before each <c>data:</c> line, without line end: comments, <c>event:</c>, <c>id:</c>, <c>retry:</c>.</summary>
    public IReadOnlyList<string> LinesBefore { get; init; } = [];

    /// <summary>Lines of a comment of its own before the first event, with its blank line.</summary>
    public string? Preamble { get; init; }

    public bool ByteOrderMark { get; init; }

    /// <summary>Writes the JSON over several <c>data:</c> lines, which a reader joins with line feeds.</summary>
    public bool SeveralDataLines { get; init; }

    /// <summary>Everything beyond ASCII comes as a JSON escape, as Python writes it.</summary>
    public bool AsciiOnly { get; init; }

    /// <summary>Cuts every event into writes of this many bytes, wherever that falls. 0: one write an event.</summary>
    public int BytesPerWrite { get; init; }

    /// <summary>This many events in one write. 1: each on its own.</summary>
    public int EventsPerWrite { get; init; } = 1;

    /// <summary>False: nothing tells the end but the end.</summary>
    public bool Done { get; init; } = true;

    /// <summary>False: the last event lacks the blank line that would end it.</summary>
    public bool FinalBlankLine { get; init; } = true;

    public string Event(string json)
    {
        var text = new StringBuilder();
        if (AsciiOnly) json = JsonReading.EscapeBeyondAscii(json);
        foreach (var line in LinesBefore) text.Append(line).Append(LineEnd);
        if (SeveralDataLines)
        {
            // After the first brace and before the last one: outside of any string.
            Data(text, json[..1]);
            Data(text, json[1..^1]);
            Data(text, json[^1..]);
        }
        else
        {
            Data(text, json);
        }

        return text.Append(LineEnd).ToString();
    }

    private void Data(StringBuilder text, string line) => text.Append(SpaceAfterColon ? "data: " : "data:").Append(line).Append(LineEnd);
}
