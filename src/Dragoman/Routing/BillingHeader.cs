using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Routing;

/// <summary>The line about itself that Claude Code puts before its system prompt: version, entry point, and whether a subagent speaks.
/// It differs between the requests of one session (claude-code.md section 3.2).</summary>
internal static class BillingHeader
{
    /// <summary>Whether a text is that line.</summary>
    public static bool Is(JsonView text) => text.RawString.StartsWith("x-anthropic-billing-header"u8);

    /// <summary>Whether it says that a subagent speaks.</summary>
    public static bool NamesSubagent(MessagesRequest request)
    {
        foreach (var block in request.System.Items)
        {
            // It is the first block or none.
            var text = block["text"u8];
            return Is(text) && text.RawString.IndexOf("cc_is_subagent=true"u8) >= 0;
        }

        return false;
    }
}
