using Dragoman.Protocol.Json;

namespace Dragoman.Protocol.Anthropic;

/// <summary>The body of <c>POST /v1/messages</c> and <c>/v1/messages/count_tokens</c>: a view, open to unknown fields.</summary>
/// <remarks>anthropic-messages.md section 4. Fields are views too: who reads them decides what to make of a wrong type.</remarks>
public readonly struct MessagesRequest(JsonView root)
{
    /// <summary>The whole body.</summary>
    public JsonView Root => root;

    /// <summary>The model's name, as the client knows it; null if it is missing or no string.</summary>
    public string? Model => root["model"u8].GetString();

    /// <summary>Most tokens to generate, thinking included; 0 asks for none.</summary>
    public JsonView MaxTokens => root["max_tokens"u8];

    /// <summary>The conversation.</summary>
    public JsonView Messages => root["messages"u8];

    /// <summary>The system prompt: a string, or text blocks.</summary>
    public JsonView System => root["system"u8];

    /// <summary>Texts that end the answer.</summary>
    public JsonView StopSequences => root["stop_sequences"u8];

    /// <summary>The answer is wanted as a stream.</summary>
    public bool Stream => root["stream"u8].IsTrue;

    /// <summary>The tools.</summary>
    public JsonView Tools => root["tools"u8];

    /// <summary>Which tools may or must be called.</summary>
    public ToolChoice ToolChoice => new(root["tool_choice"u8]);

    /// <summary>Thinking: <c>enabled</c>, <c>adaptive</c>, <c>disabled</c>, <c>between_tools</c>.</summary>
    public JsonView Thinking => root["thinking"u8];

    /// <summary><c>output_config.effort</c>.</summary>
    public JsonView Effort => root["output_config"u8]["effort"u8];

    /// <summary><c>output_config.format</c>, or its older place <c>output_format</c>.</summary>
    public JsonView OutputFormat => root["output_config"u8]["format"u8] is { IsMissing: false } format ? format : root["output_format"u8];

    /// <summary>The top-level cache marker: means the last block.</summary>
    public JsonView CacheControl => root["cache_control"u8];

    /// <summary>The end user, opaque.</summary>
    public JsonView UserId => root["metadata"u8]["user_id"u8];
}

/// <summary><c>tool_choice</c>.</summary>
public readonly struct ToolChoice(JsonView view)
{
    /// <summary>The whole object.</summary>
    public JsonView View => view;

    /// <summary><c>auto</c>, <c>any</c>, <c>tool</c>, <c>none</c>.</summary>
    public JsonView Type => view["type"u8];

    /// <summary>The tool's name, for <c>tool</c>.</summary>
    public JsonView Name => view["name"u8];

    /// <summary>At most one call.</summary>
    public bool DisablesParallelToolUse => view["disable_parallel_tool_use"u8].IsTrue;
}

/// <summary>One entry of <c>messages</c>.</summary>
public readonly struct RequestMessage
{
    /// <param name="view">The entry.</param>
    public RequestMessage(JsonView view)
    {
        View = view;
        // Read at every turn of every request, so looked up once.
        foreach (var member in view.Members)
        {
            if (member.NameEquals("role"u8))
                Role = member.Value;
            else if (member.NameEquals("content"u8))
                Content = member.Value;
        }
    }

    /// <summary>The whole object.</summary>
    public JsonView View { get; }

    /// <summary><c>user</c>, <c>assistant</c>, <c>system</c>.</summary>
    public JsonView Role { get; }

    /// <summary>A string, or blocks.</summary>
    public JsonView Content { get; }

    /// <summary>Of a system message: the effort from here on.</summary>
    public JsonView Effort => View["output_config"u8]["effort"u8];

    /// <summary>Of a system message: it holds only until the next user message.</summary>
    public bool ClearsAtNextUserMessage => View["clear_at"u8].Equals("next_user_message"u8);
}

/// <summary>One entry of <c>tools</c>.</summary>
public readonly struct ToolDefinition(JsonView view)
{
    /// <summary>The whole object.</summary>
    public JsonView View => view;

    /// <summary>Usually absent, or <c>custom</c>; else a dated type.</summary>
    public JsonView Type => view["type"u8];

    /// <summary>The name; toolsets have none.</summary>
    public JsonView Name => view["name"u8];

    /// <summary>What it is for.</summary>
    public JsonView Description => view["description"u8];

    /// <summary>JSON Schema of its input.</summary>
    public JsonView InputSchema => view["input_schema"u8];

    /// <summary>Hidden from the model until something reveals it.</summary>
    public bool IsDeferred => view["defer_loading"u8].IsTrue;
}
