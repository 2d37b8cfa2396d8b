using System.Buffers;
using System.Buffers.Text;
using Dragoman.Protocol.Json;

namespace Dragoman.Protocol.Anthropic;

/// <summary>The parts of an answer that are the same JSON in a Message and in the events of a stream.</summary>
internal static class MessageJson
{
    /// <summary>Everything of a Message up to its content, the opening brace included.</summary>
    internal static void WriteHead(IBufferWriter<byte> output, string id, string model)
    {
        output.Write("{\"model\":"u8);
        WriteString(output, model);
        output.Write(",\"id\":"u8);
        WriteString(output, id);
        output.Write(",\"type\":\"message\",\"role\":\"assistant\",\"content\":["u8);
    }

    /// <summary>The start of a tool use block, up to and without <c>input</c>.</summary>
    /// <remarks><c>caller</c> is required by the types of some SDKs (anthropic-messages.md section 10).</remarks>
    internal static void WriteToolUseHead(IBufferWriter<byte> output, string id, string name, string? toolset)
    {
        output.Write("{\"type\":\"tool_use\",\"id\":"u8);
        WriteString(output, id);
        output.Write(",\"name\":"u8);
        WriteString(output, name);
        if (toolset is not null)
        {
            output.Write(",\"toolset_name\":"u8);
            WriteString(output, toolset);
        }

        output.Write(",\"caller\":{\"type\":\"direct\"}"u8);
    }

    /// <summary><c>"stop_reason"</c> to <c>"stop_details"</c>, with what the request's <c>safeguards</c> are answered with.</summary>
    internal static void WriteStop(IBufferWriter<byte> output, in MessageEnd end)
    {
        output.Write("\"stop_reason\":\""u8);
        output.Write(end.StopReason.Word());
        output.Write("\",\"stop_sequence\":"u8);
        WriteString(output, end.StopSequence);
        output.Write(",\"stop_details\":"u8);
        if (end.StopReason == StopReason.Refusal)
        {
            output.Write("{\"type\":\"refusal\",\"category\":null,\"explanation\":"u8);
            WriteString(output, end.RefusalExplanation);
            output.Write("}"u8);
        }
        else
        {
            output.Write("null"u8);
        }

        // The honest and mildest answer: the client then asks its user before a risky call (claude-code.md section 7).
        if (!end.SafeguardsUnavailable) return;
        output.Write(",\"safeguard_results\":[{\"type\":\"dangerous_tool_use\","u8);
        output.Write("\"status\":{\"type\":\"unavailable\",\"reason\":\"disabled\"}}]"u8);
    }

    /// <summary>The full <c>usage</c> object of a Message.</summary>
    internal static void WriteUsage(IBufferWriter<byte> output, in Usage usage)
    {
        WriteInputCounts(output, usage);
        output.Write(",\"cache_creation\":{\"ephemeral_5m_input_tokens\":"u8);
        WriteNumber(output, usage.CacheCreationInputTokens);
        output.Write(",\"ephemeral_1h_input_tokens\":0}"u8);
        WriteOutputCounts(output, usage);
        if (usage.ServerTools is { } tools) WriteServerToolUse(output, tools);
        else output.Write(",\"server_tool_use\":null"u8);
        output.Write(",\"service_tier\":\"standard\",\"inference_geo\":null}"u8);
    }

    /// <summary>The <c>usage</c> object of a message_delta: cumulative, not a difference.</summary>
    internal static void WriteFinalUsage(IBufferWriter<byte> output, in Usage usage)
    {
        WriteInputCounts(output, usage);
        WriteOutputCounts(output, usage);
        if (usage.ServerTools is { } tools) WriteServerToolUse(output, tools);
        output.Write("}"u8);
    }

    internal static void WriteString(IBufferWriter<byte> output, string? text)
    {
        if (text is null)
        {
            output.Write("null"u8);
            return;
        }

        output.Write("\""u8);
        EscapedText.Escape(text, output);
        output.Write("\""u8);
    }

    internal static void WriteNumber(IBufferWriter<byte> output, long number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(20), out var written);
        output.Advance(written);
    }

    private static void WriteInputCounts(IBufferWriter<byte> output, in Usage usage)
    {
        output.Write("{\"input_tokens\":"u8);
        WriteNumber(output, usage.InputTokens);
        output.Write(",\"cache_creation_input_tokens\":"u8);
        WriteNumber(output, usage.CacheCreationInputTokens);
        output.Write(",\"cache_read_input_tokens\":"u8);
        WriteNumber(output, usage.CacheReadInputTokens);
    }

    private static void WriteServerToolUse(IBufferWriter<byte> output, in ServerToolUsage tools)
    {
        output.Write(",\"server_tool_use\":{\"web_search_requests\":"u8);
        WriteNumber(output, tools.WebSearchRequests);
        output.Write(",\"web_fetch_requests\":"u8);
        WriteNumber(output, tools.WebFetchRequests);
        output.Write("}"u8);
    }

    private static void WriteOutputCounts(IBufferWriter<byte> output, in Usage usage)
    {
        output.Write(",\"output_tokens\":"u8);
        WriteNumber(output, usage.OutputTokens);
        output.Write(",\"output_tokens_details\":"u8);
        if (usage.ThinkingTokens is not { } thinking)
        {
            output.Write("null"u8);
            return;
        }

        output.Write("{\"thinking_tokens\":"u8);
        WriteNumber(output, thinking);
        output.Write("}"u8);
    }
}
