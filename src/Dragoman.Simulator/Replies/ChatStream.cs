using System.Text;
using Dragoman.Simulator.Model;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Replies;

/// <summary>A streamed answer in the making. Deltas are given as the JSON that stands in <c>choices[0].delta</c>.</summary>
internal sealed class ChatStream(Exchange exchange, SseFraming? framing = null)
{
    private readonly List<Step> _steps = [];
    private readonly SseFraming _framing = framing ?? SseFraming.Plain;
    private readonly string _start = $$"""{"id":"{{exchange.CompletionId}}","object":"chat.completion.chunk","created":{{Exchange.Created}},"model":{{JsonReading.Quote(exchange.Request.Model)}},""";
    private int _deltas;
    private (int Step, string Delta)? _last;

    public Exchange Exchange => exchange;

    /// <summary>Members after <c>choices</c> of every chunk, such as <c>,"usage":null</c>.</summary>
    public string ChunkTail { get; set; } = "";

    /// <summary>Members after <c>finish_reason</c> of every choice.</summary>
    public string ChoiceTail { get; set; } = "";

    /// <summary>Members at the end of every delta.</summary>
    public string DeltaTail { get; set; } = "";

    /// <summary>Makes the chunk's members after <c>choices</c> where each chunk has its own, given the number of events so far.</summary>
    public Func<int, string>? ChunkTailOf { get; set; }

    /// <summary>A choice that goes on has no <c>finish_reason</c> key at all.</summary>
    public bool LeavesOutFinishKey { get; init; }

    public ChatStream Delta(string delta, string? finish = null, string? chunkTail = null, string? choiceTail = null)
    {
        _deltas++;
        _last = (_steps.Count, delta);
        var finishKey = finish is not null ? $",\"finish_reason\":{JsonReading.Quote(finish)}" : LeavesOutFinishKey ? ""
            : ",\"finish_reason\":null";
        return Chunk($"[{{\"index\":0,\"delta\":{WithTail(delta)}{finishKey}{choiceTail ?? ChoiceTail}}}]",
            chunkTail ?? ChunkTailOf?.Invoke(_deltas) ?? ChunkTail);
    }

    /// <summary>Puts the finish reason on the delta sent last, instead of sending a chunk for it.</summary>
    public ChatStream FinishLastDelta(string reason, string choiceTail, string chunkTail)
    {
        if (_last is not { } last) return Finish(reason, chunkTail, choiceTail);
        _steps.RemoveRange(last.Step, _steps.Count - last.Step);
        return Delta(last.Delta, reason, chunkTail, choiceTail);
    }

    private string WithTail(string delta) => DeltaTail.Length == 0 ? delta : delta == "{}" ? $"{{{DeltaTail.TrimStart(',')}}}"
        : $"{delta[..^1]}{DeltaTail}}}";

    public ChatStream Text(string text) => Delta($$"""{"content":{{JsonReading.Quote(text)}}}""");

    public ChatStream Finish(string reason = "stop", string? chunkTail = null, string? choiceTail = null) =>
        Delta("{}", reason, chunkTail, choiceTail);

    /// <summary>A chunk with any <c>choices</c>.</summary>
    public ChatStream Chunk(string choices, string tail = "") => Event($"{_start}\"choices\":{choices}{tail}}}");

    public ChatStream Event(string json) => Raw(_framing.Event(json), paced: true);

    public ChatStream Raw(string text, bool paced = false) => Raw(Encoding.UTF8.GetBytes(text), paced);

    public ChatStream Raw(byte[] bytes, bool paced = false)
    {
        _steps.Add(new Step.Send(bytes, paced));
        return this;
    }

    public ChatStream Then(Step step)
    {
        _steps.Add(step);
        return this;
    }

    public ChatStream Wait(double seconds) => Then(new Step.Wait(TimeSpan.FromSeconds(seconds)));

    public ChatStream Done() => _framing.Done ? Raw(_framing.SpaceAfterColon ? $"data: [DONE]{_framing.LineEnd}{_framing.LineEnd}"
        : $"data:[DONE]{_framing.LineEnd}{_framing.LineEnd}") : this;

    /// <summary>Leaves out the last <paramref name="count"/> events, and ends in <paramref name="ending"/> instead.</summary>
    public ChatStream BreakOff(int count, IReadOnlyList<Step> ending)
    {
        var keep = Math.Max(1, _steps.Count - count);
        _steps.RemoveRange(keep, _steps.Count - keep);
        _steps.AddRange(ending);
        return this;
    }

    public IReadOnlyList<Step> Steps => Regroup();

    public Reply ToReply() => Reply.Events(Steps);

    /// <summary>Applies what the framing says about writes: several events in one, or one event in several.</summary>
    private List<Step> Regroup()
    {
        var steps = _steps;
        if (!_framing.FinalBlankLine && steps.FindLastIndex(s => s is Step.Send) is >= 0 and var last)
        {
            var bytes = ((Step.Send)steps[last]).Bytes;
            steps[last] = new Step.Send(bytes[..^_framing.LineEnd.Length]);
        }

        if (_framing.Preamble is { } preamble) steps.Insert(0, new Step.Send(Encoding.UTF8.GetBytes(preamble)));
        if (_framing.ByteOrderMark) steps.Insert(0, new Step.Send(Encoding.UTF8.GetPreamble()));
        if (_framing.EventsPerWrite > 1) return Joined(steps, _framing.EventsPerWrite);
        return _framing.BytesPerWrite > 0 ? Cut(steps, _framing.BytesPerWrite) : steps;
    }

    private static List<Step> Joined(List<Step> steps, int count)
    {
        var joined = new List<Step>();
        foreach (var group in steps.Chunk(count))
        {
            var sends = group.TakeWhile(s => s is Step.Send).Cast<Step.Send>().ToList();
            joined.Add(new Step.Send(sends.SelectMany(s => s.Bytes.ToArray()).ToArray(), Paced: true));
            joined.AddRange(group.Skip(sends.Count));
        }

        return joined;
    }

    private static List<Step> Cut(List<Step> steps, int size)
    {
        var cut = new List<Step>();
        foreach (var step in steps)
        {
            if (step is not Step.Send send)
            {
                cut.Add(step);
                continue;
            }

            for (var at = 0; at < send.Bytes.Length; at += size)
            {
                cut.Add(new Step.Send(send.Bytes.Slice(at, Math.Min(size, send.Bytes.Length - at)), send.Paced
                        && at + size >= send.Bytes.Length));
            }
        }

        return cut;
    }
}
