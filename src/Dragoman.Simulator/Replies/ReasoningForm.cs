using Dragoman.Simulator.Model;
using static Dragoman.Simulator.Requests.JsonReading;

namespace Dragoman.Simulator.Replies;

/// <summary>Where a backend puts what the model thinks (failures.md C2 to C4; openai-chat-completions.md 6.1).</summary>
/// <param name="Stream">Adds the deltas of one stretch of thinking.</param>
/// <param name="Whole">The members of a whole message, <c>content</c> first, from thinking and text (a JSON string or null).</param>
internal sealed record ReasoningForm(Action<ChatStream, string> Stream, Func<string, string, string> Whole)
{
    /// <summary>Makes the delta of a piece of text, where text is not simply <c>content</c>.</summary>
    public Func<string, string>? TextDelta { get; init; }

    public static ReasoningForm ReasoningContent { get; } = Field("reasoning_content");

    public static ReasoningForm Reasoning { get; } = Field("reasoning");

    /// <summary>Both names, the same text twice.</summary>
    public static ReasoningForm BothFields { get; } = new(
        (s, t) => Each(s, t, p => $$"""{"reasoning_content":{{p}},"reasoning":{{p}}}"""),
        (t, c) => $"\"content\":{c},\"reasoning_content\":{Quote(t)},\"reasoning\":{Quote(t)}");

    /// <summary>DeepSeek: the other field stands beside it and is null.</summary>
    public static ReasoningForm NullBeside { get; } = new(
        (s, t) => Each(s, t, p => $$"""{"content":null,"reasoning_content":{{p}}}"""),
        (t, c) => $"\"content\":{c},\"reasoning_content\":{Quote(t)}")
    {
        TextDelta = p => $$"""{"content":{{p}},"reasoning_content":null}""",
    };

    /// <summary>The other field stands beside it and is empty.</summary>
    public static ReasoningForm EmptyBeside { get; } = new(
        (s, t) => Each(s, t, p => $$"""{"content":"","reasoning_content":{{p}}}"""),
        (t, c) => $"\"content\":{c},\"reasoning_content\":{Quote(t)}")
    {
        TextDelta = p => $$"""{"content":{{p}},"reasoning_content":""}""",
    };

    /// <summary>OpenRouter: <c>reasoning</c> and <c>reasoning_details</c> with the same text.</summary>
    public static ReasoningForm Details { get; } = new(
        (s, t) =>
        {
            Each(s, t, p =>
                $$"""{"content":"","reasoning":{{p}},"reasoning_details":[{"type":"reasoning.text","text":{{p}},"format":"anthropic-claude-v1","index":0}]}""");
            s.Delta("""{"content":"","reasoning":null,"reasoning_details":[{"type":"reasoning.text","signature":"c2ltdWxhdGVk","format":"anthropic-claude-v1","index":0}]}""");
        },
        (t, c) => $$"""
            "content":{{c}},"reasoning":{{Quote(t)}},"reasoning_details":[{"type":"reasoning.text","text":{{Quote(t)}},"signature":"c2ltdWxhdGVk","format":"anthropic-claude-v1","index":0}]
            """);

    /// <summary><c>reasoning_details</c> alone, a summary first and then the encrypted whole.</summary>
    public static ReasoningForm DetailsOnly { get; } = new(
        (s, t) =>
        {
            Each(s, t, p =>
                $$"""{"reasoning_details":[{"type":"reasoning.summary","summary":{{p}},"format":"openai-responses-v1","index":0}]}""");
            s.Delta("""{"reasoning_details":[{"type":"reasoning.encrypted","data":"ZW5jcnlwdGVk","id":"rs_sim","format":"openai-responses-v1","index":0}]}""");
        },
        (t, c) => $$"""
            "content":{{c}},"reasoning_details":[{"type":"reasoning.summary","summary":{{Quote(t)}},"format":"openai-responses-v1","index":0},{"type":"reasoning.encrypted","data":"ZW5jcnlwdGVk","id":"rs_sim","format":"openai-responses-v1","index":0}]
            """);

    /// <summary>Mistral: content is an array of parts, in deltas too; after the thinking, text comes as plain strings again.</summary>
    public static ReasoningForm MistralParts { get; } = new(
        (s, t) => Each(s, t, p => $$"""{"content":[{"type":"thinking","thinking":[{"type":"text","text":{{p}}}]}]}"""),
        (t, c) => $$"""
            "content":[{"type":"thinking","thinking":[{"type":"text","text":{{Quote(t)}}}]}{{(c == "null" ? "" : $$""",{"type":"text","text":{{c}}}""")}}]
            """);

    /// <summary>The same, and text stays in parts.</summary>
    public static ReasoningForm MistralPartsThroughout { get; } = MistralParts
        with { TextDelta = p => $$"""{"content":[{"type":"text","text":{{p}}}]}""" };

    /// <summary>LiteLLM before Claude: signed <c>thinking_blocks</c> beside <c>reasoning_content</c>.</summary>
    public static ReasoningForm ThinkingBlocks { get; } = new(
        (s, t) =>
        {
            Each(s, t, p => $$"""{"reasoning_content":{{p}},"thinking_blocks":[{"type":"thinking","thinking":{{p}},"signature":""}]}""");
            s.Delta("""{"content":"","thinking_blocks":[{"type":"thinking","thinking":"","signature":"c2ltdWxhdGVk"}]}""");
        },
        (t, c) => $$"""
            "content":{{c}},"reasoning_content":{{Quote(t)}},"thinking_blocks":[{"type":"thinking","thinking":{{Quote(t)}},"signature":"c2ltdWxhdGVk"}]
            """);

    /// <summary>No reasoning parser: tags in the text.</summary>
    public static ReasoningForm Tags { get; } = InText("<think>\n", "\n</think>\n\n", Pieces.OfText);

    /// <summary>The template has opened the tag, so that only the closing one is seen.</summary>
    public static ReasoningForm ClosingTagOnly { get; } = InText("", "\n</think>\n\n", Pieces.OfText);

    /// <summary>The tags are cut into pieces of three characters.</summary>
    public static ReasoningForm SplitTags { get; } = InText("<think>", "</think>\n\n", t => Pieces.OfArguments(t, 3));

    /// <summary>Tags and text in a single delta, with what follows still to come.</summary>
    public static ReasoningForm TagsInOneDelta { get; } = InText("<think>", "</think>\n\n", t => [t]);

    /// <summary>Nothing is shown; only the count of tokens tells.</summary>
    public static ReasoningForm Hidden { get; } = new((_, _) => { }, (_, c) => $"\"content\":{c}");

    private static ReasoningForm Field(string name) => new(
        (s, t) => Each(s, t, p => $$"""{"{{name}}":{{p}}}"""),
        (t, c) => $"\"content\":{c},\"{name}\":{Quote(t)}");

    private static ReasoningForm InText(string open, string close, Func<string, IEnumerable<string>> cut) => new(
        (s, t) =>
        {
            foreach (var piece in cut(open + t + close)) s.Text(piece);
        },
        (t, c) => $"\"content\":{Quote(open + t + close)[..^1]}{(c == "null" ? "\"" : c[1..])}");

    private static void Each(ChatStream stream, string thinking, Func<string, string> delta)
    {
        foreach (var piece in Pieces.OfText(thinking)) stream.Delta(delta(Quote(piece)));
    }
}
