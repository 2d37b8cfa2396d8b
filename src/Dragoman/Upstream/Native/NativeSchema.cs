using System.Collections.Concurrent;
using System.Text.Json;
using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Routing;
using Dragoman.TokenCounting;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Translation.Messages;

namespace Dragoman.Upstream.Native;

/// <summary>The Messages API itself: requests and answers pass through. What the services differ in is where they are called and how they
/// are told who we are.</summary>
internal abstract class NativeSchema(BackendOptions options, MessagesService service, BackendCredential credential) : UpstreamSchema
{
    private const int LargestCount = 64 * 1024;

    // A caller chooses the model's name; without a bound an odd one could fill the memory.
    private const int MostModels = 1000;

    // A server of one's own that does not count is not asked before each of the many counts of a session.
    private static readonly TimeSpan CountingRest = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, MessagesLessons> _lessons = new(StringComparer.Ordinal);
    private long _restsSince;

    /// <summary>How a request is wrapped.</summary>
    public MessagesService Service => service;

    /// <summary>What the paths are appended to. Ends in a slash.</summary>
    protected Uri Address { get; } = options.Url;

    /// <summary>Where a model's messages are asked for.</summary>
    public abstract Uri MessagesOf(string model, bool stream);

    /// <summary>Adds the headers that the service reads; of the caller's, no others go along. (failures.md D19)</summary>
    /// <param name="message">The request.</param>
    /// <param name="caller">What the caller sent.</param>
    /// <param name="betas">The betas to name.</param>
    /// <param name="stream">A stream is asked for.</param>
    public virtual void AddHeaders(HttpRequestMessage message, CallerRequest caller, IReadOnlyList<string> betas, bool stream)
    {
    }

    /// <summary>What is known of a model.</summary>
    public MessagesLessons LessonsOf(string model) => _lessons.GetValueOrDefault(model, MessagesLessons.None);

    /// <summary>Remembers what is known of a model.</summary>
    public void Learn(string model, MessagesLessons lessons)
    {
        if (_lessons.Count < MostModels || _lessons.ContainsKey(model)) _lessons[model] = lessons;
    }

    public override bool CredentialRefused() => credential.Refused();

    public override UpstreamRequest Write(CallerRequest caller, ModelTarget target, UpstreamServices services) => new NativeRequest(this, caller, target, services);

    public override ValueTask AuthorizeAsync(HttpRequestMessage message, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        credential.ApplyAsync(message, body, cancellation);

    public override HttpRequestMessage? ListModels() => null;

    /// <summary>Asks the service itself; what it does not count is estimated. (failures.md F1, F5)</summary>
    public override async Task<TokenCount> CountTokensAsync(CallerRequest caller, ModelTarget target, UpstreamServices services, CancellationToken cancellation)
    {
        if (!IsResting(services.Time))
        {
            using var body = new PooledBuffer();
            using var message = CountTokens(caller, target.Model, body);
            if (await AskAsync(message, body.Memory, caller, target, services, cancellation) is { } counted) return new(counted, Estimated: false);
        }

        return new(Math.Max(1, services.EstimatorOf(target).Estimate(PromptSizes.Of(caller.Message))), Estimated: true);
    }

    /// <summary>The question for a count.</summary>
    /// <param name="caller">What the caller sent.</param>
    /// <param name="model">The model's name as the service knows it.</param>
    /// <param name="body">Takes the body; the content of the message reads from it.</param>
    protected abstract HttpRequestMessage CountTokens(CallerRequest caller, string model, PooledBuffer body);

    /// <summary>The member of the answer that holds the count.</summary>
    protected virtual string CountMember => "input_tokens";

    private async Task<long?> AskAsync(
        HttpRequestMessage message, ReadOnlyMemory<byte> body, CallerRequest caller, ModelTarget target, UpstreamServices services, CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(services.CountTimeout);
        try
        {
            using var answer = await target.Backend.SendAsync(message, body, limited.Token);
            await answer.Content.LoadIntoBufferAsync(LargestCount, limited.Token);
            var json = await answer.Content.ReadAsByteArrayAsync(limited.Token);
            if (answer.IsSuccessStatusCode) return Read(json);
            var status = (int)answer.StatusCode;
            var context = new ErrorContext(caller.Telemetry.Model ?? target.Model, target.Backend.Name, 0, null, 0);
            var error = MessagesErrors.OfAnswer(status, json, context);
            var isUnknownModel = error.Kind == UpstreamErrorKind.UnknownModel;
            if (status is 404 or 405 or 501 && !isUnknownModel) Rest(services.Time);
            // What would meet the real request, too, is told; a service that does not count, or not now, is not. Bedrock and Vertex say in
            // these words, too, that they do not count for this model.
            if (status is not (402 or 429) && (service != MessagesService.Anthropic || !(isUnknownModel || status is 400 or 413))) return null;
            throw new UpstreamException(target.Backend.Name, error);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    private bool IsResting(TimeProvider time) => Volatile.Read(ref _restsSince) is var since && since != 0 && time.GetElapsedTime(since) < CountingRest;

    private void Rest(TimeProvider time) => Volatile.Write(ref _restsSince, time.GetTimestamp());

    private long? Read(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(CountMember, out var count)
                && count.ValueKind == JsonValueKind.Number && count.TryGetInt64(out var tokens) && tokens >= 0
                    ? tokens
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
