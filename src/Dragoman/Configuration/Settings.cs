using Dragoman.Configuration.Tables;

namespace Dragoman.Configuration;

/// <summary>A single value, as an operator sees it.</summary>
/// <param name="Key">Its name, such as <c>timeouts.ping</c>.</param>
/// <param name="Default">Its value unless set, as one would write it.</param>
/// <param name="Apply">Takes a value; throws <see cref="FormatException"/> with what was expected.</param>
/// <param name="Meaning">What it does: its line in the reference.</param>
internal sealed record Setting<T>(string Key, string Default, Func<T, string, T> Apply, string Meaning)
{
    /// <summary>A fault may repeat its value.</summary>
    public bool IsQuoted { get; init; } = true;

    /// <summary>The environment variable that sets it too: <c>DRAGOMAN_TIMEOUTS_PING</c>.</summary>
    public string Variable { get; } = "DRAGOMAN_" + Key.Replace('.', '_').ToUpperInvariant();
}

/// <summary>What can also be set without a file: every single value that stands in no list and under no name.</summary>
internal static class Settings
{
    /// <summary>In the order of the reference.</summary>
    public static IReadOnlyList<Setting<GatewayOptions>> All { get; } = [.. GatewayTable.Root.Settings()];

    /// <summary>Takes <c>KEY=VALUE</c>.</summary>
    /// <exception cref="ConfigurationException">An unknown key, or a value it cannot have.</exception>
    public static GatewayOptions Apply(GatewayOptions options, string pair)
    {
        var equals = pair.IndexOf('=');
        if (equals < 0) throw new ConfigurationException($"'--set {pair}' is not KEY=VALUE.");
        var key = pair[..equals].Trim();
        var setting = All.FirstOrDefault(setting => setting.Key == key)
            ?? throw new ConfigurationException($"There is no setting '{key}'. Did you mean '{NearestName.Of(key, All.Select(setting => setting.Key))}'?");
        return Apply(options, setting, key, pair[(equals + 1)..].Trim());
    }

    /// <summary>Takes one value.</summary>
    /// <param name="options">Takes it.</param>
    /// <param name="setting">What is set.</param>
    /// <param name="name">How the operator called it: its key, or its variable.</param>
    /// <param name="value">The value as written.</param>
    /// <exception cref="ConfigurationException">A value that it cannot have.</exception>
    public static GatewayOptions Apply(GatewayOptions options, Setting<GatewayOptions> setting, string name, string value)
    {
        try
        {
            return setting.Apply(options, value);
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"{name}: {FaultText.Of(setting.IsQuoted ? $"'{value}'" : "The value", e)}");
        }
    }
}
