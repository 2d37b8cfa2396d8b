using static Dragoman.Configuration.Tables.ValueKinds;

namespace Dragoman.Configuration.Tables;

/// <summary>What can be said of a route.</summary>
internal static class RouteTables
{
    public static Table<ModelTargetOptions> Target { get; } = new("target", "Where requests of this route go.")
    {
        { "backend", Text, null, (o, v) => o with { Backend = v }, "A backend's name." },
        { "model", OptionalText, "", (o, v) => o with { Model = v }, "The model to ask for; `$1` stands for what the route's first `*` or `(a|b)` took. Unset: the name the caller used." },
        { "weight", Number(0, 1_000_000), "1", (o, v) => o with { Weight = v }, "Share of the requests among targets of the same priority. 0: none as long as another can serve." },
        { "priority", Number(0, 1000), "0", (o, v) => o with { Priority = v }, "0 comes first; the next is for when all of the one before have failed." },
    };

    public static Table<RouteConditionOptions> Condition { get; } = new("condition", "What a request must be like beside its model's name; every condition that is set must hold.")
    {
        { "background", Bool.OrNull(), "", (o, v) => o with { Background = v }, "Claude Code's small-model side work: titles, summaries, checks." },
        { "thinking", Bool.OrNull(), "", (o, v) => o with { Thinking = v }, "Thinking is asked for." },
        { "tokens_above", Number(0, int.MaxValue).OrNull(), "", (o, v) => o with { TokensAbove = v }, "The prompt has more than so many tokens, by estimate." },
        { "images", Bool.OrNull(), "", (o, v) => o with { Images = v }, "Some message holds an image." },
        { "web_search", Bool.OrNull(), "", (o, v) => o with { WebSearch = v }, "A server-side web search is among the tools." },
        { "subagent", Bool.OrNull(), "", (o, v) => o with { Subagent = v }, "It comes from an agent that Claude Code started beside the main conversation." },
        new TextsMember<RouteConditionOptions>("headers", OptionalText, (o, v) => o with { Headers = v }, "Headers that must have a value; `*` stands for any characters."),
    };

    public static Table<ModelRouteOptions> Route { get; } = new("route", "Which model goes where; the first match wins. Unset: every backend serves what it lists, the first one everything else.")
    {
        { "model", Text, null, (o, v) => o with { Model = v }, "The model names it is for; `*` stands for any characters, `(a|b)` for one of several." },
        new ObjectMember<ModelRouteOptions, RouteConditionOptions>("when", Condition, new(), (o, v) => o with { When = v }),
        new ListMember<ModelRouteOptions, ModelTargetOptions>("to", Target, new(""), (o, v) => o with { To = v }, isRequired: true),
        new ObjectMember<ModelRouteOptions, UsageLimitOptions>("limits", CallerTables.UsageLimits, new(), (o, v) => o with { Limits = v }),
    };
}
