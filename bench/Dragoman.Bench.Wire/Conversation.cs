using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dragoman.Bench.Wire;

/// <summary>An API a target is spoken to in.</summary>
public enum Api { Messages, ChatCompletions }

/// <summary>An agent's conversation, written in both APIs: system prompt, tools, and turns of tool use and results.</summary>
public sealed class Conversation
{
    private static readonly JsonSerializerOptions AsClientsWrite = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly (string Name, string[] Properties)[] ToolNames =
    [
        ("run_command", ["command", "timeout", "description", "run_in_background"]), ("read_file", ["file_path", "offset", "limit"]),
        ("edit_file", ["file_path", "old_string", "new_string", "replace_all"]), ("write_file", ["file_path", "content"]),
        ("search_text", ["pattern", "path", "glob", "output_mode", "context"]), ("find_files", ["pattern", "path"]),
        ("fetch_page", ["url", "prompt"]), ("search_web", ["query", "allowed_domains", "blocked_domains"]),
        ("start_agent", ["description", "prompt", "agent_type"]), ("write_plan", ["items", "explanation"]),
    ];

    private readonly Prose _prose = new(3);
    private readonly bool _streamed;
    private readonly string _system;
    private readonly List<(string Name, string Description, JsonObject Schema)> _tools = [];
    private readonly List<(string Thought, string Tool, JsonObject Input, string Result)> _turns = [];
    private readonly string _question;
    private readonly string? _imageBase64;

    private Conversation(bool streamed, int system, int toolDescription, string? imageBase64)
    {
        _streamed = streamed;
        _system = _prose.Text(system);
        _imageBase64 = imageBase64;
        if (toolDescription > 0)
        {
            foreach (var (name, properties) in ToolNames) _tools.Add((name, _prose.Text(toolDescription), Schema(properties)));
        }
        _question = _prose.Text(300);
    }

    /// <summary>A short question, answered whole: what small side requests look like.</summary>
    public static Conversation Small() => new(streamed: false, system: 400, toolDescription: 0, imageBase64: null);

    /// <summary>A working agent's request of about this many bytes.</summary>
    public static Conversation OfSize(int bytes)
    {
        var conversation = new Conversation(streamed: true, system: 9000, toolDescription: 600, imageBase64: null);
        var size = conversation.Body(Api.Messages).Length;
        var resultSize = Math.Max(1500, bytes / 60);
        while (size + resultSize < bytes)
        {
            conversation.AddTurn(resultSize);
            // Escapes and framing make a turn larger than its text; measured now and then, not each time.
            if (conversation._turns.Count % 4 == 0 || bytes < 100_000) size = conversation.Body(Api.Messages).Length;
            else size += resultSize * 5 / 4;
        }
        return conversation;
    }

    /// <summary>A question about a picture of about this many bytes of base64.</summary>
    public static Conversation WithImage(int bytes)
    {
        var picture = new byte[bytes / 4 * 3];
        new Random(5).NextBytes(picture);
        ((ReadOnlySpan<byte>)[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).CopyTo(picture);
        return new Conversation(streamed: true, system: 9000, toolDescription: 600, Convert.ToBase64String(picture));
    }

    /// <summary>The whole HTTP request.</summary>
    public byte[] Request(Api api, int port)
    {
        var body = Body(api);
        var head = api == Api.Messages
            ? $"POST /v1/messages?beta=true HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
                + "User-Agent: dragoman-bench\r\nanthropic-version: 2023-06-01\r\nx-api-key: bench\r\n"
            : $"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
                + "User-Agent: dragoman-bench\r\nAuthorization: Bearer bench\r\n";
        return [.. Encoding.ASCII.GetBytes($"{head}Content-Length: {body.Length}\r\n\r\n"), .. body];
    }

    /// <summary>The request's JSON.</summary>
    public byte[] Body(Api api) =>
        JsonSerializer.SerializeToUtf8Bytes(api == Api.Messages ? Messages() : ChatCompletions(), AsClientsWrite);

    private void AddTurn(int resultSize)
    {
        var (tool, _, _) = _tools[_prose.Below(4)];
        var input = new JsonObject { ["file_path"] = $"/home/user/project/src/{_prose.Word()}.cs", ["description"] = _prose.Text(60) };
        _turns.Add((_prose.Text(120), tool, input, _prose.Code(resultSize)));
    }

    private static JsonObject Schema(string[] properties)
    {
        var prose = new Prose(17);
        var described = new JsonObject();
        foreach (var name in properties) described[name] = new JsonObject { ["type"] = "string", ["description"] = prose.Text(90) };
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["type"] = "object",
            ["properties"] = described,
            ["required"] = new JsonArray(properties[0]),
            ["additionalProperties"] = false,
        };
    }

    private JsonObject Messages()
    {
        static JsonObject Text(string text) => new() { ["type"] = "text", ["text"] = text };
        static JsonObject Cached(JsonObject block)
        {
            block["cache_control"] = new JsonObject { ["type"] = "ephemeral" };
            return block;
        }

        var messages = new JsonArray();
        var question = new JsonArray(Text(_question));
        if (_imageBase64 is not null)
        {
            question.Insert(0, new JsonObject
            {
                ["type"] = "image",
                ["source"] = new JsonObject { ["type"] = "base64", ["media_type"] = "image/png", ["data"] = _imageBase64 },
            });
        }
        messages.Add(new JsonObject { ["role"] = "user", ["content"] = question });
        for (var i = 0; i < _turns.Count; i++)
        {
            var (thought, tool, input, result) = _turns[i];
            messages.Add(new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = new JsonArray(Text(thought), new JsonObject
                {
                    ["type"] = "tool_use", ["id"] = $"toolu_{i:d24}", ["name"] = tool, ["input"] = input.DeepClone(),
                }),
            });
            var answered = new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = $"toolu_{i:d24}", ["content"] = result };
            messages.Add(new JsonObject
            {
                ["role"] = "user",
                ["content"] = new JsonArray(i == _turns.Count - 1 ? Cached(answered) : answered),
            });
        }

        var body = new JsonObject
        {
            ["model"] = AnswerScript.Model,
            ["messages"] = messages,
            ["system"] = new JsonArray(Cached(Text(_system))),
        };
        if (_tools.Count > 0)
        {
            body["tools"] = new JsonArray([.. _tools.Select(t => new JsonObject
            {
                ["name"] = t.Name, ["description"] = t.Description, ["input_schema"] = t.Schema.DeepClone(),
            })]);
        }
        body["metadata"] = new JsonObject { ["user_id"] = "user_bench_session_1" };
        body["max_tokens"] = 32000;
        body["stream"] = _streamed;
        return body;
    }

    private JsonObject ChatCompletions()
    {
        var messages = new JsonArray(new JsonObject { ["role"] = "system", ["content"] = _system });
        messages.Add(new JsonObject
        {
            ["role"] = "user",
            ["content"] = _imageBase64 is null ? _question : new JsonArray(
                new JsonObject
                {
                    ["type"] = "image_url",
                    ["image_url"] = new JsonObject { ["url"] = "data:image/png;base64," + _imageBase64 },
                },
                new JsonObject { ["type"] = "text", ["text"] = _question }),
        });
        for (var i = 0; i < _turns.Count; i++)
        {
            var (thought, tool, input, result) = _turns[i];
            messages.Add(new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = thought,
                ["tool_calls"] = new JsonArray(new JsonObject
                {
                    ["id"] = $"toolu_{i:d24}",
                    ["type"] = "function",
                    ["function"] = new JsonObject { ["name"] = tool, ["arguments"] = input.ToJsonString(AsClientsWrite) },
                }),
            });
            messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = $"toolu_{i:d24}", ["content"] = result });
        }

        var body = new JsonObject { ["model"] = AnswerScript.Model, ["messages"] = messages };
        if (_tools.Count > 0)
        {
            body["tools"] = new JsonArray([.. _tools.Select(t => new JsonObject
            {
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = t.Name, ["description"] = t.Description, ["parameters"] = t.Schema.DeepClone() },
            })]);
        }
        body["max_tokens"] = 32000;
        body["stream"] = _streamed;
        if (_streamed) body["stream_options"] = new JsonObject { ["include_usage"] = true };
        return body;
    }
}
