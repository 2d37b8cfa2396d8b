using static Dragoman.Configuration.Tables.ValueKinds;

namespace Dragoman.Configuration.Tables;

/// <summary>What can be said of those who call, and of what they may use.</summary>
internal static class CallerTables
{
    private static readonly ValueKind<long?> Count = Long(1, long.MaxValue).OrNull();

    /// <summary>For a key, for the holders of tokens, for a route.</summary>
    public static Table<UsageLimitOptions> UsageLimits { get; } = new("usage limits", "How much may be used. Tokens count cached ones, too; days and months are UTC's. Unset: no bound.")
    {
        { "requests_per_minute", Count, "", (o, v) => o with { RequestsPerMinute = v }, "Requests that may begin in a minute." },
        { "concurrent_requests", Count, "", (o, v) => o with { ConcurrentRequests = v }, "Requests that may be open at once." },
        { "tokens_per_minute", Count, "", (o, v) => o with { TokensPerMinute = v }, "Tokens a minute, prompt and answer." },
        { "input_tokens_per_minute", Count, "", (o, v) => o with { InputTokensPerMinute = v }, "Prompt tokens a minute." },
        { "output_tokens_per_minute", Count, "", (o, v) => o with { OutputTokensPerMinute = v }, "Answer tokens a minute." },
        { "tokens_per_day", Count, "", (o, v) => o with { TokensPerDay = v }, "Tokens a day, prompt and answer." },
        { "input_tokens_per_day", Count, "", (o, v) => o with { InputTokensPerDay = v }, "Prompt tokens a day." },
        { "output_tokens_per_day", Count, "", (o, v) => o with { OutputTokensPerDay = v }, "Answer tokens a day." },
        { "tokens_per_month", Count, "", (o, v) => o with { TokensPerMonth = v }, "Tokens a calendar month, prompt and answer." },
        { "input_tokens_per_month", Count, "", (o, v) => o with { InputTokensPerMonth = v }, "Prompt tokens a calendar month." },
        { "output_tokens_per_month", Count, "", (o, v) => o with { OutputTokensPerMonth = v }, "Answer tokens a calendar month." },
        { "money_per_day", Money.OrNull(), "", (o, v) => o with { MoneyPerDay = v }, "Money a day, in the currency of the prices." },
        { "money_per_month", Money.OrNull(), "", (o, v) => o with { MoneyPerMonth = v }, "Money a calendar month, in the currency of the prices." },
    };

    public static Table<CallerKeyOptions> Key { get; } = new("key", "Who may call. None, and no `jwt`: everyone who can reach the gateway.")
    {
        { "key", "The key itself does not belong into the file. Write its SHA-256 as `sha256`; `dragoman key new NAME` makes a key and the line for it." },
        { "name", Text, null, (o, v) => o with { Name = v }, "How logs, limits and accounts call them." },
        { "sha256", Sha256, null, (o, v) => o with { Sha256 = v }, "SHA-256 of the key, as 64 hexadecimal digits; `dragoman key new NAME` makes one." },
        { "models", List, "", (o, v) => o with { Models = v }, "Model names they may ask for, with `*` for any characters. Unset: all." },
        { "expires", OptionalMoment, "", (o, v) => o with { Expires = v }, "From then on the key is refused: `2027-01-31` or `2027-01-31T18:00:00Z`." },
        new TextsMember<CallerKeyOptions>("labels", OptionalText, (o, v) => o with { Labels = v }, "What the accounting record shall say of them, such as a team, by name."),
        new ObjectMember<CallerKeyOptions, UsageLimitOptions>("limits", UsageLimits, new(), (o, v) => o with { Limits = v }),
    };

    public static Table<JwtOptions> Jwt { get; } = new("jwt", "Callers with a token of an identity provider.")
    {
        { "issuer", Text, null, (o, v) => o with { Issuer = v }, "Who must have issued it; its keys are found by its discovery page, unless `jwks` is set." },
        { "audience", Text, null, (o, v) => o with { Audience = v }, "For whom it must have been issued." },
        { "jwks", OptionalUrl, "", (o, v) => o with { Jwks = v }, "Address of the issuer's keys, for issuers without discovery." },
        { "name_claim", Text, "sub", (o, v) => o with { NameClaim = v }, "The claim that names the caller." },
        { "models_claim", OptionalText, "", (o, v) => o with { ModelsClaim = v }, "The claim that lists the models they may ask for. Unset: all." },
        new ObjectMember<JwtOptions, UsageLimitOptions>("limits", UsageLimits, new(), (o, v) => o with { Limits = v }),
    };

    public static Table<PriceOptions> Price { get; } = new("price", "What a million tokens cost, in any one currency; the first match counts.")
    {
        { "model", Text, null, (o, v) => o with { Model = v }, "The model as the backend knows it; `*` stands for any characters." },
        { "backend", OptionalText, "", (o, v) => o with { Backend = v }, "Only for this backend. Unset: for all." },
        { "input", Money, null, (o, v) => o with { Input = v }, "Prompt tokens that no cache held." },
        { "cached_read", Money.OrNull(), "", (o, v) => o with { CachedRead = v }, "Prompt tokens read from a cache. Unset: as `input`." },
        { "cached_write", Money.OrNull(), "", (o, v) => o with { CachedWrite = v }, "Prompt tokens written to a cache. Unset: as `input`." },
        { "output", Money, null, (o, v) => o with { Output = v }, "Answer tokens." },
    };
}
