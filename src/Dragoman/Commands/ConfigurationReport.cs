using System.Globalization;
using Dragoman.Configuration;
using Dragoman.Routing;

namespace Dragoman.Commands;

/// <summary>Says in words what a configuration will do. Addresses are shown, as it is the operator's own terminal; secrets never.</summary>
/// <param name="reading">A configuration without faults.</param>
/// <param name="output">Takes the words.</param>
internal sealed class ConfigurationReport(ConfigurationReading reading, TextWriter output)
{
    private readonly GatewayOptions _options = reading.Options;

    /// <summary>Writes all of it.</summary>
    /// <param name="now">What expired before then is named.</param>
    public void Write(DateTimeOffset now)
    {
        WriteAddresses();
        WriteBackends();
        WriteRoutes();
        WriteCallers();
        WriteWebSearch();
        WriteUse();
        var notes = ConfigurationNotes.Of(reading, now).ToList();
        if (notes.Count == 0) return;
        output.WriteLine("\nNotes:");
        foreach (var note in notes) output.WriteLine($"  {note}");
    }

    private void WriteAddresses()
    {
        var reach = ListenAddresses.AreLoopback(_options.Urls) ? ", for this machine only" : "";
        output.WriteLine($"Listens on {string.Join(" and ", ListenAddresses.Parse(_options.Urls))}{reach}, under {string.Join(" and ", _options.Prefixes)}.");
    }

    private void WriteBackends()
    {
        output.WriteLine("\nBackends:");
        if (_options.Backends.Count == 0) output.WriteLine("  none named: looked for at start, in the environment and on this machine");
        var width = _options.Backends.Select(backend => backend.Name.Length).DefaultIfEmpty().Max();
        foreach (var backend in _options.Backends)
        {
            var isTranslated = backend.Schema is Schemas.OpenAI or Schemas.AzureOpenAI;
            output.WriteLine($"  {backend.Name.PadRight(width)}  {backend.Schema}{(isTranslated ? $", dialect {backend.Dialect}" : "")}, {backend.Url.ToString().TrimEnd('/')}; {Credential(backend)}");
            foreach (var (name, _) in backend.Headers)
                output.WriteLine($"  {"".PadRight(width)}  sends {name},{Origin($"backends.{backend.Name}.headers.{name}")}");
            if (backend.Health is { } health) output.WriteLine($"  {"".PadRight(width)}  asked for {health.Path ?? "its models"} every {Time(health.Interval)}");
        }
    }

    private string Credential(BackendOptions backend)
    {
        var path = $"backends.{backend.Name}";
        return backend switch
        {
            { ApiKey: not null } => $"key{Origin($"{path}.api_key")}",
            { Schema: Schemas.AwsAnthropic, Aws.SecretAccessKey: not null } => $"access key{Origin($"{path}.aws.secret_access_key")}",
            { Schema: Schemas.AwsAnthropic, Aws.Profile: { } profile } => $"profile {profile}",
            { Schema: Schemas.AwsAnthropic } => "credentials of the environment, a profile, a web identity, the container or the machine",
            { Schema: Schemas.GcpAnthropic, Gcp.CredentialsFile: { } file } => $"service account of {file}",
            { Schema: Schemas.GcpAnthropic } => "service account of GOOGLE_APPLICATION_CREDENTIALS, or of the machine",
            { Azure.ClientSecret: not null } => $"Entra application, secret{Origin($"{path}.azure.client_secret")}",
            { Azure: { ManagedIdentity: true } or { ClientId: not null } } => "managed identity of the machine",
            _ => "no key",
        };
    }

    private string Origin(string path) => reading.Secrets.TryGetValue(path, out var origin) ? $" {origin}" : "";

    private void WriteRoutes()
    {
        output.WriteLine("\nRoutes, the first match wins:");
        if (_options.Routes.Count == 0)
        {
            output.WriteLine("  none: a model goes to the first backend that lists it, NAME/MODEL to the backend NAME, any other to the first backend");
            return;
        }

        for (var i = 0; i < _options.Routes.Count; i++)
        {
            var route = _options.Routes[i];
            var conditions = RouteConditions.Of(route.When) is { } set ? $", if {set}" : "";
            output.WriteLine($"  {i + 1}. {route.Model}{conditions}{(route.Limits is { } limits ? $"; at most {Words(limits)}" : "")}");
            foreach (var priority in route.To.GroupBy(target => target.Priority).OrderBy(group => group.Key).Select((group, order) => (Order: order, Targets: group.ToList())))
                WriteTargets(priority.Targets, priority.Order);
        }

        if (!_options.Routes.Any(route => RouteConditions.Of(route.When) is null && route.Model == "*")) output.WriteLine("  Any other model: 404 not_found_error.");
    }

    private void WriteTargets(List<ModelTargetOptions> targets, int order)
    {
        var total = targets.Sum(target => (long)target.Weight);
        foreach (var target in targets)
        {
            var share = targets.Count == 1 ? "" : target.Weight == 0 && total > 0 ? "only if no other can: " : total == 0 ? $"1 of {targets.Count}: " : $"{target.Weight} of {total}: ";
            output.WriteLine($"     {(order == 0 ? "" : "if all before fail: ")}{share}{target.Backend}, {(target.Model is null ? "by the name the caller used" : $"as {target.Model}")}");
        }
    }

    private void WriteCallers()
    {
        output.WriteLine("\nCallers:");
        if (_options.Keys.Count == 0 && _options.Jwt is null) output.WriteLine("  everyone who can reach it, without a key; every model");
        var width = _options.Keys.Select(key => key.Name.Length).DefaultIfEmpty().Max();
        foreach (var key in _options.Keys)
        {
            var expires = key.Expires is { } end ? $"; until {end:yyyy-MM-dd HH:mm} UTC" : "";
            var labels = key.Labels.Count == 0 ? "" : $"; {string.Join(", ", key.Labels.Select(label => $"{label.Key} {label.Value}"))}";
            output.WriteLine($"  {key.Name.PadRight(width)}  {(key.Models.Count == 0 ? "every model" : string.Join(", ", key.Models))}; {Words(key.Limits)}{expires}{labels}");
        }

        if (_options.Jwt is not { } jwt) return;
        output.WriteLine($"  tokens of {jwt.Issuer} for {jwt.Audience}, named by {jwt.NameClaim}: {(jwt.ModelsClaim is null ? "every model" : $"the models in {jwt.ModelsClaim}")}; {Words(jwt.Limits)} each");
    }

    private void WriteWebSearch()
    {
        var providers = _options.WebSearch.InOrder;
        if (providers.Count == 0) return;
        output.WriteLine("\nThe web is searched by, one after another:");
        for (var i = 0; i < providers.Count; i++)
        {
            var provider = providers[i];
            var kind = SearchServices.Of(provider.Kind!.Value);
            var origin = Origin(_options.WebSearch.Provider.Kind is null ? $"web_search.providers[{i}].api_key" : "web_search.api_key");
            var key = provider.ApiKey is null ? "no key" : $"key{(origin.Length > 0 ? origin : $" from the environment variable {kind.KeyVariable}")}";
            var place = provider.Command ?? provider.Url?.ToString().TrimEnd('/');
            output.WriteLine($"  {SearchServices.NameOf(provider)}  {kind.Word}{(place is null ? "" : $", {place}")}; {key}");
        }
    }

    private void WriteUse()
    {
        output.WriteLine();
        var store = _options.LimitStore;
        output.WriteLine(store.Redis is { } redis
            ? $"Limits are counted at {redis.Split(',')[0]}; while it cannot be reached, {(store.IfDown == StoreDown.Allow ? "each process counts for itself" : "requests with limits are refused")}."
            : "Limits are counted in this process.");
        if (_options.Prices.Count > 0) output.WriteLine("Prices of a million tokens (input, cached read, cached write, output):");
        foreach (var price in _options.Prices)
        {
            var backend = price.Backend is null ? "" : $" at {price.Backend}";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {price.Model}{backend}: {price.Input}, {price.CachedRead ?? price.Input}, {price.CachedWrite ?? price.Input}, {price.Output}"));
        }

        output.WriteLine(_options.Accounting.File switch
        {
            null => "No accounts are kept.",
            "-" => "An account of each request goes to standard output.",
            var file => $"An account of each request is added to {file}.",
        });
        output.WriteLine($"A request is tried up to {_options.Retry.Attempts} times, within {Time(_options.Retry.Deadline)}.");
        if (_options.SigningKey is not null) output.WriteLine($"Thinking is signed with a key,{Origin("signing_key")}.");
    }

    private static string Words(UsageLimitOptions? limits)
    {
        if (limits is null) return "no limits";
        (decimal? Amount, string What)[] all =
        [
            (limits.RequestsPerMinute, "requests a minute"), (limits.ConcurrentRequests, "requests at once"),
            (limits.TokensPerMinute, "tokens a minute"), (limits.InputTokensPerMinute, "input tokens a minute"), (limits.OutputTokensPerMinute, "output tokens a minute"),
            (limits.TokensPerDay, "tokens a day"), (limits.InputTokensPerDay, "input tokens a day"), (limits.OutputTokensPerDay, "output tokens a day"),
            (limits.TokensPerMonth, "tokens a month"), (limits.InputTokensPerMonth, "input tokens a month"), (limits.OutputTokensPerMonth, "output tokens a month"),
            (limits.MoneyPerDay, "of money a day"), (limits.MoneyPerMonth, "of money a month"),
        ];
        var set = all.Where(limit => limit.Amount is not null).Select(limit => string.Create(CultureInfo.InvariantCulture, $"{limit.Amount} {limit.What}")).ToList();
        return set.Count == 0 ? "no limits" : string.Join(", ", set);
    }

    private static string Time(TimeSpan time) => time.TotalSeconds < 1 ? $"{time.TotalMilliseconds:0} ms" : time.TotalSeconds < 120 ? $"{time.TotalSeconds:0} s" : $"{time.TotalMinutes:0} min";
}
