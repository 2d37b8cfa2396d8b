using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dragoman.Testing;

/// <summary>What reading a stream of the Messages API came to.</summary>
/// <param name="Violations">Every breach of the grammar, with the number of the event; empty for a legal stream.</param>
/// <param name="Events">The events as they came, pings included.</param>
/// <param name="Message">The message as SDKs put it together; null if none began.</param>
/// <param name="Error">The <c>error</c> member of the error event; null if there was none.</param>
/// <param name="IsComplete">It ended in message_stop.</param>
public sealed record StreamReading(
    IReadOnlyList<string> Violations, IReadOnlyList<(string Name, JsonObject Data)> Events, JsonObject? Message, JsonObject? Error, bool IsComplete)
{
    /// <summary>The texts of the message, joined.</summary>
    public string Text => Join("text", "text");

    /// <summary>The thinking of the message, joined.</summary>
    public string Thinking => Join("thinking", "thinking");

    /// <summary>The message's blocks.</summary>
    public IEnumerable<JsonObject> Blocks => Message?["content"]?.AsArray().Select(static block => block!.AsObject()) ?? [];

    /// <summary>The message's stop reason.</summary>
    public string? StopReason => Message?["stop_reason"]?.GetValue<string>();

    private string Join(string type, string member) =>
        string.Concat(Blocks.Where(block => block["type"]?.GetValue<string>() == type).Select(block => block[member]?.GetValue<string>()));
}

/// <summary>The grammar of a Messages stream (anthropic-messages.md sections 11 and 12), checked with a parser that is not ours.</summary>
public sealed class StreamGrammar
{
    private static readonly string[] BlocksWithoutDeltas =
        ["redacted_thinking", "fallback", "container_upload", "web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result",
         "bash_code_execution_tool_result", "text_editor_code_execution_tool_result", "tool_search_tool_result", "mcp_tool_result", "advisor_tool_result"];

    private readonly List<string> _violations = [];
    private readonly List<(string Name, JsonObject Data)> _events = [];
    private readonly bool _isOurs;
    private readonly StringBuilder _input = new();
    private JsonObject? _message;
    private JsonObject? _error;
    private JsonObject? _block;
    private int _signatures;
    private int _nextIndex;
    private bool _hasDelta;
    private bool _isStopped;

    private StreamGrammar(bool isOurs) => _isOurs = isOurs;

    /// <summary>Reads a stream.</summary>
    /// <param name="sse">The bytes of the body.</param>
    /// <param name="isOurs">Check also what only we promise: ids, callers, one signature for each thinking block, no empty deltas, sound tool input.</param>
    public static StreamReading Read(ReadOnlySpan<byte> sse, bool isOurs = true)
    {
        var grammar = new StreamGrammar(isOurs);
        using var stream = new MemoryStream(sse.ToArray());
        foreach (var item in SseParser.Create(stream).Enumerate()) grammar.OnEvent(item.EventType, item.Data);
        grammar.OnEnd();
        return new StreamReading(grammar._violations, grammar._events, grammar._message, grammar._error, grammar._isStopped);
    }

    private void OnEvent(string name, string text)
    {
        if (!_isOurs && text == "[DONE]") return;
        JsonObject data;
        try
        {
            data = JsonNode.Parse(text)!.AsObject();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            Breach($"data of {name} is not a JSON object");
            return;
        }

        _events.Add((name, data));
        Expect(Word(data, "type") == name, $"event {name} has data of type {Word(data, "type")}");
        Expect(!_isStopped, $"{name} after message_stop");
        Expect(_error is null, $"{name} after error");
        switch (name)
        {
            case "ping": break;
            case "message_start": OnMessageStart(data); break;
            case "content_block_start": OnBlockStart(data); break;
            case "content_block_delta": OnBlockDelta(data); break;
            case "content_block_stop": OnBlockStop(data); break;
            case "message_delta": OnMessageDelta(data); break;
            case "message_stop": OnMessageStop(); break;
            case "error": OnError(data); break;
            default: Breach($"unknown event {name}"); break;
        }
    }

    private void OnMessageStart(JsonObject data)
    {
        Expect(_message is null, "second message_start");
        if (data["message"] is not JsonObject message)
        {
            Breach("message_start without message");
            return;
        }

        _message = message.DeepClone().AsObject();
        Expect(Word(message, "type") == "message", "message without type");
        Expect(Word(message, "role") == "assistant", "message without role");
        Expect(!_isOurs || Word(message, "id")?.StartsWith("msg_", StringComparison.Ordinal) == true, "message id is not ours");
        Expect(Word(message, "model") is not null, "message without model");
        Expect(message["content"] is JsonArray { Count: 0 }, "content of message_start is no empty array");
        foreach (var member in (ReadOnlySpan<string>)["stop_reason", "stop_sequence"])
            Expect(message.ContainsKey(member) && message[member] is null, $"{member} of message_start is not null");
        ExpectCounts(message["usage"], "message_start");
    }

    private void OnBlockStart(JsonObject data)
    {
        Expect(_message is not null, "content_block_start before message_start");
        Expect(_block is null, "content_block_start while a block is open");
        Expect(!_hasDelta, "content_block_start after message_delta");
        Expect(Number(data, "index") == _nextIndex, $"block has index {Number(data, "index")}, not {_nextIndex}");
        _block = data["content_block"]?.DeepClone() as JsonObject ?? [];
        _input.Clear();
        _signatures = 0;
        var type = Word(_block, "type");
        Expect(type is not null, "content_block without type");
        if (type == "text") Expect(Word(_block, "text") == "", "text block does not begin empty");
        if (type == "thinking") Expect(Word(_block, "thinking") == "", "thinking block does not begin empty");
        if (type is "tool_use" or "server_tool_use")
        {
            Expect(_block["input"] is JsonObject, "tool use does not begin with an object");
            Expect(!string.IsNullOrEmpty(Word(_block, "name")), "tool use without name");
            Expect(Word(_block, "id") is { Length: > 0 } id && (!_isOurs || id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')), "tool use without a proper id");
            Expect(!_isOurs || _block["caller"] is JsonObject, "tool use without caller");
        }

        if (_isOurs && type is "text") Expect(_block.Count == 2, "text block with members of other types");
        if (_isOurs && type == "thinking") Expect(_block.ContainsKey("signature"), "thinking block without signature");
    }

    private void OnBlockDelta(JsonObject data)
    {
        if (_block is null)
        {
            Breach("delta without an open block");
            return;
        }

        Expect(Number(data, "index") == _nextIndex, $"delta for block {Number(data, "index")} while {_nextIndex} is open");
        var delta = data["delta"] as JsonObject ?? [];
        var (blockType, deltaType) = (Word(_block, "type"), Word(delta, "type"));
        Expect(!BlocksWithoutDeltas.Contains(blockType), $"{blockType} with a delta");
        switch (deltaType)
        {
            case "text_delta": Append("text", "text", delta); break;
            case "thinking_delta": Append("thinking", "thinking", delta); break;
            case "input_json_delta": AppendInput(delta); break;
            case "signature_delta":
                Expect(blockType == "thinking", $"signature_delta in {blockType}");
                Expect(!string.IsNullOrEmpty(Word(delta, "signature")), "empty signature");
                _block["signature"] = Word(delta, "signature");
                _signatures++;
                break;
            case "citations_delta":
                Expect(blockType == "text", $"citations_delta in {blockType}");
                if (_block["citations"] is not JsonArray citations) _block["citations"] = citations = [];
                citations.Add(delta["citation"]?.DeepClone());
                break;
            case "compaction_delta":
                Expect(blockType == "compaction", $"compaction_delta in {blockType}");
                break;
            default: Breach($"unknown delta {deltaType}"); break;
        }
    }

    private void Append(string blockType, string member, JsonObject delta)
    {
        var text = Word(delta, member);
        Expect(Word(_block!, "type") == blockType, $"{member} delta in {Word(_block!, "type")}");
        Expect(text is not null, $"{member} delta without {member}");
        Expect(!_isOurs || text != "", $"empty {member} delta");
        Expect(_signatures == 0, $"{member} delta after the signature");
        _block![member] = Word(_block!, member) + text;
    }

    private void AppendInput(JsonObject delta)
    {
        Expect(Word(_block!, "type") is "tool_use" or "server_tool_use" or "mcp_tool_use", $"input_json_delta in {Word(_block!, "type")}");
        Expect(Word(delta, "partial_json") is not null, "input_json_delta without partial_json");
        _input.Append(Word(delta, "partial_json"));
    }

    private void OnBlockStop(JsonObject data)
    {
        if (_block is null)
        {
            Breach("content_block_stop without an open block");
            return;
        }

        Expect(Number(data, "index") == _nextIndex, $"stop of block {Number(data, "index")} while {_nextIndex} is open");
        var type = Word(_block, "type");
        if (_isOurs && type == "text") Expect(Word(_block, "text")?.Length > 0, "empty text block");
        if (_isOurs && type == "thinking") Expect(_signatures == 1, $"thinking block with {_signatures} signatures");
        if (_input.Length > 0)
        {
            _block["input"] = ParsedInput(_input.ToString());
            if (_block["input"] is null) _block["_unparsed_input"] = _input.ToString();
        }

        (_message?["content"] as JsonArray)?.Add(_block);
        _block = null;
        _nextIndex++;
    }

    private static JsonNode? ParsedInput(string json)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void OnMessageDelta(JsonObject data)
    {
        Expect(_message is not null, "message_delta before message_start");
        Expect(_block is null, "message_delta while a block is open");
        _hasDelta = true;
        var delta = data["delta"] as JsonObject ?? [];
        Expect(delta["stop_reason"] is not null, "message_delta without stop_reason");
        Expect(!_isOurs || delta.ContainsKey("stop_sequence"), "message_delta without stop_sequence");
        if (data["usage"] is not JsonObject usage || usage["output_tokens"] is null) Breach("message_delta without usage");
        else Merge(usage, _message?["usage"] as JsonObject);
        Merge(delta, _message);
        if (data["context_management"] is { } management && _message is not null) _message["context_management"] = management.DeepClone();
    }

    private void OnMessageStop()
    {
        Expect(_hasDelta, "message_stop without message_delta");
        Expect(_block is null, "message_stop while a block is open");
        _isStopped = true;
        if (_message is null) return;
        var stopReason = Word(_message, "stop_reason");
        foreach (var block in _message["content"]!.AsArray().OfType<JsonObject>())
        {
            if (block["_unparsed_input"] is { } text) Expect(stopReason == "max_tokens", $"tool input is no JSON object: {text}");
            if (_isOurs && Word(block, "type") == "tool_use") Expect(stopReason is "tool_use" or "max_tokens" or "refusal" or "stop_sequence" or "model_context_window_exceeded", $"tool use, but stop_reason {stopReason}");
        }

        var ids = _message["content"]!.AsArray().OfType<JsonObject>().Select(static block => Word(block, "id")).OfType<string>().ToArray();
        Expect(!_isOurs || ids.Distinct().Count() == ids.Length, "two tool uses with one id");
    }

    private void OnError(JsonObject data)
    {
        _error = data["error"] as JsonObject;
        Expect(_error is not null && Word(_error, "type") is { Length: > 0 } && Word(_error, "message") is { Length: > 0 }, "error without type or message");
        _error ??= [];
    }

    private void OnEnd()
    {
        if (_events.Count > 0) Expect(_isStopped || _error is not null, "ends without message_stop or error");
        else Breach("no events");
    }

    private void ExpectCounts(JsonNode? usage, string where)
    {
        Expect(usage?["input_tokens"] is not null && usage["output_tokens"] is not null, $"{where} without usage");
    }

    private static void Merge(JsonObject from, JsonObject? into)
    {
        if (into is null) return;
        foreach (var (name, value) in from) into[name] = value?.DeepClone();
    }

    private static string? Word(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue<string>(out var word) ? word : null;

    private static int Number(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue<int>(out var number) ? number : -1;

    private void Expect(bool holds, string breach)
    {
        if (!holds) Breach(breach);
    }

    private void Breach(string breach) => _violations.Add($"event {_events.Count}: {breach}");
}
