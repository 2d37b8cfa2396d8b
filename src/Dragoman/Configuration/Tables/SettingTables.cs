using Dragoman.Documents;
using Dragoman.TokenCounting;
using Dragoman.Translation.ChatCompletions;
using static Dragoman.Configuration.Tables.ValueKinds;

namespace Dragoman.Configuration.Tables;

/// <summary>The groups of settings that are always there.</summary>
internal static class SettingTables
{
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    public static Table<TimeoutOptions> Timeouts { get; } = new("timeouts", "How long is waited for what.")
    {
        { "connect", Time(Instant), "5s", (o, v) => o with { Connect = v }, "Longest wait for a connection to a backend." },
        { "first_event", Time(Instant), "600s", (o, v) => o with { FirstEvent = v }, "Longest silence from the request to the first event of an answer, or to a whole answer. A comment of the backend is a sign of life." },
        { "idle", Time(Instant), "300s", (o, v) => o with { Idle = v }, "Longest silence of a backend inside an answer, and of a caller that does not read it." },
        { "usage", Time(Instant), "5s", (o, v) => o with { Usage = v }, "Longest wait for the token counts after the end of an answer; without them the counts are estimates." },
        { "ping", Time(Instant), "10s", (o, v) => o with { Ping = v }, "A stream that sends nothing for so long gets a ping." },
        { "commit", Time(Instant), "10s", (o, v) => o with { Commit = v }, "A streamed answer begins after so long even if the backend is still silent; until then a failure can be an HTTP error. At most half the client's own deadline (x-stainless-timeout)." },
        { "shutdown", Time(TimeSpan.Zero), "20s", (o, v) => o with { Shutdown = v }, "How long open streams may go on after the signal to stop." },
        { "models", Time(Instant), "5s", (o, v) => o with { Models = v }, "Longest wait for a backend's list of models." },
        { "models_refresh", Time(Instant), "5m", (o, v) => o with { ModelsRefresh = v }, "A list of models older than this is asked for again when it is next needed." },
    };

    public static Table<LimitOptions> Limits { get; } = new("limits", "How much is taken of one request and of one answer.")
    {
        { "request_body", Size(1024, 1 << 30), "64MB", (o, v) => o with { RequestBody = v }, "Largest request body, before and after decompression." },
        { "json_depth", Number(8, 512), "256", (o, v) => o with { JsonDepth = v }, "Deepest nesting of a request's JSON." },
        { "answer", Size(1024, 1 << 30).Select(bytes => (int)bytes), "64MB", (o, v) => o with { Answer = v }, "Largest whole answer of a backend, and largest single event of a streamed one." },
        { "concurrent_requests", Number(1, 10_000_000), "10000", (o, v) => o with { ConcurrentRequests = v }, "Messages that are answered at once, all callers together; a further one gets an `overloaded_error`." },
        { "header_bytes", Size(4096, 1 << 20).Select(bytes => (int)bytes), "32KB", (o, v) => o with { HeaderBytes = v }, "All headers of a request together; a longer one gets a 431. Read at start." },
        { "lessons", Number(0, 20), "4", (o, v) => o with { Lessons = v }, "How often one request is sent again because the backend refused a parameter that can be left out." },
    };

    public static Table<RetryOptions> Retry { get; } = new("retry", "How often and how long a request is tried before its caller is told of a failure.")
    {
        { "attempts", Number(1, 20), "3", (o, v) => o with { Attempts = v }, "Calls for one request, on all targets together. 1: no second try." },
        { "deadline", Time(Instant), "2m", (o, v) => o with { Deadline = v }, "After this no further try begins." },
        { "backoff", Time(TimeSpan.Zero), "250ms", (o, v) => o with { Backoff = v }, "First wait before a target is tried again; doubles each time, and is spread by chance." },
        { "max_backoff", Time(TimeSpan.Zero), "5s", (o, v) => o with { MaxBackoff = v }, "Longest such wait." },
        { "max_retry_after", Time(TimeSpan.Zero), "10s", (o, v) => o with { MaxRetryAfter = v }, "A backend's `Retry-After` is waited for up to this; a longer one is handed to the caller." },
    };

    public static Table<CircuitOptions> Circuit { get; } = new("circuit", "When a target that fails is left alone for a while. The last one of a route never is.")
    {
        { "failure_ratio", Fraction(0, 1), "0.5", (o, v) => o with { FailureRatio = v }, "Share of failures at which it is left alone, from 0 to 1." },
        { "minimum_requests", Number(1, 1_000_000), "5", (o, v) => o with { MinimumRequests = v }, "With fewer requests in the window it never is." },
        { "window", Time(TimeSpan.FromSeconds(1)), "30s", (o, v) => o with { Window = v }, "The time over which failures are counted." },
        { "open", Time(Instant), "15s", (o, v) => o with { Open = v }, "It is left alone for so long; then single requests probe." },
        { "slow_start", Time(TimeSpan.Zero), "30s", (o, v) => o with { SlowStart = v }, "After recovery the target's share grows back over this time." },
    };

    public static Table<LimitStoreOptions> LimitStore { get; } = new("limit_store", "Where limits are counted.")
    {
        { "redis", Secret, "", (o, v) => o with { Redis = v }, "Address of a Redis or Valkey server that replicas share, such as `redis:6379`, with further options behind commas. Unset: counted in this process." },
        { "prefix", Text, "dragoman:", (o, v) => o with { Prefix = v }, "Set before every name in it, so that several gateways can share a server." },
        { "timeout", Time(Instant), "500ms", (o, v) => o with { Timeout = v }, "Longest wait for it." },
        { "if_down", OneOf(("allow", StoreDown.Allow), ("refuse", StoreDown.Refuse)), "allow", (o, v) => o with { IfDown = v }, "While it cannot be reached: `allow` (each process counts for itself), or `refuse` requests that have limits." },
    };

    public static Table<AccountingOptions> Accounting { get; } = new("accounting", "Where each request's account goes.")
    {
        { "file", OptionalText, "", (o, v) => o with { File = v }, "A file that one JSON line is added to for each request, or `-` for standard output. Unset: no accounts are kept." },
    };

    public static Table<TokenCountingOptions> TokenCounting { get; } = new("count_tokens", "How prompts are counted.")
    {
        { "backend_timeout", Time(Instant), "10s", (o, v) => o with { BackendTimeout = v }, "Longest wait for a backend's own count of a prompt; after it the gateway estimates." },
        { "concurrent", Number(0, 1024), "0", (o, v) => o with { MaxConcurrent = v }, "Counts by the gateway's own tokenizer that run at once. 0: half the processors." },
        { "waiting", Number(0, 100_000), "64", (o, v) => o with { MaxWaiting = v }, "Counts that may wait for their turn; further ones are estimated by size, at once." },
    };

    public static Table<PdfTextOptions> Pdf { get; } = new("pdf", "How much of PDF documents is read for models that cannot read them.")
    {
        { "pages", Number(1, 100_000), "600", (o, v) => o with { MaxPages = v }, "Pages of a PDF document whose text is read for a model that cannot read it." },
        { "characters", Number(1, 100_000_000), "1000000", (o, v) => o with { MaxCharacters = v }, "Characters of text taken from one PDF document." },
        { "unpacked", Size(1024, 1L << 32), "256MB", (o, v) => o with { MaxUnpackedBytes = v }, "What the compressed parts of one PDF document may unpack to." },
        { "time", Time(Instant), "20s", (o, v) => o with { MaxTime = v }, "After this no further page of a PDF document is read." },
    };

    /// <summary>For all backends, and for one as its <c>overrides</c>.</summary>
    public static Table<DialectOptions> Dialect { get; } = new("dialect", "What you know better of your backends than their dialects' presets say.")
    {
        {
            "tool_leak",
            OneOf(
                ("off", ToolLeak.Off), ("auto", ToolLeak.Auto), ("hermes", ToolLeak.Hermes), ("kimi", ToolLeak.Kimi), ("deepseek", ToolLeak.DeepSeek),
                ("mistral", ToolLeak.Mistral), ("llama_pythonic", ToolLeak.LlamaPythonic), ("qwen_xml", ToolLeak.QwenXml)).OrNull(),
            "", (o, v) => o with { ToolLeak = v },
            "Tool calls that a model writes into its text are found: `off`, `auto`, `hermes`, `kimi`, `deepseek`, `mistral`, `llama_pythonic`, `qwen_xml`. Unset: as the dialect says."
        },
        { "think_tags", OneOf(("off", ThinkTags.Off), ("auto", ThinkTags.Auto), ("on", ThinkTags.On)).OrNull(), "", (o, v) => o with { ThinkTags = v }, "Think tags at the start of the text are reasoning: `off`, `auto`, or `on`, if the model's template has opened them already. Unset: as the dialect says." },
        { "images", OneOf(("none", Images.None), ("data_url", Images.DataUrl), ("url", Images.Url)).OrNull(), "", (o, v) => o with { Images = v }, "Images the model takes: `none`, `data_url`, `url`. Unset: as the dialect says." },
        { "pdf", OneOf(("none", PdfDocuments.None), ("openai_file", PdfDocuments.File), ("document_url", PdfDocuments.DocumentUrl)).OrNull(), "", (o, v) => o with { Pdf = v }, "How PDF documents are handed over: `none` (as their text), `openai_file`, `document_url`. Unset: as the dialect says." },
        { "exact_stop", Bool.OrNull(), "", (o, v) => o with { ExactStop = v }, "The gateway matches stop sequences itself, so that an answer says which one ended it. Unset: only where the backend takes none." },
        { "strict", Bool.OrNull(), "", (o, v) => o with { Strict = v }, "What a backend cannot be told is refused, also where it would only be left out and named in `x-dragoman-dropped`." },
        { "context_window", Number(256, int.MaxValue).OrNull(), "", (o, v) => o with { ContextWindow = v }, "Prompt and answer together, in tokens, for backends whose list of models does not tell." },
        { "max_output_tokens", Number(1, int.MaxValue).OrNull(), "", (o, v) => o with { MaxOutputTokens = v }, "Longest answer of a backend, in tokens; a larger `max_tokens` is lowered to it." },
    };

    public static Table<LogOptions> Log { get; } = new("log", "What is logged, on standard error. Never bodies, keys or a backend's address.")
    {
        { "requests", Bool, "true", (o, v) => o with { Requests = v }, "A line for each request, on standard error." },
        { "json", Bool, "false", (o, v) => o with { Json = v }, "One JSON object a line instead of text." },
    };
}
