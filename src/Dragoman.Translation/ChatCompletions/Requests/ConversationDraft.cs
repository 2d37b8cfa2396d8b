using System.Text;
using Dragoman.Protocol;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Roles of the backend's messages.</summary>
internal enum ChatRole : byte
{
    System,
    User,
    Assistant,
    Tool,
}

/// <summary>What one part of a drafted message is.</summary>
internal enum DraftPartKind : byte
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>An image's URL.</summary>
    Image,

    /// <summary>A file's name, then its data URL.</summary>
    File,

    /// <summary>A document's URL.</summary>
    DocumentUrl,

    /// <summary>Reasoning text.</summary>
    Reasoning,

    /// <summary>Items of <c>reasoning_details</c>, raw JSON without the brackets.</summary>
    ReasoningDetails,

    /// <summary>A call's id, its name, and its arguments in the segments that follow.</summary>
    ToolCall,

    /// <summary>Raw JSON <c>extra_content</c> of the call before it.</summary>
    ExtraContent,
}

/// <summary>A cache marker on a part.</summary>
internal enum CacheHint : byte
{
    None,
    Usual,
    OneHour,
}

/// <summary>How the bytes of a <see cref="DraftSegment"/> are to be read.</summary>
internal enum SegmentForm : byte
{
    /// <summary>The inside of a JSON string in the request: copied as it is.</summary>
    Request,

    /// <summary>The inside of a JSON string, of our own making: copied as it is.</summary>
    Own,

    /// <summary>A JSON text in the request, that is to become the inside of a string.</summary>
    RequestJson,
}

/// <summary>A run of bytes, in the request or of our own making.</summary>
internal readonly record struct DraftSegment(int Start, int Length, SegmentForm Form);

/// <summary>One part of a drafted message: some segments, one after another.</summary>
internal struct DraftPart
{
    public DraftPartKind Kind;
    public CacheHint Hint;
    public int FirstSegment;
    public int Segments;

    /// <summary>What the image or document weighs, in tokens.</summary>
    public int Tokens;
}

/// <summary>One message for the backend.</summary>
internal struct DraftMessage
{
    public ChatRole Role;
    public int FirstPart;
    public int Parts;

    /// <summary>Of a tool message: the segment that holds the id of the call it answers.</summary>
    public int ToolCallId;
}

/// <summary>The conversation as the backend will see it, before it is written: which bytes of the request go where.</summary>
/// <remarks>Only the last message can still grow, so everything lies in a few flat pooled lists. Texts, inputs and images stay where they
/// are in the request's memory; only what the gateway adds (wrappers, placeholders, changed ids) has bytes of its own.</remarks>
internal sealed class ConversationDraft(JsonText request) : IDisposable
{
    private readonly PooledList<DraftSegment> _segments = new(256);
    private readonly PooledList<DraftPart> _parts = new(128);
    private readonly PooledList<DraftMessage> _messages = new(64);
    private readonly PooledBuffer _own = new();

    public ReadOnlySpan<DraftMessage> Messages => _messages.Span;

    public int MessageCount => _messages.Count;

    /// <summary>Role of the last message, or null if there is none.</summary>
    public ChatRole? LastRole => _messages.Count == 0 ? null : _messages.Last.Role;

    /// <summary>Parts of the last message.</summary>
    public int LastParts => _messages.Count == 0 ? 0 : _messages.Last.Parts;

    /// <summary>How many parts carry a cache marker.</summary>
    public int Hints { get; private set; }

    public ReadOnlySpan<DraftPart> PartsOf(scoped in DraftMessage message) => _parts.Span.Slice(message.FirstPart, message.Parts);

    public ReadOnlySpan<DraftSegment> SegmentsOf(scoped in DraftPart part) => _segments.Span.Slice(part.FirstSegment, part.Segments);

    public DraftSegment Segment(int index) => _segments[index];

    public ReadOnlySpan<byte> BytesOf(scoped in DraftSegment segment) =>
        (segment.Form == SegmentForm.Own ? _own.Span : request.Bytes).Slice(segment.Start, segment.Length);

    /// <summary>Opens a message; the one before it is complete.</summary>
    public void StartMessage(ChatRole role) =>
        _messages.Add(new DraftMessage { Role = role, FirstPart = _parts.Count, ToolCallId = -1 });

    /// <summary>Takes the last message back, if nothing was put in it.</summary>
    public void DropEmptyMessage()
    {
        if (_messages.Count > 0 && _messages.Last.Parts == 0)
            _messages.CutTo(_messages.Count - 1);
    }

    /// <summary>Takes the last message back with all that is in it.</summary>
    public void CutLastMessage()
    {
        _parts.CutTo(_messages.Last.FirstPart);
        _messages.CutTo(_messages.Count - 1);
    }

    /// <summary>Opens a part of the last message.</summary>
    public void StartPart(DraftPartKind kind)
    {
        _parts.Add(new DraftPart { Kind = kind, FirstSegment = _segments.Count });
        _messages.Last.Parts++;
    }

    /// <summary>The kind of the last message's last part; null if it has none.</summary>
    public DraftPartKind? LastPartKind => LastParts == 0 ? null : _parts.Last.Kind;

    /// <summary>Marks the last part.</summary>
    public void Mark(CacheHint hint)
    {
        if (hint == CacheHint.None || LastParts == 0)
            return;
        if (_parts.Last.Hint == CacheHint.None)
            Hints++;
        _parts.Last.Hint = hint;
    }

    /// <summary>Says what the last part weighs.</summary>
    public void Weigh(int tokens) => _parts.Last.Tokens = tokens;

    /// <summary>Adds a string of the request, unchanged.</summary>
    public void Text(JsonView text)
    {
        if (text.IsString)
            Add(new DraftSegment(text.Offset + 1, text.RawString.Length, SegmentForm.Request));
    }

    /// <summary>Adds a string of the request without white space at its end.</summary>
    public void TrimmedText(JsonView text) =>
        Add(new DraftSegment(text.Offset + 1, RawText.TrimEnd(text.RawString).Length, SegmentForm.Request));

    /// <summary>Adds a value of the request as JSON text.</summary>
    public void JsonText(JsonView value) => Add(new DraftSegment(value.Offset, value.Raw.Length, SegmentForm.RequestJson));

    /// <summary>Adds a text of ours that needs no escaping.</summary>
    public void Own(scoped ReadOnlySpan<byte> escaped)
    {
        Add(new DraftSegment(_own.Length, escaped.Length, SegmentForm.Own));
        _own.Append(escaped);
    }

    /// <summary>Adds any text.</summary>
    public void Escaped(string text) => Add(Escape(text));

    /// <summary>Says which call the last message, a tool message, answers.</summary>
    /// <param name="id">The client's id.</param>
    /// <param name="upstreamId">The backend's form of it, or null if that is the same.</param>
    public void AnswersCall(JsonView id, string? upstreamId)
    {
        _messages.Last.ToolCallId = _segments.Count;
        _segments.Add(upstreamId is null ? new DraftSegment(id.Offset + 1, id.RawString.Length, SegmentForm.Request) : Escape(upstreamId));
    }

    /// <summary>The last message's text, decoded: the whole of it as it will be written.</summary>
    public string TextOfLastMessage()
    {
        var text = new StringBuilder();
        foreach (ref readonly var part in PartsOf(_messages.Last))
        {
            if (part.Kind != DraftPartKind.Text)
                continue;
            if (text.Length > 0)
                text.Append("\n\n");
            foreach (ref readonly var segment in SegmentsOf(part))
                text.Append(JsonStrings.Decode(BytesOf(segment)));
        }

        return text.ToString();
    }

    public void Dispose()
    {
        _segments.Dispose();
        _parts.Dispose();
        _messages.Dispose();
        _own.Dispose();
    }

    private DraftSegment Escape(string text)
    {
        var start = _own.Length;
        EscapedText.Escape(text.AsSpan(), _own);
        return new DraftSegment(start, _own.Length - start, SegmentForm.Own);
    }

    private void Add(DraftSegment segment)
    {
        _segments.Add(segment);
        _parts.Last.Segments++;
    }
}
