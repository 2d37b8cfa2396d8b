using Dragoman.RateLimiting;

namespace Dragoman.Routing;

/// <summary>Where a request may go.</summary>
/// <param name="Route">The route's name, for logs, metrics, limits and accounts: its pattern and its conditions.</param>
/// <param name="Targets">At least one; in the order in which they are to be tried.</param>
/// <param name="Limits">How much may go this way, all callers together.</param>
internal sealed record RoutePlan(string Route, IReadOnlyList<ModelTarget> Targets, LimitPolicy Limits);
