using System.Buffers;
using Dragoman.Bench.Wire;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Protocol.ServerSentEvents;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Benchmarks;

/// <summary>Translates one request and its answer as an endpoint does: parse, translate; read events, translate, write events.</summary>
public sealed class TranslatorWork
{
    /// <summary>What one read from a socket brings of an answer that comes in bulk.</summary>
    private const int ReadSize = 16 * 1024;

    private static readonly TranslationTarget Target = new()
    {
        Dialect = Dialects.Generic,
        Model = AnswerScript.Model,
        SignatureKey = new byte[32],
    };

    private readonly byte[] _request;
    private readonly byte[] _answer;
    private readonly bool _isStreamed;
    private readonly ArrayBufferWriter<byte> _output = new(16 * 1024 * 1024);
    private readonly AnswerContext _context;
    private long _toolUses;

    public TranslatorWork(Conversation conversation, AnswerScript answer)
    {
        _request = conversation.Body(Api.Messages);
        _answer = answer.Body();
        _isStreamed = answer.IsStreamed;
        Events = answer.Events.Count;
        _context = TranslateRequest();
    }

    /// <summary>Content events of the answer.</summary>
    public int Events { get; }

    public static TranslatorWork Small() => new(Conversation.Small(), AnswerScript.Named("small"));

    public static TranslatorWork Agent(string answer) => new(Conversation.OfSize(40_000), AnswerScript.Named(answer));

    public static TranslatorWork Large() => new(Conversation.OfSize(1_000_000), AnswerScript.Named("bulk-50"));

    public static TranslatorWork Image() => new(Conversation.WithImage(5_000_000), AnswerScript.Named("bulk-50"));

    public void ParseRequest() => JsonText.Parse(_request).Dispose();

    public AnswerContext TranslateRequest()
    {
        _output.ResetWrittenCount();
        using var json = JsonText.Parse(_request);
        return RequestTranslator.Translate(new MessagesRequest(json.Root), Target, _output);
    }

    /// <returns>Bytes written for the client.</returns>
    /// <exception cref="InvalidOperationException">The answer was not translated to its end.</exception>
    public int TranslateAnswer()
    {
        _output.ResetWrittenCount();
        MessageSink client = _isStreamed ? new MessageEventWriter(_output) : new MessageWriter(_output);
        using var translator = new StreamTranslator(_context, client, "msg_000000000000000000000000", NextToolUseId);
        if (_isStreamed) ReadEvents(translator);
        else translator.OnWhole(_answer);
        if (!translator.HasEnded || translator.Failure is not null) throw new InvalidOperationException("The answer was not translated to its end.");
        return _output.WrittenCount;
    }

    // A context is used again and again here, so that its tool ids are soon taken: each must be a new one.
    private string NextToolUseId() => $"toolu_{_toolUses++:d24}";

    private void ReadEvents(StreamTranslator translator)
    {
        using var events = new ServerSentEventReader();
        for (var from = 0; from < _answer.Length; from += ReadSize)
        {
            ReadOnlySpan<byte> read = _answer.AsSpan(from, Math.Min(ReadSize, _answer.Length - from));
            while (events.TryRead(ref read, out var next)) translator.OnData(next.Data);
        }
        translator.OnClosed();
    }
}
