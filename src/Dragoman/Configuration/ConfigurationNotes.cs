using Dragoman.Configuration.Tables;
using Dragoman.Routing;

namespace Dragoman.Configuration;

/// <summary>What is no fault, but probably not meant.</summary>
internal static class ConfigurationNotes
{
    /// <summary>Sentences, each about one thing.</summary>
    /// <param name="reading">A configuration without faults.</param>
    /// <param name="now">Keys that expired before then are named.</param>
    public static IEnumerable<string> Of(ConfigurationReading reading, DateTimeOffset now)
    {
        var options = reading.Options;
        foreach (var note in UnreachableRoutes(options.Routes)) yield return note;
        if (options.Routes.Count > 0 && options.Backends.Count == 0) yield return "Routes lead to backends, but none is named: the gateway starts only if it finds backends of these names.";
        if (options.Routes.Count > 0)
        {
            var used = options.Routes.SelectMany(route => route.To).Select(target => target.Backend).ToHashSet(StringComparer.Ordinal);
            foreach (var backend in options.Backends.Where(backend => !used.Contains(backend.Name)))
                yield return $"No route leads to backend '{backend.Name}'.";
        }

        foreach (var note in TargetsWithoutPrice(options)) yield return note;
        foreach (var key in options.Keys.Where(key => key.Expires <= now)) yield return $"The key of {key.Name} expired on {key.Expires:yyyy-MM-dd}.";
        foreach (var (path, _) in reading.Secrets.Where(secret => secret.Value == TableReading.WrittenInTheFile))
            yield return $"{path} is written in the file. Better: ${{NAME}} for an environment variable, or ${{file:/path}} for a file of its own.";
        if (options.AllowAnonymous && options.Keys.Count == 0 && options.Jwt is null && !ListenAddresses.AreLoopback(options.Urls))
            yield return $"Everyone who can reach {options.Urls} may use every backend: allow_anonymous says that it is meant.";
    }

    /// <summary>Models that a limit of money would not see.</summary>
    private static IEnumerable<string> TargetsWithoutPrice(GatewayOptions options)
    {
        IEnumerable<UsageLimitOptions?> limits = [.. options.Keys.Select(key => key.Limits), options.Jwt?.Limits, .. options.Routes.Select(route => route.Limits)];
        if (!limits.Any(limit => limit is { MoneyPerDay: not null } or { MoneyPerMonth: not null })) yield break;
        var targets = options.Routes.SelectMany(route => route.To).Where(target => target.Model is { } model && !model.Contains('$'));
        foreach (var target in targets.DistinctBy(target => (target.Backend, target.Model)))
        {
            if (!options.Prices.Any(price => (price.Backend ?? target.Backend) == target.Backend && Wildcard.IsMatch(price.Model, target.Model)))
                yield return $"{target.Model} at {target.Backend} has no price, so limits of money do not count it.";
        }
    }

    private static IEnumerable<string> UnreachableRoutes(IReadOnlyList<ModelRouteOptions> routes)
    {
        var rows = routes.Select(route => new ModelRoute(route)).ToList();
        for (var i = 0; i < rows.Count; i++)
        {
            var earlier = rows.FindIndex(0, i, row => Covers(row, rows[i]));
            if (earlier >= 0) yield return $"Route {i + 1} ({rows[i].Name}) is never used: route {earlier + 1} ({rows[earlier].Name}) takes everything that it is for.";
        }
    }

    /// <summary>Whether every request that is for <paramref name="row"/> is for <paramref name="first"/>, too.</summary>
    private static bool Covers(ModelRoute first, ModelRoute row)
    {
        if (first.Conditions is not null && first.Conditions.ToString() != row.Conditions?.ToString()) return false;
        // A pattern that takes another one's text, star and all, takes every name that one is for: only a star can take a star.
        return first.Pattern.Text == row.Pattern.Text || first.Pattern.IsMatch(row.Pattern.Text);
    }
}
