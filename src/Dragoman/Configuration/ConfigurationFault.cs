using Dragoman.Configuration.Yaml;

namespace Dragoman.Configuration;

/// <summary>Something in a configuration that cannot stay as it is.</summary>
/// <param name="Path">Which key, such as <c>routes[0].to[1].backend</c>; empty: the configuration as a whole.</param>
/// <param name="Message">What is wrong and what would be right, in full sentences. Never a secret.</param>
internal sealed record ConfigurationFault(string Path, string Message)
{
    /// <summary>What set it: a file, an environment variable, an option of the command line; null: nothing did.</summary>
    public string? Source { get; init; }

    /// <summary>Where in the file; null: not in a file.</summary>
    public Place? At { get; init; }

    /// <summary><c>file:line:column: path: message</c>, as far as known.</summary>
    public override string ToString()
    {
        var source = At is { } at ? $"{Source}:{at}: " : Source is { } name ? $"{name}: " : "";
        return At is not null && Path.Length > 0 ? $"{source}{Path}: {Message}" : source + Message;
    }
}

/// <summary>Gathers faults.</summary>
internal sealed class ConfigurationFaults
{
    private readonly List<ConfigurationFault> _all = [];

    public IReadOnlyList<ConfigurationFault> All => _all;

    public void Add(string path, string message) => _all.Add(new(path, message));
}
