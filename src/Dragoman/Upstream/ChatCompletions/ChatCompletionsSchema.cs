using System.Net.Http.Headers;
using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol;
using Dragoman.Routing;
using Dragoman.TokenCounting;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream.ChatCompletions;

/// <summary>Chat Completions, with the dialect of the backend: requests and answers are translated.</summary>
internal class ChatCompletionsSchema(BackendOptions options) : UpstreamSchema
{
    private readonly Uri _models = new(options.Url, "models");
    private readonly Uri _completions = new(options.Url, "chat/completions");
    private readonly AuthenticationHeaderValue? _credential = options.ApiKey is { Length: > 0 } key ? new("Bearer", key) : null;

    public override bool NeedsServerTools => true;

    /// <summary>Where completions of a model are asked for.</summary>
    public virtual Uri CompletionsOf(string model) => _completions;

    public override UpstreamRequest Write(CallerRequest caller, ModelTarget target, UpstreamServices services) =>
        new ChatCompletionsRequest(this, caller, target, services);

    public override ValueTask AuthorizeAsync(HttpRequestMessage message, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        message.Headers.Authorization = _credential;
        return default;
    }

    public override HttpRequestMessage? ListModels() => new(HttpMethod.Get, _models);

    /// <summary>The prompt is translated as if it were to be sent, and then counted. (failures.md F1, F2)</summary>
    public override async Task<TokenCount> CountTokensAsync(
        CallerRequest caller, ModelTarget target, UpstreamServices services, CancellationToken cancellation)
    {
        using var chat = new PooledBuffer();
        var answer = RequestTranslator.TranslatePrompt(caller.Message, services.TargetOf(target, null), chat);
        var backend = target.Backend;
        try
        {
            return await services.Counter.CountAsync(new CountRequest
            {
                Chat = chat.Memory,
                Size = answer.PromptSize,
                Dialect = answer.Dialect,
                Estimator = services.EstimatorOf(target),
                Url = backend.Address,
                Send = (message, token) => backend.SendAsync(message, default, token),
                ErrorContext = UpstreamFailures.ContextOf(answer),
            }, cancellation);
        }
        catch (CountRefusedException e)
        {
            throw new UpstreamException(backend.Name, e.Error, e);
        }
    }
}
