using System.Diagnostics;
using System.Text.Json;
using Dragoman.Configuration;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Telemetry;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Upstream;

namespace Dragoman.ServerTools;

/// <summary>One answer in which the gateway runs server tools: several upstream answers, one message.</summary>
/// <remarks>
/// The gateway plays towards itself the client that is told <c>pause_turn</c>: what the caller was told is added to their request as an
/// assistant message, and the backend is asked again. So a round sees what it would see in a later turn of the caller's, to the byte.
/// 1. An upstream answer ends, and calls wait. 2. They run side by side. 3. Their results are told. 4. If the model also called tools of the
/// caller's, those are told and the message ends; else the request is continued, as long as there are rounds left.
/// </remarks>
internal sealed class ServerToolRounds : IDisposable
{
    /// <summary>A model that asks for more at once is told so for the rest.</summary>
    private const int MostAtOnce = 16;

    private readonly WebTools _tools;
    private readonly MessagesRequest _request;
    private readonly int _depth;
    private readonly PooledBuffer _blocks = new();
    private RecordingSink? _recorder;
    private ContinuedBody? _body;
    private int _rounds;
    private bool _mayCall = true;

    /// <param name="tools">Runs them.</param>
    /// <param name="request">As the caller sent it; its memory must stay.</param>
    /// <param name="depth">Deepest nesting of JSON.</param>
    public ServerToolRounds(WebTools tools, MessagesRequest request, int depth)
    {
        _tools = tools;
        _request = request;
        _depth = depth;
    }

    /// <summary>How far the message has come.</summary>
    public MessageProgress Progress { get; private set; }

    /// <summary>The blocks of earlier rounds, with commas between them.</summary>
    public ReadOnlySpan<byte> Blocks => _blocks.Span;

    /// <summary>Keeps what an attempt tells; what one before it told in this round is forgotten.</summary>
    public MessageSink Record(MessageSink client)
    {
        _recorder?.Dispose();
        return _recorder = new(client);
    }

    /// <summary>The search that Claude Code asks for in so many words, which needs no model to ask for it; null if this is none, or the model shall be
    /// asked all the same.</summary>
    public ServerToolCall? DirectCall(UpstreamRequest upstream)
    {
        if (_tools.Options.Direct == DirectSearch.Never || upstream.ServerTools is not [{ Kind: ServerToolKind.WebSearch } tool]) return null;
        if (ServerToolRequests.DirectQuery(_request) is not { } query) return null;
        using var input = new PooledBuffer();
        using (var json = new Utf8JsonWriter(input))
        {
            json.WriteStartObject();
            json.WriteString("query"u8, query);
            json.WriteEndObject();
        }

        return new($"srv{RandomIds.ToolUse()}", tool, input.Span.ToArray());
    }

    /// <summary>Tells a call that no model made.</summary>
    public void TellDirect(ServerToolCall call, MessageSink client)
    {
        var sink = Record(client);
        sink.StartServerToolUse(0, call.Id, call.Tool.Kind);
        using var input = new PooledBuffer();
        EscapedText.Escape(call.Input.Span, input);
        sink.InputJsonDelta(0, input.Span);
        sink.StopBlock(0);
    }

    /// <summary>Tells what became of it; the model is only to write about it.</summary>
    public void EndDirect(ServerToolCall call, ServerToolOutcome outcome, UpstreamExchange exchange)
    {
        _recorder!.ServerToolResult(1, ServerToolResults.Of(call, outcome, _tools.Offer.SealKey));
        _mayCall = false;
        var counted = new ServerToolUsage(outcome is FoundPages ? 1 : 0, 0);
        Continue(new(2, new Usage { ServerTools = counted }), exchange);
    }

    /// <summary>Runs calls side by side.</summary>
    /// <returns>What became of them, in their order.</returns>
    /// <exception cref="OperationCanceledException">The caller has gone, or the gateway stops.</exception>
    public async Task<ServerToolOutcome[]> RunAsync(IReadOnlyList<ServerToolCall> calls, CancellationToken cancellation)
    {
        using var activity = ServerToolTelemetry.Begin(calls.Count);
        var running = new Task<ServerToolOutcome>[calls.Count];
        Span<int> used = stackalloc int[2];
        for (var i = 0; i < running.Length; i++)
        {
            var tool = calls[i].Tool;
            var before = tool.Used + used[(int)tool.Kind]++;
            running[i] = !tool.MayRun || before >= (tool.MaxUses ?? long.MaxValue) ? Task.FromResult<ServerToolOutcome>(new ServerToolFailure("max_uses_exceeded"))
                : i >= MostAtOnce ? Task.FromResult<ServerToolOutcome>(new ServerToolFailure("too_many_requests"))
                : _tools.RunAsync(calls[i], _body?.Request ?? _request, cancellation);
        }

        return await Task.WhenAll(running);
    }

    /// <summary>Tells the results.</summary>
    /// <param name="answer">Whose calls they are.</param>
    /// <param name="outcomes">In their order.</param>
    /// <param name="exchange">Writes the next round, if there is to be one.</param>
    /// <returns>True if the message is complete.</returns>
    /// <exception cref="Errors.GatewayException">With the results the prompt fits no target any more.</exception>
    public bool End(UpstreamAnswer answer, ServerToolOutcome[] outcomes, UpstreamExchange exchange)
    {
        var calls = answer.ServerToolCalls;
        for (var i = 0; i < outcomes.Length; i++) answer.OnServerToolOutcome(calls[i], outcomes[i]);
        if (answer.EndRound(pause: ++_rounds >= _tools.Options.MaxRounds)) return true;
        exchange.RoundEnded(answer);
        Continue(answer.Progress, exchange);
        return false;
    }

    public void Dispose()
    {
        _recorder?.Dispose();
        _blocks.Dispose();
        _body?.Dispose();
    }

    private void Continue(MessageProgress progress, UpstreamExchange exchange)
    {
        if (!_blocks.IsEmpty && !_recorder!.Blocks.IsEmpty) _blocks.Append((byte)',');
        _blocks.Append(_recorder!.Blocks);
        Progress = progress;
        var body = new ContinuedBody(_request, _blocks.Span, _mayCall, _depth);
        var last = _body;
        _body = body;
        exchange.Continue(body.Request);
        last?.Dispose();
    }

    /// <summary>The request of a later round, in memory of its own.</summary>
    private sealed class ContinuedBody : IDisposable
    {
        private readonly PooledBuffer _json = new();
        private readonly JsonText _text;

        public ContinuedBody(MessagesRequest request, ReadOnlySpan<byte> blocks, bool mayCall, int depth)
        {
            ContinuedRequest.Write(request, blocks, mayCall, _json);
            // One round more is no deeper than the caller's own messages may be, but the message itself takes a few levels.
            _text = JsonText.Parse(_json.Memory, depth + 8);
        }

        public MessagesRequest Request => new(_text.Root);

        public void Dispose()
        {
            _text.Dispose();
            _json.Dispose();
        }
    }
}
