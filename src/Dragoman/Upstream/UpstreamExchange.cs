using Dragoman.Errors;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Routing;
using Dragoman.Telemetry;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>One request's way to a backend that answers it: written in the schema of a target, sent, and, as long as the caller was told
/// nothing of an answer, tried again there or elsewhere.</summary>
/// <remarks>
/// 1. Write it for the target that is chosen. 2. Wait, if this target is tried again. 3. Send; a pooled connection that proves dead before
/// any byte of an answer costs one more try (failures.md G14). 4. A refusal of a parameter that can be left out teaches: written anew and
/// sent again, as long as the lessons do not end. 5. Who reads the answer says that its content has begun, which gives the request's memory
/// back, or that it failed: then <see cref="TryNext"/> leads back to 1, or says that the caller is to be told. An answer in which server tools
/// run takes several such ways, one for each round: <see cref="Continue"/>.
/// </remarks>
internal sealed class UpstreamExchange : IDisposable
{
    private const int LargestErrorBody = 64 * 1024;

    private readonly UpstreamServices _services;
    private readonly RoutePlan _plan;
    private readonly IDisposable _body;
    private CallerRequest _caller;
    private TargetChoice _choice;
    private bool _keepsBody;
    private bool _bodyReleased;
    private bool _succeeded;

    /// <param name="services">What all exchanges share.</param>
    /// <param name="plan">Whom it may go to.</param>
    /// <param name="caller">What the caller wants.</param>
    /// <param name="body">Holds the request's memory; disposed when it is needed no more.</param>
    /// <exception cref="TranslationException">The request cannot be said to any target.</exception>
    /// <exception cref="GatewayException">The prompt clearly fits none.</exception>
    public UpstreamExchange(UpstreamServices services, RoutePlan plan, CallerRequest caller, IDisposable body)
    {
        _services = services;
        _plan = plan;
        _caller = caller;
        _body = body;
        _choice = new(plan.Targets, services.Retry, services.Time);
        Request = WriteForAnyTarget();
    }

    /// <summary>The request as it was last written; who reads the answer asks it how.</summary>
    public UpstreamRequest Request { get; private set; }

    /// <summary>The model the caller asked for; answers carry it. (failures.md D20)</summary>
    public string Model => _caller.Telemetry.Model ?? "";

    /// <summary>The backend of the present attempt.</summary>
    public Backend Backend => Request.Target.Backend;

    /// <summary>How long to wait before <see cref="SendAsync"/>.</summary>
    public TimeSpan Wait => _choice.Wait;

    /// <summary>Makes the present attempt; returns when a good answer's headers are there.</summary>
    /// <param name="cancellation">Ends the call at once.</param>
    /// <exception cref="UpstreamException">The backend could not be reached or refused.</exception>
    public async Task<HttpResponseMessage> SendAsync(CancellationToken cancellation)
    {
        _caller.Telemetry.Begin(Request.Target);
        for (var lessons = 0; ; lessons++)
        {
            var response = await SendOnceAsync(cancellation);
            _caller.Telemetry.UpstreamStatus = (int)response.StatusCode;
            if (response.IsSuccessStatusCode)
            {
                _caller.Telemetry.Note(AttemptOutcomes.Of((int)response.StatusCode));
                Request.Dispose();
                if (_choice.IsLast) ReleaseBody();
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
                        Outcome = AttemptOutcomes.Of((int)response.StatusCode),
                        RetryAfter = Header(response, "retry-after"),
                        RetryAfterMs = Header(response, "retry-after-ms"),
                    };
                }
            }

            Request.Dispose();
            Request = Write();
        }
    }

    /// <summary>The caller's request is needed until the exchange is disposed.</summary>
    public void KeepBody() => _keepsBody = true;

    /// <summary>Goes on with the message that the last answer has left unfinished: another way to a backend, the same if possible, as it has most of the
    /// prompt in its cache.</summary>
    /// <param name="request">The request with what the caller was told since. Its memory must stay until the next round, or the end.</param>
    /// <exception cref="TranslationException">It cannot be said to any target.</exception>
    /// <exception cref="GatewayException">The prompt clearly fits none any more.</exception>
    public void Continue(MessagesRequest request)
    {
        var last = Request.Target;
        Request.Dispose();
        _succeeded = false;
        _caller = _caller with { Message = request };
        // A backend that runs server tools of its own could make nothing of what we have sealed.
        _choice = new([last, .. _plan.Targets.Where(target => target != last && target.Backend.Schema.NeedsServerTools)], _services.Retry, _services.Time);
        Request = WriteForAnyTarget();
    }

    /// <summary>An upstream answer is over, and another goes on with its message.</summary>
    public void RoundEnded(UpstreamAnswer answer)
    {
        _caller.Telemetry.Usage = answer.Usage;
        Request.Counted(answer.OwnUsage);
        Succeeded();
        AttemptOutcomes.Count(_caller.Telemetry.Attempts[^1]);
    }

    /// <summary>The present attempt's answer is about to reach the caller: no other can follow.</summary>
    public void Succeeded()
    {
        if (_succeeded) return;
        _succeeded = true;
        Request.Target.Circuit.Succeeded();
        ReleaseBody();
    }

    /// <summary>The present attempt has failed.</summary>
    /// <param name="failure">How.</param>
    /// <param name="longestWait">What a target that was tried already is waited for at most; null if no other attempt can follow, as the
    /// caller was told something of this one's answer.</param>
    /// <returns>True if another is to be made: the request is written for it already.</returns>
    public bool TryNext(UpstreamException failure, TimeSpan? longestWait)
    {
        AttemptOutcomes.Count(_caller.Telemetry.Note(failure.Outcome));
        if (failure.Outcome == AttemptOutcomes.Stopped) return false;
        if (FailureRules.Of(failure).IsFault) Request.Target.Circuit.Failed();
        if (longestWait is not { } wait || _bodyReleased || !_choice.TryNext(failure, wait)) return false;
        Request.Dispose();
        try
        {
            Request = WriteForAnyTarget();
            _caller.Telemetry.FirstEventAt = null;
            return true;
        }
        catch (Exception e) when (e is TranslationException or GatewayException)
        {
            // Those that could have served it have failed; that is what the caller is told.
            return false;
        }
    }

    /// <summary>What the caller is told when nothing is left to try: the last failure, or an earlier one that helps more.</summary>
    public GatewayException ToTell(UpstreamException last)
    {
        var told = last.Outcome == AttemptOutcomes.Stopped ? last : _choice.MostUseful(last);
        _caller.Telemetry.Failed(told.Error);
        return told;
    }

    /// <summary>There is no more to come of this answer: estimates learn from it, the log hears of it.</summary>
    public void Ended(UpstreamAnswer answer)
    {
        _caller.Telemetry.Usage = answer.Usage;
        Request.Counted(answer.OwnUsage);
        _caller.Telemetry.Ended(answer);
        if (answer.Failure is not null) return;
        Succeeded();
        AttemptOutcomes.Count(_caller.Telemetry.Attempts[^1]);
    }

    /// <summary>Gives the memory of the request back, the caller's and the upstream one's.</summary>
    public void Dispose()
    {
        Request.Dispose();
        _keepsBody = false;
        ReleaseBody();
    }

    private UpstreamRequest WriteForAnyTarget()
    {
        while (true)
        {
            try
            {
                return Write();
            }
            catch (Exception e) when (e is TranslationException or GatewayException)
            {
                // Another target may have a word for it, or a larger window; if none has, this is the caller's to mend.
                if (!_choice.PassOver()) throw;
            }
        }
    }

    private UpstreamRequest Write()
    {
        var target = _choice.Current;
        var request = target.Backend.Schema.Write(_caller, target, _services);
        _caller.Telemetry.Dropped = request.Dropped;
        return request;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(CancellationToken cancellation)
    {
        for (var retry = true; ; retry = false)
        {
            try
            {
                return await Backend.SendAsync(Request.ToMessage(), Request.Body, cancellation);
            }
            catch (HttpRequestException e) when (retry && DroppedBeforeAnyAnswer(e))
            {
                // Once more, on a new connection if need be: no byte of an answer was seen, so nothing can be told twice.
            }
            catch (HttpRequestException e)
            {
                throw new UpstreamException(Backend.Name, UpstreamFailures.NotReached(Backend.Name, e), e) { Outcome = AttemptOutcomes.Unreachable };
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

    private void ReleaseBody()
    {
        if (_bodyReleased || _keepsBody) return;
        _bodyReleased = true;
        _body.Dispose();
    }
}
