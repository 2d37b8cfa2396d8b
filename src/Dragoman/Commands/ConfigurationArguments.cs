using System.CommandLine;
using Dragoman.Configuration;

namespace Dragoman.Commands;

/// <summary>The options that every command that reads a configuration has.</summary>
internal static class ConfigurationArguments
{
    private const string Usual = "dragoman.yaml";

    public static Option<string?> Config() => new("--config")
    {
        HelpName = "FILE",
        Description = $"A configuration file. Default: {Usual} in this folder, if there is one.",
    };

    public static Option<string[]> Set() => new("--set")
    {
        HelpName = "KEY=VALUE",
        Description = "Any setting of docs/configuration.md, as KEY=VALUE. May be given several times.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>The file that is read although nobody named it; null if it is not there.</summary>
    public static string? FileHere() => File.Exists(Usual) ? Usual : null;

    /// <summary>What <c>--set</c> says.</summary>
    public static List<ConfigurationOverride> Overrides(string[]? pairs) =>
        [.. (pairs ?? []).Select(pair => new ConfigurationOverride(pair.Split('=')[0].Trim(), $"--set {pair.Split('=')[0].Trim()}", options => Settings.Apply(options, pair)))];
}
