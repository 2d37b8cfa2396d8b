using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

namespace Dragoman.Tests.Corpus;

/// <summary>What a client of the gateway has in hand after an answer, be it whole or streamed.</summary>
internal sealed class ClientAnswer
{
    /// <summary>A block of the answer. Tool input stays the text it came as.</summary>
    internal sealed record Block(string Type, string Text, string? Name, string? Id, string? Signature);

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    public required List<Block> Blocks { get; init; }

    public string? StopReason { get; init; }

    /// <summary>The last word on usage; undefined where none came.</summary>
    public JsonElement Usage { get; init; }

    /// <summary>The <c>error</c> object, of a refused request or of a stream that broke off.</summary>
    public JsonElement? Error { get; init; }

    /// <summary>It came as a stream of events.</summary>
    public bool Streamed { get; init; }

    /// <summary>The body as it came.</summary>
    public required byte[] Body { get; init; }

    public string Text => string.Concat(Blocks.Where(block => block.Type == "text").Select(block => block.Text));

    public string Thinking => string.Concat(Blocks.Where(block => block.Type == "thinking").Select(block => block.Text));

    public List<Block> ToolUses => [.. Blocks.Where(block => block.Type == "tool_use")];

    public static async Task<ClientAnswer> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var body = await response.Content.ReadAsByteArrayAsync(ct);
        return response.Content.Headers.ContentType?.MediaType == "text/event-stream"
            ? await ReadStreamAsync((int)response.StatusCode, body, ct)
            : ReadWhole((int)response.StatusCode, body);
    }

    private static ClientAnswer ReadWhole(int status, byte[] body)
    {
        var root = Parse(Encoding.UTF8.GetString(body));
        if (root.TryGetProperty("error", out var error)) return new ClientAnswer { Status = status, Blocks = [], Error = error, Body = body };
        // A count of tokens is no message.
        if (!root.TryGetProperty("content", out var content)) return new ClientAnswer { Status = status, Blocks = [], Body = body };
        var blocks = content.EnumerateArray().Select(block => block.GetProperty("type").GetString()! switch
        {
            "text" => new Block("text", block.GetProperty("text").GetString()!, null, null, null),
            "thinking" => new Block("thinking", block.GetProperty("thinking").GetString()!, null, null, block.GetProperty("signature").GetString()),
            "tool_use" => new Block("tool_use", block.GetProperty("input").GetRawText(), block.GetProperty("name").GetString(), block.GetProperty("id").GetString(), null),
            var other => new Block(other, "", null, null, null),
        });
        return new ClientAnswer
        {
            Status = status,
            Blocks = [.. blocks],
            StopReason = root.GetProperty("stop_reason").GetString(),
            Usage = root.GetProperty("usage"),
            Body = body,
        };
    }

    private static async Task<ClientAnswer> ReadStreamAsync(int status, byte[] body, CancellationToken ct)
    {
        List<(JsonElement Start, StringBuilder Text, StringBuilder Signature)> open = [];
        string? stopReason = null;
        JsonElement usage = default;
        JsonElement? error = null;
        await foreach (var item in SseParser.Create(new MemoryStream(body)).EnumerateAsync(ct))
        {
            var data = Parse(item.Data);
            switch (item.EventType)
            {
                case "content_block_start":
                    open.Add((data.GetProperty("content_block"), new(), new()));
                    break;
                case "content_block_delta":
                    var (_, text, signature) = open[data.GetProperty("index").GetInt32()];
                    var delta = data.GetProperty("delta");
                    _ = delta.GetProperty("type").GetString() switch
                    {
                        "text_delta" => text.Append(delta.GetProperty("text").GetString()),
                        "thinking_delta" => text.Append(delta.GetProperty("thinking").GetString()),
                        "input_json_delta" => text.Append(delta.GetProperty("partial_json").GetString()),
                        "signature_delta" => signature.Append(delta.GetProperty("signature").GetString()),
                        _ => text,
                    };
                    break;
                case "message_delta":
                    stopReason = data.GetProperty("delta").GetProperty("stop_reason").GetString();
                    usage = data.GetProperty("usage");
                    break;
                case "error":
                    error = data.GetProperty("error");
                    break;
            }
        }

        var blocks = open.Select(block =>
        {
            var type = block.Start.GetProperty("type").GetString()!;
            var tool = type == "tool_use";
            // No delta at all stands for the empty input of the block's start.
            var said = tool && block.Text.Length == 0 ? "{}" : block.Text.ToString();
            return new Block(type, said, tool ? block.Start.GetProperty("name").GetString() : null, tool ? block.Start.GetProperty("id").GetString() : null, block.Signature.ToString());
        });
        return new ClientAnswer { Status = status, Blocks = [.. blocks], StopReason = stopReason, Usage = usage, Error = error, Body = body, Streamed = true };
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 512 });
        return document.RootElement.Clone();
    }
}
