using Dragoman.Errors;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Routing;
using Dragoman.Telemetry;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>One request's way to a backend: written in its schema, sent, and sent again without what the backend refuses.</summary>
/// <remarks>
/// 1. Write it for the target. 2. Send; a pooled connection that proves dead before any byte of an answer costs one more try (failures.md
/// G14).
/// 3. An answer that begins well gives the request's memory back. 4. A refusal of a parameter that can be left out teaches: back to 1, as
/// long as the lessons do not end. 5. Any other failure ends the exchange in an <see cref="UpstreamException"/>.
/// </remarks>
internal sealed class UpstreamExchange : IDisposable
{
    private const int LargestErrorBody = 64 * 1024;

    private readonly UpstreamServices _services;
    private readonly ModelTarget _target;
    private readonly CallerRequest _caller;
    private readonly IDisposable _body;
    private bool _bodyReleased;

    /// <param name="services">What all exchanges share.</param>
    /// <param name="target">Whom it is for.</param>
    /// <param name="caller">What the caller wants.</param>
    /// <param name="body">Holds the request's memory; disposed when it is needed no more.</param>
    /// <exception cref="TranslationException">The request cannot be said to this backend.</exception>
    /// <exception cref="GatewayException">The prompt clearly does not fit.</exception>
    public UpstreamExchange(UpstreamServices services, ModelTarget target, CallerRequest caller, IDisposable body)
    {
        _services = services;
        _target = target;
        _caller = caller;
        _body = body;
        Request = Write();
    }

    /// <summary>The request as it was last written; who reads the answer asks it how.</summary>
    public UpstreamRequest Request { get; private set; }

    /// <summary>The model the caller asked for; answers carry it. (failures.md D20)</summary>
    public string Model => _caller.Telemetry.Model ?? "";

    /// <summary>The target's backend.</summary>
    public Backend Backend => _target.Backend;

    /// <summary>Sends the request; returns when a good answer's headers are there.</summary>
    /// <param name="cancellation">Ends the call at once.</param>
    /// <exception cref="UpstreamException">The backend could not be reached or refused.</exception>
    public async Task<HttpResponseMessage> SendAsync(CancellationToken cancellation)
    {
        for (var lessons = 0; ; lessons++)
        {
            var response = await SendOnceAsync(cancellation);
            _caller.Telemetry.UpstreamStatus = (int)response.StatusCode;
            if (response.IsSuccessStatusCode)
            {
                Release();
                return response;
            }

            using (response)
            {
                var error = await ReadErrorAsync(response, cancellation);
                if (!Request.LearnFrom(error) || lessons == _services.Limits.Lessons)
                {
                    if (error.Kind == UpstreamErrorKind.UnknownModel) Backend.Models.LookAgain();
                    throw new UpstreamException(Backend.Name, error)
                    {
                        RetryAfter = Header(response, "retry-after"),
                        RetryAfterMs = Header(response, "retry-after-ms"),
                    };
                }
            }

            Request.Dispose();
            Request = Write();
        }
    }

    /// <summary>Takes in what the backend counted: estimates learn from it, the log shows it.</summary>
    public void Counted(in Usage usage)
    {
        _caller.Telemetry.Usage = usage;
        Request.Counted(usage);
    }

    /// <summary>Gives the memory of the request back, the caller's and the upstream one's.</summary>
    public void Dispose() => Release();

    private UpstreamRequest Write()
    {
        var request = Backend.Schema.Write(_caller, _target, _services);
        _caller.Telemetry.Dropped = request.Dropped;
        return request;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(CancellationToken cancellation)
    {
        for (var retry = true; ; retry = false)
        {
            try
            {
                _caller.Telemetry.Attempts++;
                return await Backend.SendAsync(Request.ToMessage(), Request.Body, cancellation);
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

        return Request.ReadError((int)response.StatusCode, body.Span);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private void Release()
    {
        Request.Dispose();
        if (_bodyReleased) return;
        _bodyReleased = true;
        _body.Dispose();
    }
}
