using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Routing;

/// <summary>How large a prompt is, before anybody has translated it: one look at each content block, none at texts.</summary>
/// <param name="TextBytes">Bytes of system prompt, messages and tools, without what no model reads as text.</param>
/// <param name="Images">Images.</param>
/// <param name="DocumentTokens">Tokens of documents that come as files.</param>
internal readonly record struct PromptScan(long TextBytes, int Images, long DocumentTokens)
{
    /// <summary>More than the 4 of texts alone: the JSON around them has names and escapes. Within 12 % of what the tokenizer counts for
    /// the requests of Claude Code.</summary>
    private const double BytesPerToken = 4.2;
    private const int TokensPerImage = 1600;
    private const int Base64BytesPerDocumentToken = 20;

    /// <summary>Whole tokens. The same for every backend and on every replica, so that all send a conversation the same way.</summary>
    public long EstimatedTokens => (long)(TextBytes / BytesPerToken) + (long)Images * TokensPerImage + DocumentTokens;

    /// <summary>Looks at a request.</summary>
    public static PromptScan Of(MessagesRequest request)
    {
        var scan = new PromptScan(request.System.Raw.Length + request.Messages.Raw.Length + request.Tools.Raw.Length, 0, 0);
        foreach (var message in request.Messages.Items) scan = scan.With(new RequestMessage(message).Content);
        return scan;
    }

    private PromptScan With(JsonView content)
    {
        var scan = this;
        foreach (var block in content.Items)
        {
            var type = block["type"u8];
            if (type.Equals("tool_result"u8))
            {
                scan = scan.With(block["content"u8]);
            }
            else if (type.Equals("image"u8))
            {
                scan = scan with { TextBytes = scan.TextBytes - block.Raw.Length, Images = scan.Images + 1 };
            }
            else if (type.Equals("document"u8))
            {
                var source = block["source"u8];
                if (!source["type"u8].Equals("base64"u8)) continue;
                var bytes = source["data"u8].Raw.Length;
                scan = scan with { TextBytes = scan.TextBytes - bytes, DocumentTokens = scan.DocumentTokens + bytes / Base64BytesPerDocumentToken };
            }
            else if (type.Equals("thinking"u8))
            {
                scan = scan with { TextBytes = scan.TextBytes - block["signature"u8].Raw.Length };
            }
            else if (type.Equals("redacted_thinking"u8))
            {
                scan = scan with { TextBytes = scan.TextBytes - block.Raw.Length };
            }
        }

        return scan;
    }
}
