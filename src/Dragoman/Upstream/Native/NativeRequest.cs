using System.Net.Http.Headers;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Routing;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Translation.Messages;

namespace Dragoman.Upstream.Native;

/// <summary>A caller's request, passed on to one target.</summary>
internal sealed class NativeRequest : UpstreamRequest
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly NativeSchema _schema;
    private readonly CallerRequest _caller;
    private readonly UpstreamServices _services;
    private readonly PooledBuffer _body = new();
    private readonly MessagesLessons _known;
    private readonly IReadOnlyList<string> _betas;
    private readonly RelayContext _context;
    private readonly PromptSize _size;
    private readonly bool _stream;

    public NativeRequest(NativeSchema schema, CallerRequest caller, ModelTarget target, UpstreamServices services) : base(target)
    {
        _schema = schema;
        _caller = caller;
        _services = services;
        _stream = caller.Message.Stream;
        _known = schema.LessonsOf(target.Model);
        _betas = _known.Allowed(CallerBetas.Of(caller.Headers));
        _size = PromptSizes.Of(caller.Message);
        caller.Message.MaxTokens.TryGetInt64(out var maxTokens);
        _context = new(caller.Telemetry.Model ?? target.Model, target.Backend.Name)
        {
            EstimatedInputTokens = services.EstimatorOf(target).Estimate(_size),
            MaxTokens = maxTokens,
        };
        try
        {
            // About as long as the caller's: one rent instead of many.
            const int more = 1024;
            _body.GetSpan(caller.Message.Root.Raw.Length + more);
            var forwarding = new ForwardingTarget(schema.Service, target.Model) { Betas = _betas, RefusedMembers = _known.RefusedMembers };
            Dropped = MessagesForwarding.Write(caller.Message, forwarding, _body).Dropped;
        }
        catch
        {
            _body.Dispose();
            throw;
        }
    }

    public override ReadOnlyMemory<byte> Body => _body.Memory;

    public override long EstimatedInputTokens => _context.EstimatedInputTokens;

    public override IReadOnlyList<string> Dropped { get; }

    public override HttpRequestMessage ToMessage()
    {
        var content = new ReadOnlyMemoryContent(_body.Memory);
        content.Headers.ContentType = Json;
        var message = new HttpRequestMessage(HttpMethod.Post, _schema.MessagesOf(Target.Model, _stream)) { Content = content };
        _schema.AddHeaders(message, _caller, _betas, _stream);
        return message;
    }

    public override TranslatedError ReadError(int status, ReadOnlySpan<byte> body) => MessagesErrors.OfAnswer(status, body, _context.ForErrors);

    public override bool LearnFrom(TranslatedError refusal)
    {
        if (refusal.Kind == UpstreamErrorKind.Credential) return _schema.CredentialRefused();
        if (MessagesLearning.Learn(_known, _betas, refusal, out var what) is not { } lessons) return false;
        _schema.Learn(Target.Model, lessons);
        _services.Learned(Target.Backend.Name, Target.Model, what);
        return true;
    }

    public override UpstreamAnswer OpenAnswer(in AnswerPlace place) => new NativeAnswer(_context, _schema.Service, place, _services.Limits.Answer);

    public override void Counted(in Usage usage)
    {
        if (!usage.Estimated) _services.Counter.Observe(_services.EstimatorOf(Target), _size, usage.PromptTokens);
    }

    public override void Dispose() => _body.Dispose();
}
