using System.Text;
using Dragoman.Simulator.Model;
using static Dragoman.Simulator.Requests.JsonReading;

namespace Dragoman.Simulator.Replies;

/// <summary>Writes an <see cref="Answer"/> in a <see cref="WireForm"/>, streamed or whole, as the request asks.</summary>
internal static class AnswerWriter
{
    public static Reply Write(Exchange exchange, Answer answer, WireForm form)
    {
        if (form.Tools.AsText is { } print && answer.Calls.Any()) answer = Printed(answer, print);
        var reply = exchange.Request.Stream ? Stream(exchange, answer, form) : Whole(exchange, answer, form);
        return answer.SilentFor == TimeSpan.Zero ? reply : reply.With([new Step.Wait(answer.SilentFor), .. reply.Steps]);
    }

    public static Reply Whole(Exchange exchange, Answer answer, WireForm form)
    {
        var json = WholeJson(exchange, answer, form);
        var reply = Reply.Json(json);
        if (answer.Ending == Ending.Finished) return reply;
        var body = Encoding.UTF8.GetBytes(json).AsMemory();
        return new Reply { Delivery = Delivery.Chunked, Steps = [new Step.Send(body[..(body.Length / 2)]), .. EndingOf(answer)] };
    }

    public static string WholeJson(Exchange exchange, Answer answer, WireForm form)
    {
        var text = answer.Text;
        var calls = Issue(exchange, answer.Calls, form.Tools, 0);
        var content = text.Length > 0 || calls.Count == 0 || form.EmptyContentBesideCalls ? Quote(text) : "null";
        var message = answer.Thinking.Length > 0 ? form.Reasoning.Whole(answer.Thinking, content) : $"\"content\":{content}";
        if (calls.Count > 0) message += $",\"tool_calls\":[{string.Join(',', calls.Select(form.Tools.Whole))}]";
        var usage = form.UsageJson(form.FixedUsage ?? exchange.UsageOf(answer));
        var choiceTail = form.ChoiceTail + form.FinishTail + (form.UsagePlacement == UsagePlacement.InChoice ? $",\"usage\":{usage}" : "");
        var tail = form.ChunkTail + form.UsagePlacement switch
        {
            UsagePlacement.Absent or UsagePlacement.InChoice => "",
            UsagePlacement.InXGroq => $$$""","x_groq":{"id":"req_sim","usage":{{{usage}}}}""",
            _ => $",\"usage\":{usage}",
        };
        return $$$"""{"id":"{{{exchange.CompletionId}}}","object":"chat.completion","created":{{{Exchange.Created}}},"model":{{{Quote(exchange.Request.Model)}}},"choices":[{"index":0,"message":{"role":"assistant",{{{message}}}},"finish_reason":{{{Quote(FinishOf(answer, form))}}}{{{choiceTail}}}}]{{{tail}}}}""";
    }

    public static Reply Stream(Exchange exchange, Answer answer, WireForm form) => Compose(exchange, answer, form).ToReply();

    /// <summary>The stream before it is closed to changes, for scenarios that add to it.</summary>
    public static ChatStream Compose(Exchange exchange, Answer answer, WireForm form)
    {
        var usage = form.FixedUsage ?? exchange.UsageOf(answer);
        var stream = new ChatStream(exchange, form.Framing)
        {
            DeltaTail = form.DeltaTail,
            ChoiceTail = form.ChoiceTail,
            ChunkTail = form.ChunkTail + (form.UsagePlacement == UsagePlacement.AfterFinish && exchange.Request.WantsUsage
                ? ",\"usage\":null" : ""),
            ChunkTailOf = form.UsagePlacement == UsagePlacement.OnEveryChunk
                ? events =>
                    $"{form.ChunkTail},\"usage\":{form.UsageJson(usage with { Completion = Math.Min(events, usage.Completion), Reasoning = 0 })}"
                    : null,
            LeavesOutFinishKey = form.FinishKeyOnlyAtEnd,
        };
        foreach (var json in form.EventsBefore) stream.Event(json);
        if (form.UsagePlacement == UsagePlacement.First) stream.Chunk("[]", $",\"usage\":{form.UsageJson(usage with { Completion = 0 })}");
        if (form.OpeningDelta is { } opening) stream.Delta(opening);
        WriteParts(stream, answer, form);
        if (answer.Ending != Ending.Finished) return stream.BreakOff(answer.EventsBeforeEnding, EndingOf(answer));
        WriteEnd(stream, answer, form, usage);
        return stream;
    }

    private static void WriteParts(ChatStream stream, Answer answer, WireForm form)
    {
        var issued = 0;
        for (var i = 0; i < answer.Parts.Count; i++)
        {
            switch (answer.Parts[i])
            {
                case Part.Think think:
                    form.Reasoning.Stream(stream, think.Text);
                    break;
                case Part.Say say:
                    foreach (var piece in form.WholeText ? [say.Text] : Pieces.OfText(say.Text))
                    {
                        stream.Delta(form.Reasoning.TextDelta?.Invoke(Quote(piece)) ?? $$"""{"content":{{Quote(piece)}}}""");
                    }

                    break;
                case Part.Call:
                    var together = answer.Parts.Skip(i).TakeWhile(p => p is Part.Call).Cast<Part.Call>().ToList();
                    form.Tools.Stream(stream, Issue(stream.Exchange, together, form.Tools, issued));
                    issued += together.Count;
                    i += together.Count - 1;
                    break;
            }
        }
    }

    private static void WriteEnd(ChatStream stream, Answer answer, WireForm form, Usage usage)
    {
        var json = form.UsageJson(usage);
        var chunkTail = form.UsagePlacement switch
        {
            UsagePlacement.OnFinish or UsagePlacement.OnEveryChunk => $"{form.ChunkTail},\"usage\":{json}",
            UsagePlacement.Twice => $"{form.ChunkTail},\"usage\":{form.UsageJson(usage with { Completion = 1, Reasoning = 0 })}",
            UsagePlacement.InXGroq => $$"""{{form.ChunkTail}},"x_groq":{"id":"req_sim","usage":{{json}}}""",
            _ => stream.ChunkTail,
        };
        var choiceTail = form.ChoiceTail + form.FinishTail + (form.UsagePlacement == UsagePlacement.InChoice ? $",\"usage\":{json}" : "");
        var finish = FinishOf(answer, form);
        if (form.FinishOnLastDelta) stream.FinishLastDelta(finish, choiceTail, chunkTail);
        else stream.Finish(finish, chunkTail, choiceTail);
        var asked = form.UsagePlacement == UsagePlacement.AfterFinish && stream.Exchange.Request.WantsUsage;
        if (asked || form.UsagePlacement is UsagePlacement.AfterFinishAlways or UsagePlacement.Twice) stream.Chunk("[]",
            $"{form.ChunkTail},\"usage\":{json}");
        stream.Done();
    }

    /// <summary>The answer of a model whose calls nobody has parsed: they stand in its text.</summary>
    private static Answer Printed(Answer answer, Func<IReadOnlyList<Part.Call>, string> print)
    {
        var first = answer.Parts.ToList().FindIndex(p => p is Part.Call);
        return answer with
        {
            Parts = [.. answer.Parts.Take(first), new Part.Say(print([.. answer.Calls])), .. answer.Parts.Skip(first)
                .Where(p => p is not Part.Call)],
            FinishReason = "stop",
        };
    }

    private static string FinishOf(Answer answer, WireForm form) => form.FinishReason?.Invoke(answer) ?? answer.Finish;

    private static List<IssuedCall> Issue(Exchange exchange, IEnumerable<Part.Call> calls, ToolForm form, int first) =>
        [.. calls.Select((c, i) => new IssuedCall(c.Id ?? form.IdOf(exchange, c, first + i), c.Name, c.Arguments, first + i))];

    private static IReadOnlyList<Step> EndingOf(Answer answer) => answer.Ending switch
    {
        Ending.Reset => [new Step.Reset()],
        Ending.HangUp => [new Step.HangUp()],
        Ending.Silence => [new Step.Silence()],
        _ => [],
    };
}
