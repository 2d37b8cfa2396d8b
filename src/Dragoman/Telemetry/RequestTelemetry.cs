using System.Text;
using Dragoman.Authentication;
using Dragoman.Protocol.Anthropic;
using Dragoman.RateLimiting;
using Dragoman.Routing;
using Dragoman.Upstream;

namespace Dragoman.Telemetry;

/// <summary>What is known of one request and its answer: filled in on the way, read once at the end. Rides in <see
/// cref="HttpContext.Features"/>.</summary>
internal sealed class RequestTelemetry
{
    private readonly List<UpstreamAttempt> _attempts = new(1);

    /// <summary>Also the <c>request-id</c> of the answer.</summary>
    public string Id { get; } = RandomIds.Request();

    /// <summary>Who asks; null as long as it does not matter.</summary>
    public Caller? Caller { get; set; }

    /// <summary>What it takes of its caller's and route's limits; null if there are none.</summary>
    public Admission? Admission { get; set; }

    /// <summary>The model the caller asked for.</summary>
    public string? Model { get; set; }

    /// <summary>Name of the route that the request went.</summary>
    public string? Route { get; set; }

    /// <summary>Name of the backend.</summary>
    public string? Backend { get; set; }

    /// <summary>The model the backend was asked for.</summary>
    public string? UpstreamModel { get; set; }

    /// <summary>When the first event of the answer came from the backend, or the first bytes of a whole one; a time stamp of the clock. Null
    /// if none did.</summary>
    public long? FirstEventAt { get; set; }

    /// <summary>Size of its body, decompressed.</summary>
    public long RequestBytes { get; set; }

    /// <summary>What was sent of a streamed answer.</summary>
    public long StreamedBytes { get; set; }

    /// <summary>The backend's status; null if it never answered.</summary>
    public int? UpstreamStatus { get; set; }

    /// <summary>The caller asked for a stream.</summary>
    public bool Stream { get; set; }

    /// <summary>Token counts of the answer.</summary>
    public Usage Usage { get; set; }

    /// <summary>What is to be paid for: also what was seen of an answer that broke off, but nothing where no backend was asked, or none began
    /// to answer.</summary>
    public Usage Spent =>
        _attempts.Count == 0 || (Error is not null && StopReason is null && Usage is { Estimated: true, OutputTokens: 0 }) ? default : Usage;

    /// <summary>Why the answer ended; null if it did not, or failed.</summary>
    public StopReason? StopReason { get; set; }

    /// <summary>Tool calls whose arguments had to be mended; many of them speak for a wrong tool parser at the backend.</summary>
    public int MendedToolCalls { get; private set; }

    /// <summary>Tool calls that could not be mended and went out raw, or not at all (mapping.md section 9.4).</summary>
    public int UnreadableToolCalls { get; private set; }

    /// <summary>What the caller was told went wrong; null if nothing did.</summary>
    public AnthropicError? Error { get; private set; }

    /// <summary>The caller went away before the end.</summary>
    public bool Aborted { get; private set; }

    /// <summary>Fields that were left out of the upstream request.</summary>
    public IReadOnlyList<string> Dropped { get; set; } = [];

    /// <summary>The calls to backends that were made for it, in order; the last one has answered, or is what the caller was told
    /// of.</summary>
    public IReadOnlyList<UpstreamAttempt> Attempts => _attempts;

    /// <summary>Of the request being served; null outside of one.</summary>
    public static RequestTelemetry? Of(HttpContext http) => http.Features.Get<RequestTelemetry>();

    /// <summary>The request's id.</summary>
    public static string IdOf(HttpContext http) => Of(http)?.Id ?? "";

    /// <summary>A target is called.</summary>
    public void Begin(ModelTarget target)
    {
        Backend = target.Backend.Name;
        UpstreamModel = target.Model;
        UpstreamStatus = null;
        _attempts.Add(new(target.Backend.Name, target.Model, AttemptOutcomes.Pending));
    }

    /// <summary>How the last call went, as far as is known.</summary>
    public UpstreamAttempt Note(string outcome) => _attempts[^1] = _attempts[^1] with { Outcome = outcome };

    /// <summary>The attempts as <c>2; gpu:503, deepseek:200</c>, if more than one was made; else null. Plain ASCII, for a header.
    /// (failures.md D18)</summary>
    public string? AttemptsText
    {
        get
        {
            if (_attempts.Count <= 1) return null;
            var text = $"{_attempts.Count}; {string.Join(", ", _attempts)}";
            return Ascii.IsValid(text) ? text : Encoding.ASCII.GetString(Encoding.ASCII.GetBytes(text));
        }
    }

    /// <summary>Notes how the answer ended.</summary>
    public void Ended(UpstreamAnswer answer)
    {
        StopReason = answer.StopReason;
        MendedToolCalls = answer.MendedToolCalls;
        UnreadableToolCalls = answer.UnreadableToolCalls;
        if (answer.Failure is { } failure) Failed(failure.Error);
        Admission?.Settle();
    }

    /// <summary>Notes what the caller was told.</summary>
    public void Failed(AnthropicError error) => Error ??= error;

    /// <summary>Notes that there is nobody to tell.</summary>
    public void CallerLeft() => Aborted = true;
}
