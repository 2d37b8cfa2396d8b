namespace Dragoman.Configuration;

/// <summary>The gateway cannot start as it was told to.</summary>
/// <param name="message">One readable paragraph for the operator: what is wrong and what would be right.</param>
internal sealed class ConfigurationException(string message) : Exception(message)
{
    /// <summary>For several faults, a line each.</summary>
    public ConfigurationException(IReadOnlyList<ConfigurationFault> faults)
        : this(faults.Count == 1 ? faults[0].ToString() : $"{faults.Count} faults in the configuration:\n" + string.Join('\n', faults.Select(fault => $"  {fault}")))
    {
    }
}
