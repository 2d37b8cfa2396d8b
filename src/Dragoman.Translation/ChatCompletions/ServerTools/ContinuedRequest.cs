using System.Buffers;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>A request as a client would send it that was told <c>pause_turn</c>: with one more assistant message, the blocks it was given.</summary>
/// <remarks>So a round within an answer is, by construction, what the backend sees when the client sends the same blocks back in a later turn.</remarks>
public static class ContinuedRequest
{
    /// <summary>Writes the request.</summary>
    /// <param name="request">As the client sent it.</param>
    /// <param name="blocks">What it was told since, with commas between the blocks.</param>
    /// <param name="mayCall">False if the model is to answer now, without calling anything.</param>
    /// <param name="body">Takes the JSON.</param>
    public static void Write(MessagesRequest request, ReadOnlySpan<byte> blocks, bool mayCall, IBufferWriter<byte> body)
    {
        body.Write("{"u8);
        var isFirst = true;
        foreach (var member in request.Root.Members)
        {
            if (member.NameEquals("messages"u8) || (!mayCall && member.NameEquals("tool_choice"u8)))
                continue;
            if (!isFirst)
                body.Write(","u8);
            isFirst = false;
            body.Write(member.Name.Raw);
            body.Write(":"u8);
            body.Write(member.Value.Raw);
        }

        if (!mayCall)
            body.Write(isFirst ? "\"tool_choice\":{\"type\":\"none\"}"u8 : ",\"tool_choice\":{\"type\":\"none\"}"u8);
        body.Write(isFirst && mayCall ? "\"messages\":"u8 : ",\"messages\":"u8);
        var messages = request.Messages.Raw;
        body.Write(messages[..^1]);
        body.Write(",{\"role\":\"assistant\",\"content\":["u8);
        body.Write(blocks);
        body.Write("]}]}"u8);
    }
}
