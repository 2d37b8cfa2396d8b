using System.Text;
using Dragoman.Protocol;
using Dragoman.Protocol.Json;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>The tool calls of one answer: which fragment belongs to which call, and when the client is told of it.</summary>
/// <remarks>
/// Backends number, name and cut calls in many ways (openai-chat-completions.md section 6.4); the identity rule there survives all of them.
/// The client sees one block after another, in the order in which the calls began: the first call that is not done may be told as it comes
/// (<see cref="Dialect.StreamToolArguments"/>), those behind it are kept until it is. (failures.md A4, A5, B2, B3, B9)
/// Where server tools are offered, all calls are kept until the backend has said all: theirs are told first, and if there are any, the client's
/// own only when theirs have results.
/// </remarks>
internal sealed class ToolCalls(AnswerContext answer, AnswerBlocks blocks, Func<string> newToolUseId) : IDisposable
{
    private readonly List<ToolCall> _calls = [];
    private List<ServerToolCall>? _serverCalls;
    private readonly PooledBuffer _scratch = new();
    private readonly bool _keepsAll = answer.ServerTools.Count > 0;
    private int _firstOpen;

    /// <summary>Calls of server tools that the client was told of, once <see cref="Finish"/> was called.</summary>
    internal IReadOnlyList<ServerToolCall> ServerCalls => _serverCalls ?? (IReadOnlyList<ServerToolCall>)[];

    /// <summary>Calls of the client's own tools wait for <see cref="FinishKept"/>.</summary>
    internal bool HasKept => _keepsAll && _calls.Exists(static call => !call.IsDone);

    /// <summary>A call began.</summary>
    internal bool Any => _calls.Count > 0;

    /// <summary>Calls whose arguments had to be mended before the client could read them.</summary>
    internal int Mended { get; private set; }

    /// <summary>Calls whose arguments could not be mended: the client got them raw, as <c>_raw</c>, or not at all.</summary>
    internal int Unreadable { get; private set; }

    /// <summary>The answer ran into a limit in the middle of a call.</summary>
    internal bool WereCutOff { get; private set; }

    /// <summary>A call that is being told to the client as it comes is not whole: no other block may open.</summary>
    internal bool IsInTheMiddle =>
        _firstOpen < _calls.Count && _calls[_firstOpen] is { ClientId: not null } call && !call.Progress.IsComplete;

    /// <summary>Takes a fragment.</summary>
    /// <returns>False if it breaks a call that the client was already told of beyond repair.</returns>
    internal bool Add(scoped in ToolCallDelta delta)
    {
        if (delta.IsBlank) return true;
        var call = Find(delta);
        if (call is null)
        {
            call = new ToolCall(delta.Index) { IsDone = answer.SingleToolUse && _calls.Count > 0 };
            _calls.Add(call);
        }

        call.Identify(delta);
        if (!delta.ExtraContent.IsEmpty)
        {
            call.ExtraContent = delta.ExtraContent.ToArray();
            if (call.ClientId is { } told) blocks.KeepExtraContent(told, call.ExtraContent);
        }

        return AddArguments(call, delta) && TellWhole();
    }

    /// <summary>Takes a fragment that is nothing but more arguments.</summary>
    /// <returns>As <see cref="Add"/>.</returns>
    internal bool AddFragment(scoped in ChatPiece piece) =>
        LastWithIndex(piece.ToolCall) is { } call ? AddArguments(call, piece.Payload) && TellWhole() : Add(piece.Fragment);

    /// <summary>Takes a call that came whole: leaked into the text, and found there.</summary>
    /// <param name="tool">The tool it calls.</param>
    /// <param name="arguments">Unescaped.</param>
    internal void AddWhole(OfferedTool tool, ReadOnlySpan<byte> arguments)
    {
        _scratch.Clear();
        EscapedText.Escape(arguments, _scratch);
        var call = new ToolCall(index: -1) { IsDone = answer.SingleToolUse && _calls.Count > 0, Name = Encoding.UTF8.GetBytes(tool.UpstreamName) };
        call.Arguments.Append(_scratch.Span);
        _calls.Add(call);
        TellWhole();
    }

    /// <summary>Makes room for another block: tells the client of all calls that are whole. Call it only where <see cref="IsInTheMiddle"/> is false.</summary>
    internal void MakeRoom()
    {
        while (!_keepsAll && _firstOpen < _calls.Count && (_calls[_firstOpen].IsDone || IsWhole(_calls[_firstOpen]))) Tell(_calls[_firstOpen], cutOff: false);
    }

    /// <summary>The answer is complete: tells the client of all that is left.</summary>
    /// <param name="cutOff">The answer ran into a limit: a last call that is not whole was cut, and is no defect of the backend.</param>
    /// <returns>False if a call that the client was told of in part is broken.</returns>
    internal bool Finish(bool cutOff)
    {
        if (_keepsAll)
        {
            foreach (var call in _calls)
            {
                if (answer.Tools.Find(call.Name) is { ServerTool: not null }) Tell(call, cutOff && call == _calls[^1]);
            }

            if (_serverCalls is null) FinishKept(cutOff);
            return true;
        }

        while (_firstOpen < _calls.Count)
        {
            if (!Tell(_calls[_firstOpen], cutOff && _firstOpen == _calls.Count - 1)) return false;
        }

        return true;
    }

    /// <summary>Tells the client of the calls of its own tools that were kept.</summary>
    /// <param name="cutOff">As in <see cref="Finish"/>.</param>
    internal void FinishKept(bool cutOff)
    {
        foreach (var call in _calls) Tell(call, cutOff && call == _calls[^1]);
    }

    public void Dispose()
    {
        foreach (var call in _calls) call.Dispose();
        _scratch.Dispose();
    }

    /// <summary>The call that a fragment belongs to; null if it begins one. The numbers are those of openai-chat-completions.md section 6.4.</summary>
    private ToolCall? Find(scoped in ToolCallDelta delta)
    {
        var sameIndex = delta.Index < 0 ? Last : LastWithIndex(delta.Index);
        var hasName = !ToolCall.IsBlank(delta.Name);
        if (!ToolCall.IsBlank(delta.Id))
        {
            // (1) A known id belongs to its call; (2) a new one starts a call, unless it names one that was begun without an id.
            if (LastWithId(delta.Id, delta.Index) is { } known) return hasName && SharesIdOnly(known, delta) ? null : known;

            var isLateId = sameIndex is { Id.IsEmpty: true } && !sameIndex.Progress.IsComplete && (!hasName || sameIndex.Name.Length == 0);
            return isLateId ? sameIndex : null;
        }

        // (3) The call of that index, or without an index (4) the most recent, unless the fragment begins another.
        if (sameIndex is not null) return hasName && BeginsAnother(sameIndex, delta) ? null : sameIndex;
        if (hasName) return null;
        for (var i = _calls.Count - 1; i >= 0; i--)
        {
            if (!_calls[i].Progress.IsComplete) return _calls[i];
        }

        return null;
    }

    /// <summary>The call of that id; of several that a backend gave the same id, the one of that index.</summary>
    private ToolCall? LastWithId(scoped ReadOnlySpan<byte> id, int index)
    {
        ToolCall? last = null;
        foreach (var call in _calls)
        {
            if (!call.HasId(id)) continue;
            if (call.Index == index && index >= 0) return call;
            last = call;
        }

        return last;
    }

    /// <summary>Another call under an id that was used up: of another function, or with other arguments than the whole ones that are there. The same call told again
    /// under another index is none (LocalAI).</summary>
    private static bool SharesIdOnly(ToolCall call, scoped in ToolCallDelta delta)
    {
        if ((delta.Index >= 0 && delta.Index == call.Index) || call.Name.Length == 0) return false;
        if (!call.HasName(delta.Name)) return true;
        return call.Progress.IsComplete && !delta.Arguments.IsEmpty && call.ClientId is null && !delta.Arguments.SequenceEqual(call.Arguments.Span);
    }

    private static bool BeginsAnother(ToolCall call, scoped in ToolCallDelta delta)
    {
        if (call.Name.Length == 0) return false;
        var repeatsName = call.HasName(delta.Name);
        var bringsArguments = !delta.Arguments.IsEmpty || !delta.ArgumentsValue.IsEmpty;
        return call.Progress.IsComplete ? bringsArguments || !repeatsName : !repeatsName && delta.Index < 0;
    }

    private ToolCall? Last => _calls.Count == 0 ? null : _calls[^1];

    private ToolCall? LastWithIndex(int index)
    {
        for (var i = _calls.Count - 1; i >= 0; i--)
        {
            if (_calls[i].Index == index) return _calls[i];
        }

        return null;
    }

    private bool AddArguments(ToolCall call, scoped in ToolCallDelta delta)
    {
        var arguments = delta.Arguments;
        if (!delta.ArgumentsValue.IsEmpty)
        {
            _scratch.Clear();
            EscapedText.Escape(delta.ArgumentsValue, _scratch);
            arguments = _scratch.Span;
        }

        return AddArguments(call, arguments);
    }

    private bool AddArguments(ToolCall call, ReadOnlySpan<byte> arguments)
    {
        if (call.IsDone || arguments.IsEmpty) return true;
        if (call.ClientId is not null) return Forward(call, arguments);
        call.Arguments.Append(arguments);
        return true;
    }

    /// <summary>Tells the client of the calls that are whole and are not the last, and begins with the next.</summary>
    private bool TellWhole()
    {
        if (_keepsAll) return true;
        while (_firstOpen < _calls.Count)
        {
            var call = _calls[_firstOpen];
            if (!call.IsDone && (call == _calls[^1] || !IsWhole(call))) break;
            if (!Tell(call, cutOff: false)) return false;
        }

        return _firstOpen == _calls.Count || !answer.Dialect.StreamToolArguments || Begin(_calls[_firstOpen]);
    }

    private static bool IsWhole(ToolCall call) => call.Name.Length > 0 && call.Progress.IsComplete;

    /// <summary>Begins to tell the client of a call as it comes, if its name is known and its arguments have begun as an object should.</summary>
    private bool Begin(ToolCall call)
    {
        // Held until the first member: what begins otherwise must be mended as a whole, and "{}" may be a placeholder.
        if (call.ClientId is not null || call.Name.Length == 0 || !call.Progress.HasMember || call.Progress.Fault == JsonFault.NotJson
            || !StartsObject(call.Arguments.Span))
        {
            return true;
        }

        Start(call);
        call.Progress = default;
        var sound = Forward(call, call.Arguments.Span);
        call.Arguments.Dispose();
        return sound;
    }

    private static bool StartsObject(ReadOnlySpan<byte> json)
    {
        while (!json.IsEmpty)
        {
            var length = JsonProgress.Decode(json, out var character);
            if (character is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')) return character == '{';
            json = json[length..];
        }

        return false;
    }

    /// <summary>Passes fragments on, mending what can be mended on the way and cutting what follows the end of the object.</summary>
    private bool Forward(ToolCall call, ReadOnlySpan<byte> json)
    {
        while (!json.IsEmpty && !call.Progress.IsComplete)
        {
            var sound = call.Progress.Push(json);
            if (sound > 0) blocks.InputJson(json[..sound]);
            json = json[sound..];
            switch (call.Progress.Fault)
            {
                case JsonFault.ControlCharacter:
                    // The escape of the character inside the arguments, written as the inside of a string: \n becomes \\n.
                    var length = JsonProgress.Decode(json, out var control);
                    json = json[length..];
                    _scratch.Clear();
                    EscapedText.Escape([control], _scratch);
                    blocks.InputJson([(byte)'\\', .. _scratch.Span]);
                    call.Progress.Mended();
                    break;
                case JsonFault.BadEscape:
                    blocks.InputJson("\\\\"u8);
                    call.Progress.Mended();
                    break;
                case JsonFault.NotJson:
                    Unreadable++;
                    return false;
            }
        }

        return true;
    }

    /// <summary>Tells the client of what is left of the first open call, and closes it.</summary>
    private bool Tell(ToolCall call, bool cutOff)
    {
        _firstOpen++;
        if (call.IsDone) return true;
        call.IsDone = true;
        if (call.ClientId is not null)
        {
            // A call that was told as it came and then ends in the middle can only be excused by a limit.
            blocks.Close();
            WereCutOff |= cutOff && !call.Progress.IsComplete;
            return call.Progress.IsComplete || cutOff;
        }

        if (call.Name.Length == 0)
        {
            Unreadable++;
            return true;
        }

        var arguments = ToolArguments.Read(call.Arguments.Span, answer.Tools.Find(call.Name)?.OnlyProperty, cutOff, _scratch);
        WereCutOff |= arguments == ArgumentsState.CutOff;
        if (arguments == ArgumentsState.CutOff) return true;
        if (arguments == ArgumentsState.Mended) Mended++;
        if (arguments == ArgumentsState.Unreadable) Unreadable++;
        Start(call);
        TellArguments(_scratch.Span);
        blocks.Close();
        call.Dispose();
        return true;
    }

    private void TellArguments(ReadOnlySpan<byte> json)
    {
        // Some KB an event, so that a client shows progress and no parser meets one enormous line. Cut behind an escape, never within.
        const int most = 4096;
        while (json.Length > most)
        {
            var cut = most;
            var slashes = 0;
            while (json[cut - 1 - slashes] == '\\') slashes++;
            if (slashes % 2 == 1) cut--;
            while ((json[cut] & 0xC0) == 0x80) cut--;
            blocks.InputJson(json[..cut]);
            json = json[cut..];
        }

        blocks.InputJson(json);
    }

    private void Start(ToolCall call)
    {
        call.Tool = answer.Tools.Find(call.Name);
        if (call.Tool?.ServerTool is { } serverTool)
        {
            StartServerTool(call, serverTool);
            return;
        }

        var id = ToolUseIds.ToClient(call.Id);
        if (id is null || !answer.UsedToolIds.Add(id))
        {
            id = newToolUseId();
            answer.UsedToolIds.Add(id);
        }

        call.ClientId = id;
        blocks.StartToolUse(id, call.Tool, call.Tool is null ? answer.Tools.ToClient(call.Name) : call.Tool.Name, call.ExtraContent);
    }

    private void StartServerTool(ToolCall call, ServerTool tool)
    {
        // Its block is the gateway's, and so is its id, whatever the backend calls it.
        call.ClientId = $"srv{newToolUseId()}";
        blocks.StartServerToolUse(call.ClientId, tool.Kind, call.ExtraContent);
        using var input = new PooledBuffer();
        EscapedText.Unescape(_scratch.Span, input);
        var listed = answer.ServerTools.FirstOrDefault(listed => listed.Kind == tool.Kind) ?? tool with { MayRun = false };
        (_serverCalls ??= []).Add(new ServerToolCall(call.ClientId, listed, input.Span.ToArray()));
    }
}
