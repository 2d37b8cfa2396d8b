using System.Globalization;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Configuration;

/// <summary>One setting, as an operator sees it.</summary>
/// <param name="Key">Its name, such as <c>timeouts.ping</c>.</param>
/// <param name="Default">Its value unless set, as one would write it.</param>
/// <param name="Apply">Takes a value; throws <see cref="FormatException"/> with what was expected.</param>
/// <param name="Meaning">What it does: its line in the reference.</param>
internal sealed record Setting(string Key, string Default, Func<GatewayOptions, string, GatewayOptions> Apply, string Meaning)
{
    /// <summary>The environment variable that sets it too: <c>DRAGOMAN_TIMEOUTS_PING</c>.</summary>
    public string Variable { get; } = "DRAGOMAN_" + Key.Replace('.', '_').ToUpperInvariant();
}

/// <summary>Every setting that is no backend and no route, once: what sets it, what it means, what it may be.</summary>
internal static class Settings
{
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static readonly (string Word, ToolLeak Value)[] ToolLeaks =
    [
        ("off", ToolLeak.Off), ("auto", ToolLeak.Auto), ("hermes", ToolLeak.Hermes), ("kimi", ToolLeak.Kimi), ("deepseek", ToolLeak.DeepSeek),
        ("mistral", ToolLeak.Mistral), ("llama_pythonic", ToolLeak.LlamaPythonic), ("qwen_xml", ToolLeak.QwenXml),
    ];

    private static readonly (string Word, ThinkTags Value)[] ThinkTagWords = [("off", ThinkTags.Off), ("auto", ThinkTags.Auto), ("on", ThinkTags.On)];

    private static readonly (string Word, Images Value)[] ImageWords = [("none", Images.None), ("data_url", Images.DataUrl), ("url", Images.Url)];

    private static readonly (string Word, PdfDocuments Value)[] PdfWords =
        [("none", PdfDocuments.None), ("openai_file", PdfDocuments.File), ("document_url", PdfDocuments.DocumentUrl)];

    /// <summary>In the order of the reference.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        new(
            "urls", GatewayOptions.DefaultUrls, (o, v) => o with { Urls = v },
            "Addresses to listen on, separated by semicolons."),
        new(
            "prefixes", "/,/anthropic", (o, v) => o with { Prefixes = List(v) },
            "Path prefixes under which the API answers, separated by commas."),
        new(
            "discovery", "true", (o, v) => o with { Discovery = Bool(v) },
            "If no backend is named, look for some: keys of known vendors in the environment, and model servers on the usual ports of this machine."),
        new(
            "allow_anonymous", "false", (o, v) => o with { AllowAnonymous = Bool(v) },
            "Listening beyond loopback without client keys is meant."),
        new(
            "allowed_hosts", "", (o, v) => o with { AllowedHosts = List(v) },
            "Names in the Host header that are ours beside localhost and addresses, separated by commas. Checked if any is set, or if only loopback is listened on."),
        new(
            "allowed_origins", "", (o, v) => o with { AllowedOrigins = List(v) },
            "Web pages that may call the gateway, as values of the Origin header, separated by commas."),
        new(
            "timeouts.connect", "5s", (o, v) => With(o, o.Timeouts with { Connect = Time(v, Instant) }),
            "Longest wait for a connection to a backend."),
        new(
            "timeouts.first_event", "600s", (o, v) => With(o, o.Timeouts with { FirstEvent = Time(v, Instant) }),
            "Longest silence from the request to the first event of an answer, or to a whole answer. A comment of the backend is a sign of life."),
        new(
            "timeouts.idle", "300s", (o, v) => With(o, o.Timeouts with { Idle = Time(v, Instant) }),
            "Longest silence of a backend inside an answer, and of a caller that does not read it."),
        new(
            "timeouts.usage", "5s", (o, v) => With(o, o.Timeouts with { Usage = Time(v, Instant) }),
            "Longest wait for the token counts after the end of an answer; without them the counts are estimates."),
        new(
            "timeouts.ping", "10s", (o, v) => With(o, o.Timeouts with { Ping = Time(v, Instant) }),
            "A stream that sends nothing for so long gets a ping."),
        new(
            "timeouts.commit", "10s", (o, v) => With(o, o.Timeouts with { Commit = Time(v, Instant) }),
            "A streamed answer begins after so long even if the backend is still silent; until then a failure can be an HTTP error. At most half the client's own deadline (x-stainless-timeout)."),
        new(
            "timeouts.shutdown", "20s", (o, v) => With(o, o.Timeouts with { Shutdown = Time(v, TimeSpan.Zero) }),
            "How long open streams may go on after the signal to stop."),
        new(
            "timeouts.models", "5s", (o, v) => With(o, o.Timeouts with { Models = Time(v, Instant) }),
            "Longest wait for a backend's list of models."),
        new(
            "timeouts.models_refresh", "5m", (o, v) => With(o, o.Timeouts with { ModelsRefresh = Time(v, Instant) }),
            "A list of models older than this is asked for again when it is next needed."),
        new(
            "limits.request_body", "64MB", (o, v) => With(o, o.Limits with { RequestBody = Size(v, 1024, 1 << 30) }),
            "Largest request body, before and after decompression."),
        new(
            "limits.json_depth", "256", (o, v) => With(o, o.Limits with { JsonDepth = Number(v, 8, 512) }),
            "Deepest nesting of a request's JSON."),
        new(
            "limits.answer", "64MB", (o, v) => With(o, o.Limits with { Answer = (int)Size(v, 1024, 1 << 30) }),
            "Largest whole answer of a backend, and largest single event of a streamed one."),
        new(
            "limits.concurrent_requests", "10000", (o, v) => With(o, o.Limits with { ConcurrentRequests = Number(v, 1, 10_000_000) }),
            "Messages that are answered at once, all callers together; a further one gets an `overloaded_error`."),
        new(
            "limits.header_bytes", "32KB", (o, v) => With(o, o.Limits with { HeaderBytes = (int)Size(v, 4096, 1 << 20) }),
            "All headers of a request together; a longer one gets a 431. Read at start."),
        new(
            "limits.lessons", "4", (o, v) => With(o, o.Limits with { Lessons = Number(v, 0, 20) }),
            "How often one request is sent again because the backend refused a parameter that can be left out."),
        new(
            "count_tokens.backend_timeout", "10s", (o, v) => o with { TokenCounting = o.TokenCounting with { BackendTimeout = Time(v, Instant) } },
            "Longest wait for a backend's own count of a prompt; after it the gateway estimates."),
        new(
            "count_tokens.concurrent", "0", (o, v) => o with { TokenCounting = o.TokenCounting with { MaxConcurrent = Number(v, 0, 1024) } },
            "Counts by the gateway's own tokenizer that run at once. 0: half the processors."),
        new(
            "count_tokens.waiting", "64", (o, v) => o with { TokenCounting = o.TokenCounting with { MaxWaiting = Number(v, 0, 100_000) } },
            "Counts that may wait for their turn; further ones are estimated by size, at once."),
        new(
            "pdf.pages", "600", (o, v) => o with { Pdf = o.Pdf with { MaxPages = Number(v, 1, 100_000) } },
            "Pages of a PDF document whose text is read for a model that cannot read it."),
        new(
            "pdf.characters", "1000000", (o, v) => o with { Pdf = o.Pdf with { MaxCharacters = Number(v, 1, 100_000_000) } },
            "Characters of text taken from one PDF document."),
        new(
            "pdf.unpacked", "256MB", (o, v) => o with { Pdf = o.Pdf with { MaxUnpackedBytes = Size(v, 1024, 1L << 32) } },
            "What the compressed parts of one PDF document may unpack to."),
        new(
            "pdf.time", "20s", (o, v) => o with { Pdf = o.Pdf with { MaxTime = Time(v, Instant) } },
            "After this no further page of a PDF document is read."),
        new(
            "dialect.tool_leak", "", (o, v) => With(o, o.Dialect with { ToolLeak = OneOf(v, ToolLeaks) }),
            "Tool calls that a model writes into its text are found: `off`, `auto`, `hermes`, `kimi`, `deepseek`, `mistral`, `llama_pythonic`, `qwen_xml`. Unset: as the dialect says."),
        new(
            "dialect.think_tags", "", (o, v) => With(o, o.Dialect with { ThinkTags = OneOf(v, ThinkTagWords) }),
            "Think tags at the start of the text are reasoning: `off`, `auto`, or `on`, if the model's template has opened them already. Unset: as the dialect says."),
        new(
            "dialect.images", "", (o, v) => With(o, o.Dialect with { Images = OneOf(v, ImageWords) }),
            "Images the model takes: `none`, `data_url`, `url`. Unset: as the dialect says."),
        new(
            "dialect.pdf", "", (o, v) => With(o, o.Dialect with { Pdf = OneOf(v, PdfWords) }),
            "How PDF documents are handed over: `none` (as their text), `openai_file`, `document_url`. Unset: as the dialect says."),
        new(
            "dialect.exact_stop", "", (o, v) => With(o, o.Dialect with { ExactStop = Optional(v, Bool) }),
            "The gateway matches stop sequences itself, so that an answer says which one ended it. Unset: only where the backend takes none."),
        new(
            "dialect.strict", "", (o, v) => With(o, o.Dialect with { Strict = Optional(v, Bool) }),
            "What a backend cannot be told is refused, also where it would only be left out and named in `x-dragoman-dropped`."),
        new(
            "dialect.context_window", "", (o, v) => With(o, o.Dialect with { ContextWindow = Optional(v, text => Number(text, 256, int.MaxValue)) }),
            "Prompt and answer together, in tokens, for backends whose list of models does not tell."),
        new(
            "dialect.max_output_tokens", "", (o, v) => With(o, o.Dialect with { MaxOutputTokens = Optional(v, text => Number(text, 1, int.MaxValue)) }),
            "Longest answer of a backend, in tokens; a larger `max_tokens` is lowered to it."),
        new(
            "log.requests", "true", (o, v) => o with { Log = o.Log with { Requests = Bool(v) } },
            "A line for each request, on standard error."),
        new(
            "log.json", "false", (o, v) => o with { Log = o.Log with { Json = Bool(v) } },
            "One JSON object a line instead of text."),
        new(
            "signing_key", "", (o, v) => o with { SigningKey = v.Length == 0 ? null : v },
            "Secret that thinking signatures are sealed with; replicas must share it. Without it the key is derived from the backend's API key, else from its name."),
        new(
            "inline_scheduling", "true", (o, v) => o with { InlineScheduling = Bool(v) },
            "Network events are served on the thread that sees them. Cheaper per event; read at start, and only from the environment."),
    ];

    /// <summary>Takes <c>KEY=VALUE</c>.</summary>
    /// <exception cref="ConfigurationException">An unknown key, or a value it cannot have.</exception>
    public static GatewayOptions Apply(GatewayOptions options, string pair)
    {
        var equals = pair.IndexOf('=');
        if (equals < 0) throw new ConfigurationException($"'--set {pair}' is not KEY=VALUE.");
        var key = pair[..equals].Trim();
        var setting = All.FirstOrDefault(setting => setting.Key == key)
            ?? throw new ConfigurationException($"There is no setting '{key}'. Did you mean '{NearestName.Of(key, All.Select(setting => setting.Key))}'?");
        return Apply(options, setting, key, pair[(equals + 1)..].Trim());
    }

    /// <summary>Takes the settings that environment variables give.</summary>
    /// <exception cref="ConfigurationException">A value that a setting cannot have.</exception>
    public static GatewayOptions FromEnvironment(GatewayOptions options, Func<string, string?> variable)
    {
        foreach (var setting in All)
        {
            if (variable(setting.Variable) is { } value) options = Apply(options, setting, setting.Variable, value.Trim());
        }

        return options;
    }

    private static GatewayOptions Apply(GatewayOptions options, Setting setting, string name, string value)
    {
        try
        {
            return setting.Apply(options, value);
        }
        catch (FormatException e)
        {
            // No secret is repeated here: signing_key takes any value.
            throw new ConfigurationException($"{name}: '{value}' is {e.Message}.");
        }
    }

    private static GatewayOptions With(GatewayOptions options, TimeoutOptions timeouts) => options with { Timeouts = timeouts };

    private static GatewayOptions With(GatewayOptions options, LimitOptions limits) => options with { Limits = limits };

    private static GatewayOptions With(GatewayOptions options, DialectOptions dialect) => options with { Dialect = dialect };

    private static T? Optional<T>(string text, Func<string, T> read) where T : struct => text.Length == 0 ? null : read(text);

    private static T? OneOf<T>(string text, (string Word, T Value)[] words) where T : struct
    {
        if (text.Length == 0) return null;
        foreach (var (word, value) in words)
        {
            if (text.Equals(word, StringComparison.OrdinalIgnoreCase)) return value;
        }

        throw new FormatException($"none of {string.Join(", ", words.Select(entry => entry.Word))}");
    }

    private static string[] List(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool Bool(string text) => text.ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" => true,
        "false" or "0" or "no" or "off" => false,
        _ => throw new FormatException("neither true nor false"),
    };

    private static int Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"not a whole number from {least} to {most}");

    private static TimeSpan Time(string text, TimeSpan least)
    {
        (string Unit, double Seconds)[] units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];
        foreach (var (unit, seconds) in units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal) || !double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)) continue;
            var total = count * seconds;
            if (total >= least.TotalSeconds && total <= Day.TotalSeconds) return TimeSpan.FromSeconds(total);
        }

        throw new FormatException("no time like 500ms, 10s, 5m or 1h, of at most a day");
    }

    private static long Size(string text, long least, long most)
    {
        (string Unit, long Bytes)[] units = [("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("", 1)];
        foreach (var (unit, bytes) in units)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase) || !long.TryParse(text[..^unit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var count)) continue;
            if (count <= most / bytes && count * bytes >= least) return count * bytes;
        }

        throw new FormatException($"no size like 512KB or 64MB, of at least {least} and at most {most} bytes");
    }
}
