using Dragoman.RateLimiting;

namespace Dragoman.Routing;

/// <summary>Where a request may go.</summary>
/// <param name="Route">The route's name, for logs, metrics, limits and accounts: its pattern and its conditions.</param>
/// <param name="Name">The name it was found by: what the caller asked for, without the prefix of Claude Code's picker. What a caller may use goes
/// by this one.</param>
/// <param name="Targets">At least one; in the order in which they are to be tried.</param>
/// <param name="Limits">How much may go this way, all callers together.</param>
internal sealed record RoutePlan(string Route, string Name, IReadOnlyList<ModelTarget> Targets, LimitPolicy Limits);
