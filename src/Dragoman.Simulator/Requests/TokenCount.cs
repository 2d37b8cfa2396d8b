using System.Text;

namespace Dragoman.Simulator.Requests;

/// <summary>A stand-in for a tokenizer: about four bytes a token, the same for the same request, growing with it.</summary>
internal static class TokenCount
{
    public const int PerMessage = 4;
    private const int PerImage = 768;

    public static int OfText(string text) => (Encoding.UTF8.GetByteCount(text) + 3) / 4;

    public static int OfRequest(ChatRequest request) =>
        3 + request.Messages.Sum(OfMessage) + request.Tools.Sum(t => OfText(t.Function.GetRawText()));

    /// <summary>What an earlier turn of the same conversation has left in the prefix cache: all up to the last assistant message.</summary>
    public static int OfCachedPrefix(ChatRequest request)
    {
        var last = request.Messages.ToList().FindLastIndex(m => m.Role == "assistant");
        return last < 0 ? 0 : request.Messages.Take(last).Sum(OfMessage) + request.Tools.Sum(t => OfText(t.Function.GetRawText()));
    }

    private static int OfMessage(ChatMessage message)
    {
        var count = PerMessage + OfText(message.Text);
        foreach (var call in message.ToolCalls) count += OfText(call.GetRawText());
        foreach (var part in message.Json.ItemsAt("content"))
        {
            if (part.StringAt("type") is "image_url" or "file") count += PerImage;
        }

        if (message.Json.StringAt("reasoning_content") is { } reasoning) count += OfText(reasoning);
        return count;
    }
}
