using Dragoman.Routing;

namespace Dragoman.Configuration;

/// <summary>Rules across settings; each message helps to repair what it refuses.</summary>
internal static class GatewayValidation
{
    /// <exception cref="ConfigurationException">A rule is broken; all that are stand in the message.</exception>
    public static void Check(GatewayOptions options)
    {
        var faults = FaultsOf(options);
        if (faults.Count > 0) throw new ConfigurationException(faults);
    }

    /// <summary>Every rule that is broken.</summary>
    /// <param name="options">What an operator described.</param>
    /// <param name="backendsMayBeFound">Without a backend, some will be looked for; rules that name backends wait until then.</param>
    public static IReadOnlyList<ConfigurationFault> FaultsOf(GatewayOptions options, bool backendsMayBeFound = false)
    {
        var faults = new ConfigurationFaults();
        CheckAddresses(options, faults);
        var isOpen = backendsMayBeFound && options.Backends.Count == 0;
        if (!isOpen) BackendValidation.Check(options.Backends, faults);
        CheckRoutes(options, isOpen, faults);
        CheckCallers(options, faults);
        CheckPrices(options, isOpen, faults);
        SearchServices.Check(options.WebSearch, faults.Add);
        return faults.All;
    }

    private static void CheckAddresses(GatewayOptions options, ConfigurationFaults faults)
    {
        try
        {
            var isGuarded = options.Keys.Count > 0 || options.Jwt is not null || options.AllowAnonymous;
            if (!ListenAddresses.AreLoopback(options.Urls) && !isGuarded)
            {
                faults.Add(
                    "urls",
                    $"Listening on {options.Urls} would let everyone who can reach this machine use your backends, since no client keys are configured. "
                    + $"Configure keys, listen on {GatewayOptions.DefaultUrls}, or say that it is meant with --allow-anonymous (allow_anonymous: true).");
            }
        }
        catch (ConfigurationException e)
        {
            faults.Add("urls", e.Message);
        }

        for (var i = 0; i < options.Prefixes.Count; i++)
        {
            var prefix = options.Prefixes[i];
            if (!prefix.StartsWith('/') || prefix.IndexOfAny(['{', '}', '*', '?', '#']) >= 0)
                faults.Add($"prefixes[{i}]", $"'{prefix}' is no path prefix. Expected one like /anthropic.");
        }

        if (options.Prefixes.Count == 0) faults.Add("prefixes", "Without a prefix nothing would be answered. Expected at least '/'.");
    }

    private static void CheckRoutes(GatewayOptions options, bool isOpen, ConfigurationFaults faults)
    {
        for (var i = 0; i < options.Routes.Count; i++)
        {
            var route = options.Routes[i];
            if (route.To.Count == 0)
                faults.Add($"routes[{i}].to", $"Route '{route.Model}' leads nowhere. Name at least one backend: {string.Join(", ", options.Backends.Select(backend => backend.Name))}.");
            foreach (var (key, fault) in ModelRoute.Faults(route)) faults.Add($"routes[{i}].{key}", fault);
            for (var t = 0; t < route.To.Count; t++)
            {
                var at = $"routes[{i}].to[{t}]";
                var target = route.To[t];
                if (!isOpen) CheckBackend(target.Backend, $"{at}.backend", $"Route '{route.Model}'", options, faults);
                if (target.Weight < 0) faults.Add($"{at}.weight", "A weight is 0 or more.");
                if (target.Priority < 0) faults.Add($"{at}.priority", "A priority is 0 or more.");
            }
        }
    }

    private static void CheckBackend(string name, string path, string who, GatewayOptions options, ConfigurationFaults faults)
    {
        var known = options.Backends.Select(backend => backend.Name).ToArray();
        if (known.Length == 0 || known.Contains(name, StringComparer.Ordinal)) return;
        faults.Add(path, $"{who} names backend '{name}'. Did you mean '{NearestName.Of(name, known)}'? Known backends: {string.Join(", ", known)}.");
    }

    private static void CheckCallers(GatewayOptions options, ConfigurationFaults faults)
    {
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        var hashes = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < options.Keys.Count; i++)
        {
            var key = options.Keys[i];
            if (key.Name.Length > 0 && !names.TryAdd(key.Name, i)) faults.Add($"keys[{i}].name", $"Two keys are called '{key.Name}': this one and keys[{names[key.Name]}]. Names must differ.");
            if (key.Sha256.Length != 64 || !key.Sha256.All(char.IsAsciiHexDigit))
                faults.Add($"keys[{i}].sha256", $"This is no SHA-256: that is 64 hexadecimal digits, never the key itself. `dragoman key new {key.Name}` makes a key and the line for it.");
            else if (!hashes.TryAdd(key.Sha256, i))
                faults.Add($"keys[{i}].sha256", $"This is the key of keys[{hashes[key.Sha256]}], too. Each caller needs a key of their own.");
        }

        if (options.Jwt is { Jwks: null } jwt && !(Uri.TryCreate(jwt.Issuer, UriKind.Absolute, out var issuer) && issuer.Scheme is "https" or "http"))
            faults.Add("jwt.issuer", "The issuer's keys are found at its address, but this is none. Expected one like https://login.example.org, or set jwks.");
    }

    private static void CheckPrices(GatewayOptions options, bool isOpen, ConfigurationFaults faults)
    {
        for (var i = 0; i < options.Prices.Count; i++)
        {
            if (!isOpen && options.Prices[i].Backend is { } backend) CheckBackend(backend, $"prices[{i}].backend", "This price", options, faults);
        }

        if (options.Prices.Count > 0) return;
        IEnumerable<(string Path, UsageLimitOptions? Limits)> limits =
        [
            .. options.Keys.Select((key, i) => ($"keys[{i}].limits", key.Limits)),
            ("jwt.limits", options.Jwt?.Limits),
            .. options.Routes.Select((route, i) => ($"routes[{i}].limits", route.Limits)),
        ];
        foreach (var (path, limit) in limits)
        {
            if (limit is { MoneyPerDay: null, MoneyPerMonth: null } or null) continue;
            var key = limit.MoneyPerDay is null ? "money_per_month" : "money_per_day";
            faults.Add($"{path}.{key}", "A limit of money needs prices, and none are configured. List them under prices: model, input, output.");
        }
    }
}
