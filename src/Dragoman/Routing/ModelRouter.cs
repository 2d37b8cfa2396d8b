using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;
using Dragoman.Upstream;

namespace Dragoman.Routing;

/// <summary>Decides which backend and which of its models serves a request.</summary>
/// <remarks>
/// The first row of the route table whose pattern matches decides. Within it, a target that names a model gets just that; of the others,
/// 1. the first whose backend lists the name the caller asked for, 2. the one whose backend's name is the part before the first slash
/// (<c>deepseek/deepseek-chat</c>, failures.md D20), 3. the first, which is asked for its default model. So the names that Claude Code uses
/// in the background find a model without being configured (failures.md F7).
/// </remarks>
internal sealed class ModelRouter
{
    private readonly List<ModelRoute> _routes;
    private readonly Dictionary<string, Backend> _backends;

    public ModelRouter(GatewayOptions options, IReadOnlyList<Backend> backends)
    {
        _backends = backends.ToDictionary(backend => backend.Name, StringComparer.Ordinal);
        Backends = backends;
        _routes = options.Routes.Count > 0
            ? [.. options.Routes.Select(route => new ModelRoute(route.Model, route.To))]
            : [new ModelRoute("*", [.. backends.Select(backend => new ModelTargetOptions(backend.Name))])];
    }

    /// <summary>All backends, in the order of the configuration.</summary>
    public IReadOnlyList<Backend> Backends { get; }

    /// <summary>Finds the target for the name a caller asked for.</summary>
    /// <exception cref="GatewayException">404: no row is for that name.</exception>
    public async ValueTask<ModelTarget> ResolveAsync(string model, CancellationToken cancellation)
    {
        foreach (var route in _routes)
        {
            if (route.Matches(model)) return await ResolveAsync(route, model, cancellation);
        }

        throw new GatewayException(new AnthropicError(AnthropicErrorType.NotFound, $"model: {model}"));
    }

    private async ValueTask<ModelTarget> ResolveAsync(ModelRoute route, string model, CancellationToken cancellation)
    {
        foreach (var target in route.Targets)
        {
            var backend = _backends[target.Backend];
            var list = await backend.Models.GetAsync(cancellation);
            if (target.Model is not null) return new(backend, target.Model, list.Find(target.Model));
            if (list.Find(model) is { } listed) return new(backend, model, listed);
            if (DiscoveryAlias.TryResolve(model, out var name) && list.Find(name) is { } aliased) return new(backend, name, aliased);
        }

        foreach (var target in route.Targets)
        {
            var backend = _backends[target.Backend];
            backend.Models.LookAgain();
            if (model.Length > backend.Name.Length && model[backend.Name.Length] == '/' && model.StartsWith(backend.Name, StringComparison.Ordinal))
            {
                var name = model[(backend.Name.Length + 1)..];
                return new(backend, name, (await backend.Models.GetAsync(cancellation)).Find(name));
            }
        }

        var first = _backends[route.Targets[0].Backend];
        var models = await first.Models.GetAsync(cancellation);
        var fallback = first.DefaultModel ?? models.First?.Id ?? model;
        return new(first, fallback, models.Find(fallback));
    }

    /// <summary>The models a caller can ask for, each once, in the order of the backends.</summary>
    public async ValueTask<IReadOnlyList<(Backend Backend, ListedModel Model)>> ListAsync(CancellationToken cancellation)
    {
        var models = new List<(Backend, ListedModel)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var route in _routes)
        {
            // A row without a star is a name of its own: an alias that the backend need not list.
            if (!route.Pattern.Contains('*') && seen.Add(route.Pattern))
                models.Add((_backends[route.Targets[0].Backend], new ListedModel(route.Pattern)));
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
}
