using System.IO.Hashing;
using System.Text;
using Dragoman.Configuration;
using Dragoman.RateLimiting;

namespace Dragoman.Routing;

/// <summary>One row of the route table, ready to be asked: which requests it is for, and where they go.</summary>
internal sealed class ModelRoute
{
    /// <param name="options">As an operator wrote it.</param>
    /// <param name="twin">How many rows before it have the same <see cref="NameOf"/>: they differ in the values of headers.</param>
    /// <exception cref="ConfigurationException">Its pattern, or the model of a target, cannot be read.</exception>
    public ModelRoute(ModelRouteOptions options, int twin = 0)
    {
        if (!ModelPattern.TryParse(options.Model, out var pattern, out var fault))
            throw new ConfigurationException($"Route '{options.Model}': the pattern {fault}.");
        Pattern = pattern;
        Conditions = RouteConditions.Of(options.When);
        Name = twin == 0 ? NameOf(options) : $"{NameOf(options)} #{twin + 1}";
        Targets = [.. options.To.Select(target => new RouteTarget(target, pattern))];
        UsesCaptures = Targets.Any(target => target.Model?.HasCaptures == true);
        Limits = LimitPolicy.Of("route:" + Name, $"the route '{Name}'", options.Limits);
    }

    /// <summary>The row of a gateway without routes: every backend serves what it lists, the first one everything else.</summary>
    public static ModelRoute Open(IEnumerable<string> backends) =>
        new(new ModelRouteOptions { Model = "*", To = [.. backends.Select((backend, i) => new ModelTargetOptions(backend) { Priority = i })] }) { IsOpen = true };

    /// <summary>For logs, metrics, limits and accounts: the pattern and the conditions. Another one for each row.</summary>
    public string Name { get; }

    /// <summary>The model names it is for.</summary>
    public ModelPattern Pattern { get; }

    /// <summary>What a request must be like; null takes any.</summary>
    public RouteConditions? Conditions { get; }

    /// <summary>As an operator wrote them.</summary>
    public IReadOnlyList<RouteTarget> Targets { get; }

    /// <summary>Some target's model depends on the name asked for.</summary>
    public bool UsesCaptures { get; }

    /// <summary>How much may go this way, all callers together.</summary>
    public LimitPolicy Limits { get; }

    /// <summary>Nobody wrote it. What no backend lists goes to the first alone: that another would answer with a model of its own choice was
    /// not asked for.</summary>
    public bool IsOpen { get; private init; }

    /// <summary>A row's pattern and conditions, without the values of headers, which may be secrets.</summary>
    public static string NameOf(ModelRouteOptions route) => RouteConditions.Of(route.When) is { } conditions ? $"{route.Model} when {conditions}" : route.Model;

    /// <summary>What is wrong with a row, beside the names of its backends: the key within the row, and a sentence.</summary>
    public static IEnumerable<(string Key, string Fault)> Faults(ModelRouteOptions route)
    {
        if (!ModelPattern.TryParse(route.Model, out var pattern, out var fault)) yield return ("model", $"The pattern '{route.Model}' {fault}.");
        for (var i = 0; i < route.To.Count; i++)
        {
            if (pattern is not null && route.To[i].Model is { } model && !ModelTemplate.TryParse(model, pattern.Captures, out _, out fault))
                yield return ($"to[{i}].model", $"The model '{model}' {fault}.");
        }
    }
}

/// <summary>One target of a row.</summary>
internal sealed class RouteTarget
{
    /// <param name="options">As an operator wrote it.</param>
    /// <param name="pattern">The row's.</param>
    /// <exception cref="ConfigurationException">Its model cannot be read.</exception>
    public RouteTarget(ModelTargetOptions options, ModelPattern pattern)
    {
        Backend = options.Backend;
        ModelTemplate? model = null;
        if (options.Model is not null && !ModelTemplate.TryParse(options.Model, pattern.Captures, out model, out var fault))
            throw new ConfigurationException($"Route '{pattern.Text}': the target's model '{options.Model}' {fault}.");
        Model = model;
        Weight = options.Weight;
        Priority = options.Priority;
        Identity = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{options.Backend}\n{options.Model}"));
    }

    /// <summary>The backend's name.</summary>
    public string Backend { get; }

    /// <summary>The model to ask for; null passes on what the caller asked for.</summary>
    public ModelTemplate? Model { get; }

    /// <summary>Share among the targets of the same priority.</summary>
    public int Weight { get; }

    /// <summary>0 comes first.</summary>
    public int Priority { get; }

    /// <summary>What sessions are spread by: the same on every replica, in whatever order the targets stand.</summary>
    public ulong Identity { get; }
}
