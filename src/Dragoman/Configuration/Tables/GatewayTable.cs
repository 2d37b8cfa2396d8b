using static Dragoman.Configuration.Tables.ValueKinds;

namespace Dragoman.Configuration.Tables;

/// <summary>The whole configuration.</summary>
internal static class GatewayTable
{
    public static Table<GatewayOptions> Root { get; } = new("configuration", "The gateway's configuration.")
    {
        { "urls", Urls, GatewayOptions.DefaultUrls, (o, v) => o with { Urls = v }, "Addresses to listen on, separated by semicolons." },
        { "prefixes", List, "/,/anthropic", (o, v) => o with { Prefixes = v }, "Path prefixes under which the API answers, separated by commas." },
        new MapMember<GatewayOptions, BackendOptions>("backends", BackendTables.Backend, name => new() { Name = name, Url = null! }, (o, v) => o with { Backends = v }),
        new ListMember<GatewayOptions, ModelRouteOptions>("routes", RouteTables.Route, new() { Model = "", To = [] }, (o, v) => o with { Routes = v }),
        new ListMember<GatewayOptions, CallerKeyOptions>("keys", CallerTables.Key, new() { Name = "", Sha256 = "" }, (o, v) => o with { Keys = v }),
        new ObjectMember<GatewayOptions, JwtOptions>("jwt", CallerTables.Jwt, new() { Issuer = "", Audience = "" }, (o, v) => o with { Jwt = v }),
        new ListMember<GatewayOptions, PriceOptions>("prices", CallerTables.Price, new() { Model = "" }, (o, v) => o with { Prices = v }),
        { "limit_store", SettingTables.LimitStore, o => o.LimitStore, (o, v) => o with { LimitStore = v } },
        { "accounting", SettingTables.Accounting, o => o.Accounting, (o, v) => o with { Accounting = v } },
        { "discovery", Bool, "true", (o, v) => o with { Discovery = v }, "If no backend is named, look for some: keys of known vendors in the environment, and model servers on the usual ports of this machine." },
        { "allow_anonymous", Bool, "false", (o, v) => o with { AllowAnonymous = v }, "Listening beyond loopback without client keys is meant." },
        { "allowed_hosts", List, "", (o, v) => o with { AllowedHosts = v }, "Names in the Host header that are ours beside localhost and addresses, separated by commas. Checked if any is set, or if only loopback is listened on." },
        { "allowed_origins", List, "", (o, v) => o with { AllowedOrigins = v }, "Web pages that may call the gateway, as values of the Origin header, separated by commas." },
        { "retry", SettingTables.Retry, o => o.Retry, (o, v) => o with { Retry = v } },
        { "circuit", SettingTables.Circuit, o => o.Circuit, (o, v) => o with { Circuit = v } },
        { "timeouts", SettingTables.Timeouts, o => o.Timeouts, (o, v) => o with { Timeouts = v } },
        { "limits", SettingTables.Limits, o => o.Limits, (o, v) => o with { Limits = v } },
        { "count_tokens", SettingTables.TokenCounting, o => o.TokenCounting, (o, v) => o with { TokenCounting = v } },
        { "pdf", SettingTables.Pdf, o => o.Pdf, (o, v) => o with { Pdf = v } },
        { "web_search", WebTables.WebSearch, o => o.WebSearch, (o, v) => o with { WebSearch = v } },
        { "web_fetch", WebFetchTable.WebFetch, o => o.WebFetch, (o, v) => o with { WebFetch = v } },
        { "dialect", SettingTables.Dialect, o => o.Dialect, (o, v) => o with { Dialect = v } },
        { "log", SettingTables.Log, o => o.Log, (o, v) => o with { Log = v } },
        { "signing_key", Secret, "", (o, v) => o with { SigningKey = v }, "Secret that thinking signatures are sealed with; replicas must share it. Without it the key is derived from the backend's API key, else from its name." },
        { "inline_scheduling", Bool, "true", (o, v) => o with { InlineScheduling = v }, "Network events are served on the thread that sees them. Cheaper per event; read at start, and only from the environment." },
    };
}
