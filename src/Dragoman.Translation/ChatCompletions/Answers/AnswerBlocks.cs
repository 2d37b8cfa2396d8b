using System.Text;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>The content blocks of one answer: at most one is open, indices count without a gap, and every change of block goes through
/// one door. (failures.md A1, A4-A7, A9, A14, A16)</summary>
/// <param name="answer">What is known of the request.</param>
/// <param name="client">Takes the blocks.</param>
/// <param name="first">Index of the first: the message may have begun with blocks of an upstream answer before this one.</param>
internal sealed class AnswerBlocks(AnswerContext answer, MessageSink client, int first) : IDisposable
{
    // Longest run of white space held back in the hope that something follows; a model that pours out blank lines is shown doing so.
    private const int LongestHeld = 4096;

    private readonly DeltaSeam _seam = new();
    private readonly PooledBuffer _whiteSpace = new();
    private readonly PooledBuffer _hiddenThinking = new();
    private readonly ReasoningDetails _details = new();
    private Dictionary<string, ReadOnlyMemory<byte>>? _extraContent;
    private Block _open;
    private Block _whiteSpaceOf;
    private int _index = first - 1;
    private bool _isCited;
    private ReasoningField _field = ReasoningField.ReasoningContent;

    private enum Block
    {
        None,
        Thinking,
        Text,
        ToolUse,
    }

    /// <summary>Bytes of text, thinking and arguments so far, shown or not: what an estimate of the answer's tokens is made from.</summary>
    internal long OutputBytes { get; private set; }

    /// <summary>A tool use was told to the client.</summary>
    internal bool CalledTool { get; private set; }

    /// <summary>Something was told to the client, or thinking was kept from it.</summary>
    internal bool HasContent { get; private set; }

    /// <summary>A block was told to the client.</summary>
    internal bool HasBegun => _index >= first;

    /// <summary>Blocks that the client was told of, those of earlier upstream answers included.</summary>
    internal int Count => _index + 1;

    /// <summary>Adds text; opens a text block unless one is open. Empty text is no event, and white space alone opens nothing.</summary>
    internal void Text(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty) return;
        OutputBytes += json.Length;
        if (_open != Block.Text || _isCited)
        {
            // What follows a citation is another block: a citation is about the whole of its own.
            if (HoldWhiteSpace(Block.Text, json)) return;
            Close();
            Open(Block.Text);
            client.StartText(_index);
            ReleaseWhiteSpace(Block.Text);
        }

        var sound = _seam.Join(json);
        if (!sound.IsEmpty) client.TextDelta(_index, sound);
    }

    /// <summary>The open text block rests on a source. A citation without text to rest on it is none.</summary>
    internal void Cite(WebSearchCitation citation)
    {
        if (_open != Block.Text) return;
        _isCited = true;
        client.CitationDelta(_index, citation);
    }

    /// <summary>Opens a server tool use block; as <see cref="StartToolUse"/>.</summary>
    internal void StartServerToolUse(string id, ServerToolKind kind, ReadOnlyMemory<byte> extraContent)
    {
        KeepExtraContent(id, extraContent);
        Close();
        Open(Block.ToolUse);
        client.StartServerToolUse(_index, id, kind);
    }

    /// <summary>The whole block of a server tool's result.</summary>
    internal void ServerToolResult(ServerToolResult result)
    {
        Close();
        Open(Block.None);
        client.ServerToolResult(_index, result);
    }

    /// <summary>Adds thinking; opens a thinking block unless one is open or thinking is not shown.</summary>
    internal void Thinking(ReadOnlySpan<byte> json, ReasoningField field)
    {
        if (json.IsEmpty) return;
        OutputBytes += json.Length;
        HasContent = true;
        if (!answer.ShowThinking) return;
        if (_open != Block.Thinking)
        {
            if (HoldWhiteSpace(Block.Thinking, json)) return;
            OpenThinking(field);
            ReleaseWhiteSpace(Block.Thinking);
        }

        ThinkingDelta(_seam.Join(json));
    }

    /// <summary>Keeps an array <c>reasoning_details</c>, unchanged and in order, for backends that want it back.</summary>
    internal void KeepDetails(ReadOnlySpan<byte> array)
    {
        if (!answer.ShowThinking || answer.Dialect.ReasoningInput != ReasoningInput.ReasoningDetails) return;
        HasContent = true;
        _details.Add(array);
    }

    /// <summary>Opens a tool use block. <paramref name="extraContent"/> must come back with the call, so it goes into a thinking block before it.</summary>
    internal void StartToolUse(string id, OfferedTool? tool, string name, ReadOnlyMemory<byte> extraContent)
    {
        KeepExtraContent(id, extraContent);
        Close();
        Open(Block.ToolUse);
        CalledTool = true;
        client.StartToolUse(_index, id, tool?.Name ?? name, tool?.Toolset);
    }

    /// <summary>Keeps a call's <c>extra_content</c>; it is told to the client with the next change of block.</summary>
    internal void KeepExtraContent(string id, ReadOnlyMemory<byte> extraContent)
    {
        if (!extraContent.IsEmpty) (_extraContent ??= [])[id] = extraContent;
    }

    /// <summary>Adds to the input of the open tool use.</summary>
    internal void InputJson(ReadOnlySpan<byte> json)
    {
        OutputBytes += json.Length;
        var sound = _seam.Join(json);
        if (!sound.IsEmpty) client.InputJsonDelta(_index, sound);
    }

    /// <summary>Closes the open block, and shows in an empty thinking block what must come back to the backend and has not been shown.</summary>
    internal void Close()
    {
        CloseTextOrToolUse();
        if (_open == Block.None && HasUnshownSeal) OpenThinking(_field);
        if (_open != Block.Thinking) return;
        ThinkingDelta(_seam.End());
        client.SignatureDelta(_index, Seal());
        client.StopBlock(_index);
        _open = Block.None;
    }

    public void Dispose()
    {
        _seam.Dispose();
        _whiteSpace.Dispose();
        _hiddenThinking.Dispose();
        _details.Dispose();
    }

    private bool HasUnshownSeal => _extraContent is not null || !_details.IsEmpty;

    private void Open(Block block)
    {
        _open = block;
        _isCited = false;
        _index++;
        HasContent = true;
        if (_whiteSpaceOf != block) _whiteSpace.Clear();
    }

    private void OpenThinking(ReasoningField field)
    {
        CloseTextOrToolUse();
        Open(Block.Thinking);
        _field = field == ReasoningField.None ? ReasoningField.ReasoningContent : field;
        client.StartThinking(_index);
    }

    private void CloseTextOrToolUse()
    {
        if (_open is not (Block.Text or Block.ToolUse)) return;
        var rest = _seam.End();
        if (!rest.IsEmpty && _open == Block.Text) client.TextDelta(_index, rest);
        else if (!rest.IsEmpty) client.InputJsonDelta(_index, rest);
        client.StopBlock(_index);
        _open = Block.None;
    }

    private void ThinkingDelta(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty) return;
        if (answer.OmitThinkingText) EscapedText.Unescape(json, _hiddenThinking);
        else client.ThinkingDelta(_index, json);
    }

    /// <summary>Whether <paramref name="json"/> is white space that may turn out to stand between blocks, where nobody wants it.</summary>
    private bool HoldWhiteSpace(Block block, ReadOnlySpan<byte> json)
    {
        if (!EscapedText.IsWhiteSpace(json) || _whiteSpace.Length > LongestHeld) return false;
        if (_whiteSpaceOf != block) _whiteSpace.Clear();
        _whiteSpaceOf = block;
        _whiteSpace.Append(json);
        return true;
    }

    private void ReleaseWhiteSpace(Block block)
    {
        if (_whiteSpace.IsEmpty) return;
        if (block == Block.Text) client.TextDelta(_index, _whiteSpace.Span);
        else ThinkingDelta(_whiteSpace.Span);
        _whiteSpace.Dispose();
    }

    private string Seal()
    {
        var sealedReasoning = new SealedReasoning(
            answer.Dialect.Name,
            FieldName(_field),
            answer.OmitThinkingText && !_hiddenThinking.IsEmpty ? Encoding.UTF8.GetString(_hiddenThinking.Span) : null,
            _details.Take(),
            _extraContent);
        _hiddenThinking.Dispose();
        _extraContent = null;
        return ReasoningSignature.Seal(sealedReasoning, answer.SignatureKey.Span);
    }

    private static string FieldName(ReasoningField field) => field switch
    {
        ReasoningField.Reasoning => "reasoning",
        ReasoningField.ReasoningDetails => "reasoning_details",
        ReasoningField.Content => "content",
        _ => "reasoning_content",
    };
}
