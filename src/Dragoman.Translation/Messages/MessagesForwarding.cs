using System.Buffers;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.Messages;

/// <summary>Hands a caller's request on to a service that speaks the Messages API itself: byte for byte, but for what must differ.</summary>
/// <remarks>
/// Different are: the model's name; on Bedrock and Vertex what they want in the path instead of the body, and the reverse; members that the
/// service has refused before; and what this gateway sealed for other backends, thinking and search results, which Anthropic would take for
/// forged (failures.md C8). Everything else is one copy: no member is moved, no number spelled anew, unknown fields stay.
/// </remarks>
public static class MessagesForwarding
{
    /// <summary>Writes the body.</summary>
    /// <param name="request">What the caller sent; its root is an object.</param>
    /// <param name="target">Whom it is for.</param>
    /// <param name="output">Takes the JSON.</param>
    public static ForwardedRequest Write(MessagesRequest request, ForwardingTarget target, IBufferWriter<byte> output)
    {
        var root = request.Root;
        var dropped = new List<string>();
        var splice = new Splice(root.Text!.Bytes, new JsonOutput(output));
        splice.SkipTo(root.Offset);
        var members = default(Sequence);
        foreach (var member in root.Members)
        {
            var value = member.Value;
            if (IsLeftOut(member, target, dropped))
            {
                members.Remove(ref splice, member.Name.Offset, End(value));
                continue;
            }

            members.Keep(ref splice, member.Name.Offset, End(value));
            if (member.NameEquals("model"u8))
            {
                splice.CopyTo(value.Offset);
                splice.Output.Quoted(target.Model);
                splice.SkipTo(End(value));
            }
            else if (member.NameEquals("messages"u8))
            {
                WriteMessages(ref splice, value, dropped);
            }
        }

        members.Close(ref splice);
        splice.CopyTo(End(root) - 1);
        WriteAdded(ref splice, root, target, members.HasKept);
        splice.CopyTo(End(root));
        splice.Output.Flush();
        return new(dropped);
    }

    private static bool IsLeftOut(JsonMember member, ForwardingTarget target, List<string> dropped)
    {
        if (target.Service != MessagesService.Anthropic && !target.NamesModel && member.NameEquals("model"u8)) return true;
        if (target.Service == MessagesService.Bedrock && member.NameEquals("stream"u8)) return true;
        if (target.RefusedMembers.Count == 0 || member.Name.GetString() is not { } name || !target.RefusedMembers.Contains(name)) return false;
        if (!dropped.Contains(name)) dropped.Add(name);
        return true;
    }

    /// <remarks>A caller who addresses the service's own form through us has said these already, and knows better.</remarks>
    private static void WriteAdded(ref Splice splice, JsonView root, ForwardingTarget target, bool hasMembers)
    {
        if (target.Service == MessagesService.Anthropic) return;
        var comma = hasMembers ? ","u8 : default;
        if (!root["anthropic_version"u8].IsPresent)
        {
            splice.Output.Raw(comma);
            splice.Output.Raw(target.Service == MessagesService.Bedrock
                ? "\"anthropic_version\":\"bedrock-2023-05-31\""u8
                : "\"anthropic_version\":\"vertex-2023-10-16\""u8);
            comma = ","u8;
        }

        if (target.LimitsAnswer && !root["max_tokens"u8].IsPresent)
        {
            splice.Output.Raw(comma);
            splice.Output.Raw("\"max_tokens\":1"u8);
            comma = ","u8;
        }

        if (target.Service != MessagesService.Bedrock || target.Betas.Count == 0 || root["anthropic_beta"u8].IsPresent) return;
        splice.Output.Raw(comma);
        splice.Output.Raw("\"anthropic_beta\":["u8);
        for (var i = 0; i < target.Betas.Count; i++)
        {
            if (i > 0) splice.Output.Raw(","u8);
            splice.Output.Quoted(target.Betas[i]);
        }

        splice.Output.Raw("]"u8);
    }

    /// <remarks>
    /// An assistant's turn that was nothing but what we sealed goes as a whole: an empty one is refused, words put into the model's mouth
    /// would be worse, and two user turns in a row are read as one. That thinking is on while the turn before a tool result now begins
    /// without any is left to the service, which then answers this one request without.
    /// </remarks>
    private static void WriteMessages(ref Splice splice, JsonView messages, List<string> dropped)
    {
        var turns = default(Sequence);
        foreach (var view in messages.Items)
        {
            var content = new RequestMessage(view) is var message && message.Role.Equals("assistant"u8) ? message.Content : default;
            var (staying, changes) = Survey(content, dropped);
            if (changes && !staying)
            {
                turns.Remove(ref splice, view.Offset, End(view));
                continue;
            }

            turns.Keep(ref splice, view.Offset, End(view));
            if (changes) WriteWithoutOurs(ref splice, content);
        }

        turns.Close(ref splice);
    }

    private static (bool Staying, bool Changes) Survey(JsonView content, List<string> dropped)
    {
        var (staying, changes) = (false, false);
        foreach (var block in content.Items)
        {
            var mark = OwnMarks.Of(block, content);
            staying |= mark is null;
            mark ??= OwnMarks.HasOurCitations(block) ? "citations" : null;
            if (mark is null) continue;
            changes = true;
            if (!dropped.Contains(mark)) dropped.Add(mark);
        }

        return (staying, changes);
    }

    private static void WriteWithoutOurs(ref Splice splice, JsonView content)
    {
        var blocks = default(Sequence);
        foreach (var block in content.Items)
        {
            if (OwnMarks.Of(block, content) is not null)
            {
                blocks.Remove(ref splice, block.Offset, End(block));
                continue;
            }

            blocks.Keep(ref splice, block.Offset, End(block));
            if (OwnMarks.HasOurCitations(block)) WriteWithoutCitations(ref splice, block);
        }

        blocks.Close(ref splice);
    }

    private static void WriteWithoutCitations(ref Splice splice, JsonView block)
    {
        var members = default(Sequence);
        foreach (var member in block.Members)
        {
            if (member.NameEquals("citations"u8)) members.Remove(ref splice, member.Name.Offset, End(member.Value));
            else members.Keep(ref splice, member.Name.Offset, End(member.Value));
        }

        members.Close(ref splice);
    }

    private static int End(JsonView view) => view.Offset + view.Raw.Length;

    /// <summary>Copies a text, piece by piece, and what stands in its place where it differs.</summary>
    private ref struct Splice(ReadOnlySpan<byte> source, JsonOutput output)
    {
        private readonly ReadOnlySpan<byte> _source = source;
        private int _at;

        /// <summary>Takes what stands in place of something.</summary>
        internal JsonOutput Output = output;

        internal void CopyTo(int offset)
        {
            Output.Raw(_source[_at..offset]);
            _at = offset;
        }

        internal void SkipTo(int offset) => _at = offset;
    }

    /// <summary>Items of an array or members of an object, some of which go, each with one of the commas beside it.</summary>
    private struct Sequence
    {
        private int _lastEnd;
        private bool _skipsToNext;

        internal bool HasKept { get; private set; }

        internal void Keep(ref Splice splice, int start, int end)
        {
            if (_skipsToNext) splice.SkipTo(start);
            (_skipsToNext, HasKept, _lastEnd) = (false, true, end);
        }

        internal void Remove(ref Splice splice, int start, int end)
        {
            if (HasKept)
            {
                splice.CopyTo(_lastEnd);
                splice.SkipTo(end);
            }
            else if (!_skipsToNext)
            {
                // Nothing before it stays, so the comma behind it goes; where the next one begins will be seen.
                splice.CopyTo(start);
                _skipsToNext = true;
            }

            _lastEnd = end;
        }

        internal readonly void Close(ref Splice splice)
        {
            if (_skipsToNext) splice.SkipTo(_lastEnd);
        }
    }
}
