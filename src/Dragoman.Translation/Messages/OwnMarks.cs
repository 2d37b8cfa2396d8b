using Dragoman.Protocol.Json;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Messages;

/// <summary>Tells what in a conversation was sealed by this gateway for a translated backend: Anthropic would take it for forged.</summary>
/// <remarks>By the mark alone, whatever key it was sealed with: a replica's, or one of before a change of keys, is no more Anthropic's than
/// our own.</remarks>
internal static class OwnMarks
{
    /// <summary>What of a block must go, as <c>x-dragoman-dropped</c> names it; null if it can stay.</summary>
    /// <param name="block">A block of an assistant's turn.</param>
    /// <param name="content">All blocks of the turn.</param>
    internal static string? Of(JsonView block, JsonView content)
    {
        var type = block["type"u8];
        if (type.Equals("thinking"u8)) return IsOurs(block["signature"u8]) ? "thinking" : null;
        if (type.Equals("web_search_tool_result"u8)) return IsOurSearch(block) ? "web_search_tool_result" : null;
        return type.Equals("server_tool_use"u8) && HasOurResult(block["id"u8], content) ? "web_search_tool_result" : null;
    }

    /// <summary>Whether a block cites what this gateway found.</summary>
    internal static bool HasOurCitations(JsonView block)
    {
        foreach (var citation in block["citations"u8].Items)
        {
            if (IsOurs(citation["encrypted_index"u8])) return true;
        }

        return false;
    }

    // A call must not stay without its result.
    private static bool HasOurResult(JsonView id, JsonView content)
    {
        foreach (var block in content.Items)
        {
            if (block["tool_use_id"u8].RawString.SequenceEqual(id.RawString) && block["type"u8].Equals("web_search_tool_result"u8) && IsOurSearch(block)) return true;
        }

        return false;
    }

    private static bool IsOurSearch(JsonView result)
    {
        foreach (var page in result["content"u8].Items)
        {
            if (IsOurs(page["encrypted_content"u8])) return true;
        }

        return false;
    }

    private static bool IsOurs(JsonView seal) => ReasoningSignature.IsOurs(seal.RawString);
}
