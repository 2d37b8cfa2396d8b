using System.IO.Hashing;
using System.Runtime.InteropServices;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Routing;

/// <summary>What the requests of one conversation have in common, so that they reach the backend whose prompt cache knows them.</summary>
/// <remarks>Claude Code names its session in a header (claude-code.md section 3.1) and again in <c>metadata.user_id</c>. The hashes are the
/// same on every replica and after every restart.</remarks>
internal static class SessionKey
{
    private const int Longest = 200;

    /// <summary>The session's id as the client tells it; null if it does not, or at unreasonable length.</summary>
    public static string? Of(IHeaderDictionary headers) =>
        headers["x-claude-code-session-id"].ToString() is { Length: > 0 and <= Longest } session ? session : null;

    /// <summary>A hash of the session's id, else of the user's, else of how the conversation begins; null if there is none of these.</summary>
    public static ulong? HashOf(IHeaderDictionary headers, MessagesRequest request)
    {
        if (Of(headers) is { } session) return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(session.AsSpan()));
        if (request.UserId.RawString is { IsEmpty: false } user) return XxHash3.HashToUInt64(user);
        return HashOfBeginning(request);
    }

    private static ulong? HashOfBeginning(MessagesRequest request)
    {
        foreach (var entry in request.Messages.Items)
        {
            var message = new RequestMessage(entry);
            if (!message.Role.Equals("user"u8)) continue;
            var hash = new XxHash3();
            Append(hash, request.System);
            Append(hash, message.Content);
            return hash.GetCurrentHashAsUInt64();
        }

        return null;
    }

    // A text is the same conversation whether it came as a string or as a block, and with or without the cache marker that moves
    // on with every turn.
    private static void Append(XxHash3 hash, JsonView content)
    {
        if (content.IsString) Append(hash, content.RawString);
        foreach (var block in content.Items)
        {
            if (block["text"u8] is { IsString: true } text)
            {
                if (!BillingHeader.Is(text)) Append(hash, text.RawString);
            }
            else
            {
                Append(hash, block["source"u8].Raw);
            }
        }
    }

    private static void Append(XxHash3 hash, ReadOnlySpan<byte> bytes)
    {
        hash.Append(bytes);
        hash.Append("\n"u8);
    }
}
