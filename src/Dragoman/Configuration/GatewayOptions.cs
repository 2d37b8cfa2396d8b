using Dragoman.Documents;
using Dragoman.TokenCounting;

namespace Dragoman.Configuration;

/// <summary>The gateway as an operator describes it. What the program works with is built from it once, at start.</summary>
internal sealed record GatewayOptions
{
    /// <summary>Addresses to listen on, separated by semicolons. Port 0 takes a free one.</summary>
    public string Urls { get; init; } = DefaultUrls;

    /// <summary>Where it listens unless told: this machine only. (failures.md J9)</summary>
    public const string DefaultUrls = "http://127.0.0.1:4000";

    /// <summary>Path prefixes under which the API answers. (failures.md O7)</summary>
    public IReadOnlyList<string> Prefixes { get; init; } = ["/", "/anthropic"];

    /// <summary>At least one.</summary>
    public IReadOnlyList<BackendOptions> Backends { get; init; } = [];

    /// <summary>Which model goes where; first match wins. Empty: every backend serves what it lists, the first one everything
    /// else.</summary>
    public IReadOnlyList<ModelRouteOptions> Routes { get; init; } = [];

    /// <summary>Who may call. Empty, and no <see cref="Jwt"/>: everyone who can reach us.</summary>
    public IReadOnlyList<CallerKeyOptions> Keys { get; init; } = [];

    /// <summary>Callers with a token of an identity provider; null: none.</summary>
    public JwtOptions? Jwt { get; init; }

    /// <summary>What tokens cost; first match counts.</summary>
    public IReadOnlyList<PriceOptions> Prices { get; init; } = [];

    /// <summary>Where limits are counted.</summary>
    public LimitStoreOptions LimitStore { get; init; } = new();

    /// <summary>Where each request's account goes.</summary>
    public AccountingOptions Accounting { get; init; } = new();

    /// <summary>How often and how long a request is tried.</summary>
    public RetryOptions Retry { get; init; } = new();

    /// <summary>When a failing target is left alone.</summary>
    public CircuitOptions Circuit { get; init; } = new();

    /// <summary>Without a backend, look into the environment and on the usual ports of this machine for some.</summary>
    public bool Discovery { get; init; } = true;

    /// <summary>Listening beyond loopback without client keys is meant.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Names in <c>Host</c> that are ours, beside loopback's.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Web pages that may call the gateway: values of <c>Origin</c>, such as <c>https://app.example.org</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>How long is waited for what.</summary>
    public TimeoutOptions Timeouts { get; init; } = new();

    /// <summary>How much is taken.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>How prompts are counted.</summary>
    public TokenCountingOptions TokenCounting { get; init; } = new();

    /// <summary>How much of PDF documents is read for models that cannot read them.</summary>
    public PdfTextOptions Pdf { get; init; } = new();

    /// <summary>How the web is searched.</summary>
    public WebSearchOptions WebSearch { get; init; } = new();

    /// <summary>How pages are fetched for models that cannot.</summary>
    public WebFetchOptions WebFetch { get; init; } = new();

    /// <summary>What is known better of the backends than their presets say.</summary>
    public DialectOptions Dialect { get; init; } = new();

    /// <summary>What is logged.</summary>
    public LogOptions Log { get; init; } = new();

    /// <summary>Secret that thinking signatures are sealed with, the same on every replica; null derives one for each backend.</summary>
    public string? SigningKey { get; init; }

    /// <summary>Socket completions run on the thread that polls the sockets instead of a pool thread (performance.md).</summary>
    public bool InlineScheduling { get; init; } = true;
}

/// <summary>How long is waited for what.</summary>
internal sealed record TimeoutOptions
{
    /// <summary>For a connection to a backend.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From the request to the first event of an answer, or to a whole one.</summary>
    public TimeSpan FirstEvent { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>Longest silence of a backend inside an answer, and of a caller that does not read it.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>For the token counts after the end of an answer; backends that send them do so at once. (failures.md E7)</summary>
    public TimeSpan Usage { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A stream that sends nothing for so long gets a ping.</summary>
    public TimeSpan Ping { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A streamed answer begins after so long even if the backend is still silent; until then its failure can be an HTTP
    /// error.</summary>
    public TimeSpan Commit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Open streams may go on for so long after the signal to stop.</summary>
    public TimeSpan Shutdown { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>For a backend's list of models.</summary>
    public TimeSpan Models { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A list of models older than this is asked for again when it is next needed.</summary>
    public TimeSpan ModelsRefresh { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>How much is taken. Bytes, if nothing else is said.</summary>
internal sealed record LimitOptions
{
    /// <summary>Largest request body, before and after decompression.</summary>
    public long RequestBody { get; init; } = 64L << 20;

    /// <summary>Deepest nesting of a request's JSON.</summary>
    public int JsonDepth { get; init; } = 256;

    /// <summary>Largest whole answer of a backend, and largest single event of a streamed one.</summary>
    public int Answer { get; init; } = 64 << 20;

    /// <summary>Messages that are answered at once, all callers together.</summary>
    public int ConcurrentRequests { get; init; } = 10_000;

    /// <summary>Largest head of a request: all its headers together.</summary>
    public int HeaderBytes { get; init; } = 32 * 1024;

    /// <summary>How often a request is sent again because the backend refused a parameter that can be left out.</summary>
    public int Lessons { get; init; } = 4;
}

/// <summary>What is logged, on standard error. Never bodies, keys or a backend's address.</summary>
internal sealed record LogOptions
{
    /// <summary>A line for each request.</summary>
    public bool Requests { get; init; } = true;

    /// <summary>One JSON object a line instead of text.</summary>
    public bool Json { get; init; }
}
