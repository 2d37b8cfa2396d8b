using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Messages;

/// <summary>Sizes of prompts that are passed on: told from the bytes as they were sent.</summary>
public static class PromptSizes
{
    private const long ImageTokens = 1600;

    // Most of a document is pictures of letters: its bytes say more of its paper than of its text.
    private const int DocumentBytesPerToken = 40;

    /// <summary>The size of a request's prompt.</summary>
    public static PromptSize Of(MessagesRequest request)
    {
        var size = new PromptSize(request.System.Raw.Length + request.Tools.Raw.Length, 0, 0, 0);
        foreach (var view in request.Messages.Items)
        {
            var content = new RequestMessage(view).Content;
            size = size with { TextBytes = size.TextBytes + content.Raw.Length, Messages = size.Messages + 1 };
            size = Add(size, content);
        }

        var tools = 0;
        foreach (var _ in request.Tools.Items) tools++;
        return size with { Tools = tools };
    }

    /// <summary>Counts what is no text for what it is, in <paramref name="content"/> and in the tool results in it.</summary>
    private static PromptSize Add(PromptSize size, JsonView content)
    {
        foreach (var block in content.Items)
        {
            var type = block["type"u8];
            if (type.Equals("tool_result"u8))
            {
                size = Add(size, block["content"u8]);
            }
            else if (type.Equals("image"u8))
            {
                size = size with { TextBytes = size.TextBytes - block.Raw.Length, ImageTokens = size.ImageTokens + ImageTokens };
            }
            else if (type.Equals("document"u8) && block["source"u8]["data"u8] is { IsString: true } data && !block["source"u8]["type"u8].Equals("text"u8))
            {
                var bytes = data.Raw.Length;
                size = size with { TextBytes = size.TextBytes - bytes, ImageTokens = size.ImageTokens + (bytes / DocumentBytesPerToken) };
            }
        }

        return size;
    }
}
