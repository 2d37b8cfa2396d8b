using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;
using Dragoman.Upstream;

namespace Dragoman.Routing;

/// <summary>Decides which backends and which of their models can serve a request, and in which order they are tried.</summary>
/// <remarks>
/// 1. The first row of the route table decides whose pattern and conditions fit. A <c>claude-gw-NAME</c>, as Claude Code's picker shows
/// foreign models, is looked up as NAME, unless only the whole name has a row.
/// 2. Within the row, a target that names a model can always serve. Of those that pass on what was asked for, only the best fitting can:
/// whose backend lists that name; else whose backend's name stands before the first slash (<c>deepseek/deepseek-chat</c>,
/// failures.md D20); else all of them, each with its default model. So the names that Claude Code uses in the background find a model
/// without being configured (failures.md F7).
/// 3. <see cref="TargetOrder"/> arranges them.
/// </remarks>
internal sealed class ModelRouter
{
    private readonly ModelRoute[] _routes;
    private readonly Dictionary<string, Backend> _backends;
    private readonly Func<ulong> _random;

    /// <param name="options">The routes.</param>
    /// <param name="backends">The backends they name.</param>
    /// <param name="random">Draws for requests that nothing ties to others; null takes real ones.</param>
    /// <exception cref="ConfigurationException">A pattern cannot be read.</exception>
    public ModelRouter(GatewayOptions options, IReadOnlyList<Backend> backends, Func<ulong>? random = null)
    {
        _backends = backends.ToDictionary(backend => backend.Name, StringComparer.Ordinal);
        Backends = backends;
        _routes = options.Routes.Count > 0
            ? [.. options.Routes.Select(route => new ModelRoute(route))]
            : [ModelRoute.Open(backends.Select(backend => backend.Name))];
        _random = random ?? (() => (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue));
    }

    private enum Fit { Default, Prefix, Listed, Named }

    /// <summary>All backends, in the order of the configuration.</summary>
    public IReadOnlyList<Backend> Backends { get; }

    /// <summary>Finds where a request may go.</summary>
    /// <exception cref="GatewayException">404: no row is for it.</exception>
    public async ValueTask<RoutePlan> PlanAsync(RequestFacts request, CancellationToken cancellation)
    {
        var (route, name) = Find(request) ?? throw new GatewayException(new AnthropicError(AnthropicErrorType.NotFound, $"model: {request.Model}"));
        var candidates = await CandidatesAsync(route, request.Model, name, cancellation);
        return new(route.Name, TargetOrder.Arrange(candidates, () => request.SessionHash ?? _random()), route.Limits);
    }

    /// <summary>Where a plain request for that name would go first.</summary>
    /// <exception cref="GatewayException">404: no row is for that name.</exception>
    public async ValueTask<ModelTarget> ResolveAsync(string model, CancellationToken cancellation) =>
        (await PlanAsync(RequestFacts.OfName(model), cancellation)).Targets[0];

    /// <summary>The models a caller can ask for, each once, in the order of the backends.</summary>
    public async ValueTask<IReadOnlyList<(Backend Backend, ListedModel Model)>> ListAsync(CancellationToken cancellation)
    {
        var models = new List<(Backend, ListedModel)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var route in _routes)
        {
            // A row without a star is a name of its own: an alias that the backend need not list.
            if (route.Pattern.IsLiteral && seen.Add(route.Pattern.Text))
                models.Add((_backends[route.Targets[0].Backend], new ListedModel(route.Pattern.Text)));
        }

        foreach (var backend in Backends)
        {
            foreach (var model in (await backend.Models.GetAsync(cancellation)).Models)
            {
                if (seen.Add(model.Id)) models.Add((backend, model));
            }
        }

        return models;
    }

    /// <summary>The row for a request, and the name by which it was found.</summary>
    private (ModelRoute Route, string Name)? Find(RequestFacts request)
    {
        if (DiscoveryAlias.TryResolve(request.Model, out var aliased) && Find(aliased, request) is { } route) return (route, aliased);
        return Find(request.Model, request) is { } found ? (found, request.Model) : null;
    }

    private ModelRoute? Find(string name, RequestFacts request)
    {
        foreach (var route in _routes)
        {
            if (route.Pattern.IsMatch(name) && route.Conditions?.Hold(request) != false) return route;
        }

        return null;
    }

    private async ValueTask<List<TargetCandidate>> CandidatesAsync(ModelRoute route, string asked, string name, CancellationToken cancellation)
    {
        // All lists that are still missing are fetched at the same time.
        foreach (var row in route.Targets) _backends[row.Backend].Models.Prepare();
        var captures = route.Targets.Any(row => row.Model?.HasCaptures == true) ? route.Pattern.Match(name) ?? [] : [];
        var found = new List<(TargetCandidate Candidate, Fit Fit)>(route.Targets.Count);
        var best = Fit.Default;
        foreach (var row in route.Targets)
        {
            var backend = _backends[row.Backend];
            var list = await backend.Models.GetAsync(cancellation);
            var (target, fit) = row.Model is null ? PassOn(backend, list, asked, name) : (Named(backend, list, row.Model.Fill(captures)), Fit.Named);
            found.Add((new(target, row), fit));
            if (row.Model is null && fit > best) best = fit;
        }

        var candidates = new List<TargetCandidate>(found.Count);
        foreach (var (candidate, fit) in found)
        {
            if (best < Fit.Listed && fit != Fit.Named) candidate.Target.Backend.Models.LookAgain();
            if (fit == Fit.Named || (fit == best && !(fit == Fit.Default && route.IsOpen && candidates.Count > 0))) candidates.Add(candidate);
        }

        return candidates;
    }

    private static ModelTarget Named(Backend backend, ModelList list, string model) => new(backend, model, list.Find(model));

    private static (ModelTarget Target, Fit Fit) PassOn(Backend backend, ModelList list, string asked, string name)
    {
        if (list.Find(asked) is { } listed) return (new(backend, asked, listed), Fit.Listed);
        if (list.Find(name) is { } aliased) return (new(backend, name, aliased), Fit.Listed);
        if (name.Length > backend.Name.Length + 1 && name[backend.Name.Length] == '/' && name.StartsWith(backend.Name, StringComparison.Ordinal))
            return (Named(backend, list, name[(backend.Name.Length + 1)..]), Fit.Prefix);
        return (Named(backend, list, backend.DefaultModel ?? list.First?.Id ?? asked), Fit.Default);
    }
}
