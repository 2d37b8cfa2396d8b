using Dragoman.Configuration.Tables;
using Dragoman.Configuration.Yaml;

namespace Dragoman.Configuration;

/// <summary>A setting that goes before the file.</summary>
/// <param name="Key">What it sets.</param>
/// <param name="Source">How the operator called it, such as <c>DRAGOMAN_URLS</c> or <c>--urls</c>.</param>
/// <param name="Apply">Takes it; throws <see cref="ConfigurationException"/>.</param>
internal sealed record ConfigurationOverride(string Key, string Source, Func<GatewayOptions, GatewayOptions> Apply);

/// <summary>Where the configuration comes from: a file, then the environment, then the command line, each going before the one
/// before. Can be read again.</summary>
/// <param name="file">The file's path as the operator wrote it; null: there is none.</param>
/// <param name="variable">Reads an environment variable.</param>
/// <param name="overrides">What the command line says, in its order.</param>
internal sealed class ConfigurationSource(string? file, Func<string, string?> variable, IReadOnlyList<ConfigurationOverride> overrides)
{
    private const int LargestFile = 16 << 20;
    private static readonly HashSet<string> SecretSettings = [.. Settings.All.Where(setting => !setting.IsQuoted).Select(setting => setting.Key)];

    /// <summary>The file's path as the operator wrote it; null: there is none.</summary>
    public string? File => file;

    /// <summary>Reads everything and checks it.</summary>
    public ConfigurationReading Read()
    {
        var substitution = new Substitution(variable, Path.GetDirectoryName(Path.GetFullPath(file ?? ".")) ?? "/");
        var reading = new TableReading(file ?? "", substitution);
        var faults = new List<ConfigurationFault>();
        var content = file is null ? null : FileContent.Read(Path.GetFullPath(file), LargestFile);
        var options = content is null ? new GatewayOptions() : ReadFile(content, reading, faults);
        var secrets = new Dictionary<string, string>(reading.Secrets, StringComparer.Ordinal);
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var setting in FromEnvironment().Concat(overrides))
        {
            try
            {
                options = setting.Apply(options);
                sources[setting.Key] = setting.Source;
                if (SecretSettings.Contains(setting.Key)) secrets[setting.Key] = $"from {setting.Source}";
            }
            catch (ConfigurationException e)
            {
                faults.Add(new(setting.Key, e.Message));
            }
        }

        options = options with { Backends = [.. options.Backends.Select(backend => BackendAddresses.Complete(backend, variable))] };
        try
        {
            options = options with { WebSearch = SearchServices.Complete(options.WebSearch, variable, options.Discovery) };
        }
        catch (ConfigurationException e)
        {
            faults.Add(new("web_search.url", e.Message));
        }

        faults.AddRange(reading.Faults);
        // What could not be read is wrong by itself; that it is missing, too, would be told twice.
        var across = GatewayValidation.FaultsOf(options, backendsMayBeFound: true)
            .Where(fault => !faults.Exists(known => Covers(known.Path, fault.Path) || Covers(fault.Path, known.Path)))
            .Select(fault => Locate(fault, reading.Places, sources))
            .ToList();
        faults.AddRange(across);
        return new(options, [.. faults.OrderBy(fault => fault.At ?? default)], secrets, content is null ? [] : [content, .. substitution.Files]);
    }

    private GatewayOptions ReadFile(FileContent content, TableReading reading, List<ConfigurationFault> faults)
    {
        var options = new GatewayOptions();
        if (content.Bytes is null)
        {
            faults.Add(new("", $"The configuration file '{file}' {content.Fault}."));
            return options;
        }

        try
        {
            return YamlDocument.Parse(content.Bytes) is { } document ? GatewayTable.Root.Read(options, document, "", reading) : options;
        }
        catch (YamlFaultException e)
        {
            faults.Add(new("", e.Message) { Source = file, At = e.Place });
            return options;
        }
    }

    private IEnumerable<ConfigurationOverride> FromEnvironment()
    {
        foreach (var setting in Settings.All)
        {
            if (variable(setting.Variable) is { } value)
                yield return new(setting.Key, $"the environment variable {setting.Variable}", options => Settings.Apply(options, setting, setting.Variable, value.Trim()));
        }
    }

    /// <summary>Whether <paramref name="path"/> is <paramref name="outer"/> or something in it.</summary>
    private static bool Covers(string outer, string path) =>
        path.StartsWith(outer, StringComparison.Ordinal) && (outer.Length == 0 || path.Length == outer.Length || path[outer.Length] is '.' or '[');

    /// <summary>Finds what set the fault's key, or the nearest key around it.</summary>
    private ConfigurationFault Locate(ConfigurationFault fault, IReadOnlyDictionary<string, Place> places, Dictionary<string, string> sources)
    {
        if (Around(fault.Path).FirstOrDefault(sources.ContainsKey) is { } set) return fault with { Source = sources[set] };
        return Around(fault.Path).FirstOrDefault(places.ContainsKey) is { } written ? fault with { Source = file, At = places[written] } : fault;
    }

    /// <summary>The path, and those it is in, from the inside out.</summary>
    private static IEnumerable<string> Around(string path)
    {
        for (; path.Length > 0; path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))]) yield return path;
    }
}
