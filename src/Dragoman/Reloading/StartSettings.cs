using Dragoman.Configuration;

namespace Dragoman.Reloading;

/// <summary>Settings that are read when the process starts: an edit of them waits for the next start.</summary>
internal static class StartSettings
{
    private static readonly (string Key, Func<GatewayOptions, object?> Value)[] All =
    [
        ("urls", options => options.Urls),
        ("prefixes", options => string.Join(',', options.Prefixes)),
        ("allowed_origins", options => string.Join(',', options.AllowedOrigins)),
        ("log", options => options.Log),
        ("limit_store", options => options.LimitStore),
        ("limits.header_bytes", options => options.Limits.HeaderBytes),
        ("timeouts.shutdown", options => options.Timeouts.Shutdown),
        ("count_tokens", options => options.TokenCounting),
        ("pdf", options => options.Pdf),
        ("inline_scheduling", options => options.InlineScheduling),
    ];

    /// <summary>In the order of the reference, for the page that lists them.</summary>
    public static IEnumerable<string> Keys => All.Select(setting => setting.Key);

    /// <summary>Those in which two configurations differ.</summary>
    public static IReadOnlyList<string> Changed(GatewayOptions old, GatewayOptions edited) =>
        [.. All.Where(setting => !Equals(setting.Value(old), setting.Value(edited))).Select(setting => setting.Key)];

    /// <summary>The new configuration, but for where it is listened: a gateway that is reached from everywhere must not believe that it
    /// listens on loopback, and let everyone in.</summary>
    public static GatewayOptions Keep(GatewayOptions old, GatewayOptions edited) => edited with { Urls = old.Urls, Prefixes = old.Prefixes };
}
