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
/// whose backend lists that name, or has no list; else whose backend's name stands before the first slash (<c>deepseek/deepseek-chat</c>,
/// failures.md D20); else all of them, each with its default model. So the names that Claude Code uses in the background find a model
/// without being configured (failures.md F7).
/// 3. <see cref="TargetOrder"/> arranges them.
/// </remarks>
internal sealed class ModelRouter
{
    private readonly ModelRoute[] _routes;
    private readonly Dictionary<string, Backend> _backends;

    /// <param name="options">The routes.</param>
    /// <param name="backends">The backends they name.</param>
    /// <exception cref="ConfigurationException">A pattern cannot be read.</exception>
    public ModelRouter(GatewayOptions options, IReadOnlyList<Backend> backends)
    {
        _backends = backends.ToDictionary(backend => backend.Name, StringComparer.Ordinal);
        Backends = backends;
        _routes = options.Routes.Count > 0
            ? [.. options.Routes.Select((route, i) => new ModelRoute(route, options.Routes.Take(i).Count(other => ModelRoute.NameOf(other) == ModelRoute.NameOf(route))))]
            : [ModelRoute.Open(backends.Select(backend => backend.Name))];
    }

    /// <summary>How well a target fits a name, the better the later.</summary>
    private enum Fit { Default, Prefix, Listed, Named }

    private readonly record struct Offer(ModelRoute Route, Fit Fit, ModelTarget Target);

    /// <summary>All backends, in the order of the configuration.</summary>
    public IReadOnlyList<Backend> Backends { get; }

    /// <summary>Finds where a request may go.</summary>
    /// <exception cref="GatewayException">404: no row is for it.</exception>
    public async ValueTask<RoutePlan> PlanAsync(RequestFacts request, CancellationToken cancellation)
    {
        var (route, name) = Find(request) ?? throw new GatewayException(new AnthropicError(AnthropicErrorType.NotFound, $"model: {request.Model}"));
        // All lists that are still missing are fetched at the same time.
        foreach (var target in route.Targets) _backends[target.Backend].Models.Prepare();
        foreach (var target in route.Targets) await _backends[target.Backend].Models.GetAsync(cancellation);
        var (candidates, fit) = Candidates(route, request.Model, name);
        if (fit < Fit.Listed)
        {
            foreach (var target in route.Targets.Where(target => target.Model is null)) _backends[target.Backend].Models.LookAgain();
        }

        return new(route.Name, name, candidates.Count == 1 ? [candidates[0].Target] : Arrange(candidates, request), route.Limits);
    }

    /// <summary>Where a plain request for that name would go first.</summary>
    /// <exception cref="GatewayException">404: no row is for that name.</exception>
    public async ValueTask<ModelTarget> ResolveAsync(string model, CancellationToken cancellation) =>
        (await PlanAsync(RequestFacts.OfName(model), cancellation)).Targets[0];

    /// <summary>The names that a plain request can ask for, each once.</summary>
    /// <remarks>First those that rows are for, as far as they can be counted; then what backends list and a row passes on under its own name,
    /// in the order of the backends; then the names that Claude Code uses by itself, where a row such as <c>claude-*</c> gives them another
    /// model. What a backend lists and a row sends elsewhere is left out: who asks for it would get something else.</remarks>
    public async ValueTask<IReadOnlyList<(Backend Backend, ListedModel Model)>> ListAsync(CancellationToken cancellation)
    {
        foreach (var backend in Backends) backend.Models.Prepare();
        foreach (var backend in Backends) await backend.Models.GetAsync(cancellation);
        var models = new List<(Backend, ListedModel)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in _routes.SelectMany(route => route.Pattern.Names())) Add(name, _ => true);
        foreach (var name in Backends.SelectMany(backend => backend.Models.Known!.Models).Select(model => model.Id))
            Add(name, offer => offer.Target.Model == name);
        foreach (var name in ClaudeNames.Current) Add(name, offer => offer.Fit >= Fit.Listed && offer.Route.Pattern is { HasStar: true, Start.Length: > 0 });
        return models;

        void Add(string name, Func<Offer, bool> isMeant)
        {
            if (seen.Contains(name) || OfferOf(name) is not { } offer || !isMeant(offer)) return;
            seen.Add(name);
            var listed = offer.Target.Listed ?? new ListedModel(name);
            var isItself = offer.Target.Model == name;
            models.Add((offer.Target.Backend, isItself ? listed : listed with { Id = name, DisplayName = null, Parent = null, ServedAs = offer.Target.Model }));
        }
    }

    /// <summary>What a plain request for that name would get first; null: nothing.</summary>
    private Offer? OfferOf(string name)
    {
        if (Find(RequestFacts.OfName(name)) is not var (route, found)) return null;
        var (candidates, fit) = Candidates(route, name, found);
        return new(route, fit, candidates.MinBy(candidate => candidate.Row.Priority).Target);
    }

    private static IReadOnlyList<ModelTarget> Arrange(List<TargetCandidate> candidates, RequestFacts request)
    {
        for (var i = 0; i < candidates.Count; i++) candidates[i] = candidates[i] with { Share = candidates[i].Target.Circuit.Share };
        // What nothing ties to other requests goes by chance.
        return TargetOrder.Arrange(candidates, request.SessionHash ?? (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue));
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

    /// <summary>The targets of a row that can serve, in its order, and how well the best of them fits; goes by what is known of the
    /// lists.</summary>
    private (List<TargetCandidate> Candidates, Fit Fit) Candidates(ModelRoute route, string asked, string name)
    {
        var captures = route.UsesCaptures ? route.Pattern.Match(name) ?? [] : [];
        var best = Fit.Default;
        var passing = false;
        var found = new List<(TargetCandidate Candidate, Fit Fit)>(route.Targets.Count);
        foreach (var row in route.Targets)
        {
            var backend = _backends[row.Backend];
            var list = backend.Models.Known ?? ModelList.None;
            var (target, fit) = row.Model is null ? PassOn(backend, list, asked, name) : (Named(backend, list, row.Model.Fill(captures)), Fit.Named);
            if (fit == Fit.Default && !route.IsOpen && list.Models.Count == 0 && backend.Reachable != false) fit = Fit.Listed;
            found.Add((new(target, row), fit));
            if (fit == Fit.Named) continue;
            passing = true;
            if (fit > best) best = fit;
        }

        var candidates = new List<TargetCandidate>(found.Count);
        foreach (var (candidate, fit) in found)
        {
            if (fit != Fit.Named && fit != best) continue;
            candidates.Add(candidate);
            if (route.IsOpen && best == Fit.Default) break;
        }

        return (candidates, passing ? best : Fit.Named);
    }

    private static ModelTarget Named(Backend backend, ModelList list, string model) => new(backend, model, list.Find(model));

    private static (ModelTarget Target, Fit Fit) PassOn(Backend backend, ModelList list, string asked, string name)
    {
        if ((list.Find(asked) ?? list.Find(name) ?? list.FindDated(name)) is { } listed) return (new(backend, listed.Id, listed), Fit.Listed);
        if (name.Length > backend.Name.Length + 1 && name[backend.Name.Length] == '/' && name.StartsWith(backend.Name, StringComparison.Ordinal))
            return (Named(backend, list, name[(backend.Name.Length + 1)..]), Fit.Prefix);
        return (Named(backend, list, backend.DefaultModel ?? list.First?.Id ?? name), Fit.Default);
    }
}
