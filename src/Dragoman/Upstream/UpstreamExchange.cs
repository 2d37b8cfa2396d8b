using System.Net.Http.Headers;
using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Routing;
using Dragoman.Telemetry;
using Dragoman.TokenCounting;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>One request's way to a backend: translated, sent, and sent again without what the backend refuses.</summary>
/// <remarks>
/// 1. Translate for the target. 2. Send; a pooled connection that proves dead before any byte of an answer costs one more try (failures.md
/// G14).
/// 3. An answer that begins well gives the request's memory back. 4. A refusal of a parameter that can be left out teaches: back to 1, as
/// long as the caller was told nothing and the lessons do not end. 5. Any other failure ends the exchange in an <see
/// cref="UpstreamException"/>.
/// </remarks>
internal sealed class UpstreamExchange : IDisposable
{
    private const int LargestErrorBody = 64 * 1024;
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly UpstreamServices _services;
    private readonly ModelTarget _target;
    private readonly RequestTelemetry _telemetry;
    private readonly string? _sessionKey;
    private readonly int _sizeHint;
    private readonly MessagesRequest _request;
    private readonly IDisposable _body;
    private PooledBuffer? _chat;
    private PromptSample? _sample;
    private bool _bodyReleased;

    /// <param name="services">What all exchanges share.</param>
    /// <param name="target">Whom it is for.</param>
    /// <param name="request">What the caller wants.</param>
    /// <param name="body">Holds the request's memory; disposed when it is needed no more.</param>
    /// <param name="size">Size of the request, in bytes.</param>
    /// <param name="telemetry">Takes what becomes known.</param>
    /// <param name="sessionKey">The caller's session, for cache affinity; null if unknown.</param>
    /// <exception cref="TranslationException">The request cannot be said to this backend.</exception>
    /// <exception cref="GatewayException">The prompt clearly does not fit.</exception>
    public UpstreamExchange(
        UpstreamServices services, ModelTarget target, MessagesRequest request, IDisposable body, int size, RequestTelemetry telemetry, string? sessionKey)
    {
        _services = services;
        _target = target;
        _telemetry = telemetry;
        _sessionKey = sessionKey;
        _body = body;
        _sizeHint = size + 4096;
        _request = request;
        Answer = Translate();
    }

    /// <summary>What the translation of the answer must know of the request as it was last sent.</summary>
    public AnswerContext Answer { get; private set; }

    /// <summary>The target's backend.</summary>
    public Backend Backend => _target.Backend;

    /// <summary>Sends the request; returns when a good answer's headers are there.</summary>
    /// <param name="mayTryAgain">Asked before the request is translated once more: false if the caller was already told something.</param>
    /// <param name="cancellation">Ends the call at once.</param>
    /// <exception cref="UpstreamException">The backend could not be reached or refused.</exception>
    public async Task<HttpResponseMessage> SendAsync(Func<bool> mayTryAgain, CancellationToken cancellation)
    {
        for (var lessons = 0; ; lessons++)
        {
            var response = await SendOnceAsync(cancellation);
            _telemetry.UpstreamStatus = (int)response.StatusCode;
            if (response.IsSuccessStatusCode)
            {
                Release();
                return response;
            }

            using (response)
            {
                var error = await ReadErrorAsync(response, cancellation);
                var lesson = RefusalLearning.Learn(Answer.Dialect, error);
                if (lesson is not null && Backend.Dialects.Learn(_target.Model, lesson)) _services.Learned(Backend.Name, _target.Model, lesson.What);
                if (lesson is null || lessons == _services.Limits.Lessons || !mayTryAgain())
                {
                    if (error.Kind == UpstreamErrorKind.UnknownModel) Backend.Models.LookAgain();
                    throw new UpstreamException(Backend.Name, error)
                    {
                        RetryAfter = Header(response, "retry-after"),
                        RetryAfterMs = Header(response, "retry-after-ms"),
                    };
                }
            }

            Answer = Translate();
        }
    }

    /// <summary>Takes in what the backend counted: estimates learn from it, the log shows it.</summary>
    public void Counted(in Usage usage)
    {
        _telemetry.Usage = usage;
        if (!usage.Estimated) _services.Counter.Observe(_services.EstimatorOf(_target), Answer.PromptSize, usage.PromptTokens, _sample);
    }

    /// <summary>Gives the memory of the request back, the caller's and the translated.</summary>
    public void Dispose() => Release();

    private AnswerContext Translate()
    {
        _chat ??= new PooledBuffer();
        _chat.Clear();
        // About as long as the caller's: one rent instead of many.
        _chat.GetSpan(_sizeHint);
        var answer = RequestTranslator.Translate(_request, _services.TargetOf(_target, _sessionKey), _chat);
        _telemetry.Dropped = answer.Dropped;
        _sample = _services.Counter.TrySample(_services.EstimatorOf(_target), _chat.Memory.Span, answer.PromptSize);
        // An estimate is an estimate: only what no tokenizer could bring below the window is refused before the backend has seen it.
        // (failures.md F8)
        const double clearly = 1.3;
        if (answer.ContextWindow is { } window && answer.EstimatedInputTokens > window * clearly)
            throw GatewayException.InvalidRequest($"prompt is too long: {answer.EstimatedInputTokens} tokens > {window} maximum");
        return answer;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(CancellationToken cancellation)
    {
        for (var retry = true; ; retry = false)
        {
            try
            {
                var content = new ReadOnlyMemoryContent(_chat!.Memory);
                content.Headers.ContentType = Json;
                return await Backend.SendAsync(HttpMethod.Post, "chat/completions", content, cancellation);
            }
            catch (HttpRequestException e) when (retry && DroppedBeforeAnyAnswer(e))
            {
                // Once more, on a new connection if need be: no byte of an answer was seen, so nothing can be told twice.
            }
            catch (HttpRequestException e)
            {
                throw new UpstreamException(Backend.Name, UpstreamFailures.NotReached(Backend.Name, e), e);
            }
        }
    }

    private static bool DroppedBeforeAnyAnswer(HttpRequestException e) =>
        e.HttpRequestError == HttpRequestError.ResponseEnded || (e.HttpRequestError == HttpRequestError.Unknown && e.InnerException is IOException);

    private async Task<TranslatedError> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var body = new PooledBuffer();
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
            int read;
            while (body.Length < LargestErrorBody && (read = await stream.ReadAsync(body.GetMemory(4096), cancellation)) > 0) body.Advance(read);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The status alone says enough.
        }

        return ErrorTranslator.Translate((int)response.StatusCode, body.Memory.Span, UpstreamFailures.ContextOf(Answer));
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private void Release()
    {
        _chat?.Dispose();
        _chat = null;
        if (_bodyReleased) return;
        _bodyReleased = true;
        _body.Dispose();
    }
}
