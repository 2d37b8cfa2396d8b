using System.Net.Http.Headers;
using Dragoman.Errors;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Routing;
using Dragoman.TokenCounting;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream.ChatCompletions;

/// <summary>A caller's request, translated for one target.</summary>
internal sealed class ChatCompletionsRequest : UpstreamRequest
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ChatCompletionsSchema _schema;
    private readonly UpstreamServices _services;
    private readonly PooledBuffer _chat = new();
    private readonly AnswerContext _answer;
    private readonly PromptSample? _sample;

    public ChatCompletionsRequest(ChatCompletionsSchema schema, CallerRequest caller, ModelTarget target, UpstreamServices services) : base(target)
    {
        _schema = schema;
        _services = services;
        try
        {
            // About as long as the caller's: one rent instead of many.
            const int more = 4096;
            _chat.GetSpan(caller.Message.Root.Raw.Length + more);
            _answer = RequestTranslator.Translate(caller.Message, services.TargetOf(target, caller.SessionKey), _chat);
            _sample = services.Counter.TrySample(services.EstimatorOf(target), _chat.Span, _answer.PromptSize);
            RefuseTooLong(_answer);
        }
        catch
        {
            _chat.Dispose();
            throw;
        }
    }

    public override ReadOnlyMemory<byte> Body => _chat.Memory;

    public override long EstimatedInputTokens => _answer.EstimatedInputTokens;

    public override IReadOnlyList<string> Dropped => _answer.Dropped;

    public override IReadOnlyList<ServerTool> ServerTools => _answer.ServerTools;

    /// <summary>For <c>max_tokens: 0</c>: many backends would generate a token all the same (mapping.md section 2).</summary>
    public override AnswerContext? EmptyAnswer => _answer.MaxTokens == 0 ? _answer : null;

    public override HttpRequestMessage ToMessage()
    {
        var content = new ReadOnlyMemoryContent(_chat.Memory);
        content.Headers.ContentType = Json;
        return new(HttpMethod.Post, _schema.CompletionsOf(Target.Model)) { Content = content };
    }

    public override TranslatedError ReadError(int status, ReadOnlySpan<byte> body) =>
        ErrorTranslator.Translate(status, body, UpstreamFailures.ContextOf(_answer));

    public override bool LearnFrom(TranslatedError refusal)
    {
        if (refusal.Kind == UpstreamErrorKind.Credential) return _schema.CredentialRefused();
        if (RefusalLearning.Learn(_answer.Dialect, refusal) is not { } lesson) return false;
        if (Target.Backend.Dialects.Learn(Target.Model, lesson)) _services.Learned(Target.Backend.Name, Target.Model, lesson.What);
        return true;
    }

    public override UpstreamAnswer OpenAnswer(in AnswerPlace place) => new ChatCompletionsAnswer(_answer, place, _services.Limits.Answer);

    public override void Counted(in Usage usage)
    {
        if (!usage.Estimated) _services.Counter.Observe(_services.EstimatorOf(Target), _answer.PromptSize, usage.PromptTokens, _sample);
    }

    public override void Dispose() => _chat.Dispose();

    /// <summary>An estimate is an estimate: only what no tokenizer could bring below the window is refused before the backend has seen it.
    /// (failures.md F8)</summary>
    private static void RefuseTooLong(AnswerContext answer)
    {
        const double clearly = 1.3;
        if (answer.ContextWindow is { } window && answer.EstimatedInputTokens > window * clearly)
            throw GatewayException.InvalidRequest($"prompt is too long: {answer.EstimatedInputTokens} tokens > {window} maximum");
    }
}
