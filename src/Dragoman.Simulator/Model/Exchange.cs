using System.Globalization;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Model;

/// <summary>One request and what its answer may draw on.</summary>
/// <param name="Request">The accepted request.</param>
/// <param name="Sequence">The request's number on this server, from 1: makes ids unique.</param>
/// <param name="Number">The number at the end of the model's name, as in <c>sim/silence-60</c>.</param>
/// <param name="Counters">What has to be remembered between requests.</param>
internal sealed record Exchange(ChatRequest Request, long Sequence, int Number, ConversationCounters Counters)
{
    /// <summary>The same in all answers, so that runs can be compared byte for byte.</summary>
    public const long Created = 1780000000;

    public string CompletionId { get; } = string.Create(CultureInfo.InvariantCulture, $"chatcmpl-sim{Sequence:x8}");

    public Conversation Conversation { get; } = new(Request);

    /// <summary>A new call id, 29 characters as OpenAI's.</summary>
    public string NewCallId(int call) => string.Create(CultureInfo.InvariantCulture, $"call_sim{Sequence:x16}c{call:x4}");

    public Usage UsageOf(Answer answer)
    {
        var reasoning = TokenCount.OfText(answer.Thinking);
        var completion = reasoning + TokenCount.OfText(answer.Text) + answer.Calls.Sum(c =>
            8 + TokenCount.OfText(c.Name) + TokenCount.OfText(c.Arguments));
        return new Usage(TokenCount.OfRequest(Request), Math.Max(1, completion), TokenCount.OfCachedPrefix(Request), reasoning);
    }
}
