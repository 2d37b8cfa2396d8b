using Dragoman.Routing;

namespace Dragoman.Configuration;

/// <summary>Rules across settings; each message helps to repair what it refuses.</summary>
internal static class GatewayValidation
{
    /// <exception cref="ConfigurationException">The first rule that is broken.</exception>
    public static void Check(GatewayOptions options)
    {
        CheckAddresses(options);
        CheckBackends(options);
        CheckRoutes(options);
    }

    private static void CheckAddresses(GatewayOptions options)
    {
        if (!ListenAddresses.AreLoopback(options.Urls) && !options.AllowAnonymous && options.Keys.Count == 0 && options.Jwt is null)
        {
            throw new ConfigurationException(
                $"Listening on {options.Urls} would let everyone who can reach this machine use your backends, since no client keys are configured. "
                + $"Listen on {GatewayOptions.DefaultUrls}, or say that it is meant with --allow-anonymous.");
        }

        foreach (var prefix in options.Prefixes)
        {
            if (!prefix.StartsWith('/') || prefix.IndexOfAny(['{', '}', '*', '?', '#']) >= 0)
                throw new ConfigurationException($"'{prefix}' is no path prefix. Expected one like /anthropic.");
        }
    }

    private static void CheckBackends(GatewayOptions options)
    {
        if (options.Backends.Count == 0)
            throw new ConfigurationException("No backend is configured. Name one with --backend http://127.0.0.1:8000/v1.");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var backend in options.Backends)
        {
            if (!names.Add(backend.Name)) throw new ConfigurationException($"Two backends are called '{backend.Name}'. Names must differ.");
            if (backend.Schema != "openai")
                throw new ConfigurationException($"Backend '{backend.Name}': there is no schema '{backend.Schema}'. Known schemas: openai.");
        }
    }

    private static void CheckRoutes(GatewayOptions options)
    {
        var known = string.Join(", ", options.Backends.Select(backend => backend.Name));
        foreach (var route in options.Routes)
        {
            if (route.To.Count == 0) throw new ConfigurationException($"Route '{route.Model}' leads nowhere. Name at least one backend: {known}.");
            foreach (var fault in ModelRoute.Faults(route)) throw new ConfigurationException($"Route '{route.Model}': {fault}.");
            foreach (var target in route.To)
            {
                if (options.Backends.All(backend => backend.Name != target.Backend))
                    throw new ConfigurationException($"Route '{route.Model}' names backend '{target.Backend}'. Known backends: {known}.");
            }
        }
    }
}
