using System.Text.Json;

namespace Dragoman.Protocol.OpenAI;

/// <summary>Reads backends' JSON: the only place that knows how their chunks and answers spell things.</summary>
internal static class ChatChunkParser
{
    /// <exception cref="JsonException">Not JSON.</exception>
    internal static bool TryParse(ReadOnlySpan<byte> json, bool isWhole, ref ChatChunk chunk)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
        var isErrorObject = false;
        ReadOnlySpan<byte> vendorUsage = default;
        ReadOnlySpan<byte> choiceUsage = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("choices"u8)) ReadChoices(ref reader, json, isWhole, ref chunk, ref choiceUsage);
            else if (reader.ValueTextEquals("usage"u8)) chunk.Usage = ReadObject(ref reader, json);
            else if (reader.ValueTextEquals("error"u8)) isErrorObject |= ReadIsError(ref reader);
            else if (reader.ValueTextEquals("timings"u8)) chunk.Timings = ReadObject(ref reader, json);
            else if (reader.ValueTextEquals("x_groq"u8)) vendorUsage = ReadMember(ref reader, json, "usage"u8);
            else if (reader.ValueTextEquals("object"u8)) isErrorObject |= ReadString(ref reader).SequenceEqual("error"u8);
            else if (reader.ValueTextEquals("base_resp"u8)) isErrorObject |= ReadIsBadStatus(ref reader, json);
            else SkipValue(ref reader);
        }

        if (reader.Read()) return false;
        if (chunk.Usage.IsEmpty) chunk.Usage = vendorUsage.IsEmpty ? choiceUsage : vendorUsage;
        if (isErrorObject) chunk.Error = json;
        return true;
    }

    /// <summary>Reads one element of <c>tool_calls</c>; the reader stands on its opening brace and ends on its closing one.</summary>
    internal static ToolCallDelta ReadToolCall(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var call = new ToolCallDelta();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("index"u8)) call.Index = ReadIndex(ref reader);
            else if (reader.ValueTextEquals("id"u8)) call.Id = ReadString(ref reader);
            else if (reader.ValueTextEquals("function"u8) || reader.ValueTextEquals("custom"u8)) ReadFunction(ref reader, json, ref call);
            else if (reader.ValueTextEquals("extra_content"u8)) call.ExtraContent = ReadObject(ref reader, json);
            else SkipValue(ref reader);
        }

        return call;
    }

    private static void ReadChoices(
        scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, bool isWhole, ref ChatChunk chunk, ref ReadOnlySpan<byte> usage)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        chunk.HasEmptyChoices = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            chunk.HasEmptyChoices = false;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            // The index may stand behind all the rest, so the choice is read first and forgotten if it is not ours.
            var others = chunk;
            var usageOfOthers = usage;
            chunk.HasChoice = true;
            if (ReadChoice(ref reader, json, isWhole, ref chunk, ref usage) <= 0) continue;
            chunk = others;
            usage = usageOfOthers;
        }
    }

    /// <returns>The choice's index; -1 if it has none.</returns>
    private static int ReadChoice(
        scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, bool isWhole, ref ChatChunk chunk, ref ReadOnlySpan<byte> usage)
    {
        // A few servers send the message so far beside each delta, or an empty delta beside the whole message.
        var index = -1;
        var hasPreferred = false;
        Utf8JsonReader other = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isDelta = reader.ValueTextEquals("delta"u8);
            if (isDelta || reader.ValueTextEquals("message"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    reader.Skip();
                }
                else if (isDelta != isWhole)
                {
                    hasPreferred = true;
                    ReadMessage(ref reader, json, ref chunk);
                }
                else
                {
                    other = reader;
                    reader.Skip();
                }
            }
            else if (reader.ValueTextEquals("index"u8))
            {
                index = ReadIndex(ref reader);
            }
            else if (reader.ValueTextEquals("finish_reason"u8))
            {
                chunk.FinishReason = ReadString(ref reader);
            }
            else if (reader.ValueTextEquals("native_finish_reason"u8))
            {
                chunk.NativeFinishReason = ReadString(ref reader);
            }
            else if (reader.ValueTextEquals("stop_reason"u8) || reader.ValueTextEquals("matched_stop"u8))
            {
                var matched = ReadString(ref reader);
                if (!matched.IsEmpty) chunk.MatchedStop = matched;
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                usage = ReadObject(ref reader, json);
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                ReadError(ref reader, json, ref chunk);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        if (!hasPreferred && other.TokenType == JsonTokenType.StartObject) ReadMessage(ref other, json, ref chunk);
        return index;
    }

    /// <summary>Reads <c>delta</c> or <c>message</c>; the reader stands on its opening brace.</summary>
    private static void ReadMessage(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref ChatChunk chunk)
    {
        var rank = int.MaxValue;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("content"u8)) ReadContent(ref reader, json, ref chunk);
            else if (reader.ValueTextEquals("tool_calls"u8)) ReadToolCalls(ref reader, json, ref chunk);
            else if (reader.ValueTextEquals("reasoning_content"u8))
                ReadReasoning(ref reader, 0, ReasoningField.ReasoningContent, ref rank, ref chunk);
            else if (reader.ValueTextEquals("reasoning"u8)) ReadReasoning(ref reader, 1, ReasoningField.Reasoning, ref rank, ref chunk);
            else if (reader.ValueTextEquals("reasoning_text"u8)) ReadReasoning(ref reader, 2, ReasoningField.Reasoning, ref rank, ref chunk);
            else if (reader.ValueTextEquals("thinking"u8)) ReadReasoning(ref reader, 3, ReasoningField.Reasoning, ref rank, ref chunk);
            else if (reader.ValueTextEquals("reasoning_details"u8)) chunk.ReasoningDetails = ReadArray(ref reader, json);
            else if (reader.ValueTextEquals("thinking_blocks"u8)) chunk.ThinkingBlocks = ReadArray(ref reader, json);
            else if (reader.ValueTextEquals("refusal"u8)) chunk.Refusal = ReadString(ref reader);
            else if (reader.ValueTextEquals("function_call"u8)) ReadFunctionCall(ref reader, json, ref chunk);
            else SkipValue(ref reader);
        }
    }

    private static void ReadContent(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref ChatChunk chunk)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) chunk.Content = reader.ValueSpan;
        else if (reader.TokenType == JsonTokenType.StartArray) chunk.ContentParts = TakeArray(ref reader, json);
        else reader.Skip();
    }

    private static void ReadReasoning(scoped ref Utf8JsonReader reader, int order, ReasoningField field, ref int rank, ref ChatChunk chunk)
    {
        var text = ReadString(ref reader);
        if (text.IsEmpty || order >= rank) return;
        chunk.Reasoning = text;
        chunk.ReasoningField = field;
        rank = order;
    }

    private static void ReadToolCalls(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref ChatChunk chunk)
    {
        var calls = ReadArray(ref reader, json);
        if (!calls.IsEmpty) chunk.ToolCalls = new ToolCallDeltas(calls);
    }

    /// <summary>The form before tool calls: one call without an id. Some servers send an empty one beside every delta.</summary>
    private static void ReadFunctionCall(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref ChatChunk chunk)
    {
        var call = new ToolCallDelta { Index = 0 };
        ReadFunction(ref reader, json, ref call);
        if (!call.IsBlank && chunk.ToolCalls.IsEmpty) chunk.ToolCalls = new ToolCallDeltas(call);
    }

    private static void ReadFunction(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref ToolCallDelta call)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                call.Name = ReadString(ref reader);
            }
            else if (reader.ValueTextEquals("arguments"u8) || reader.ValueTextEquals("input"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String) call.Arguments = reader.ValueSpan;
                else if (reader.TokenType == JsonTokenType.Null) call.ArgumentsValue = default;
                else call.ArgumentsValue = TakeValue(ref reader, json);
            }
            else
            {
                SkipValue(ref reader);
            }
        }
    }

    private static void ReadError(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref ChatChunk chunk)
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.Null or JsonTokenType.False) return;
        chunk.Error = TakeValue(ref reader, json);
    }

    private static bool ReadIsError(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        var isError = reader.TokenType switch
        {
            JsonTokenType.Null or JsonTokenType.False => false,
            JsonTokenType.String => !reader.ValueSpan.IsEmpty,
            _ => true,
        };
        reader.Skip();
        return isError;
    }

    /// <summary>MiniMax says errors in <c>base_resp.status_code</c>, with status 200.</summary>
    private static bool ReadIsBadStatus(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        var bad = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("status_code"u8))
            {
                reader.Read();
                bad = reader.TokenType == JsonTokenType.Number && !TakeValue(ref reader, json).SequenceEqual("0"u8);
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) reader.Skip();
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return bad;
    }

    private static int ReadIndex(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var index)) return index;
        reader.Skip();
        return -1;
    }

    private static ReadOnlySpan<byte> ReadString(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.ValueSpan;
        reader.Skip();
        return default;
    }

    private static ReadOnlySpan<byte> ReadObject(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject) return TakeValue(ref reader, json);
        reader.Skip();
        return default;
    }

    private static ReadOnlySpan<byte> ReadArray(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray) return TakeArray(ref reader, json);
        reader.Skip();
        return default;
    }

    private static ReadOnlySpan<byte> TakeArray(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var ahead = reader;
        ahead.Read();
        var raw = TakeValue(ref reader, json);
        return ahead.TokenType == JsonTokenType.EndArray ? default : raw;
    }

    private static ReadOnlySpan<byte> ReadMember(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> value = default;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return default;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(name)) value = ReadObject(ref reader, json);
            else SkipValue(ref reader);
        }

        return value;
    }

    private static ReadOnlySpan<byte> TakeValue(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    private static void SkipValue(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
