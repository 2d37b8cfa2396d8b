namespace Dragoman.Configuration;

/// <summary>What was made of everything that an operator said.</summary>
/// <param name="Options">The configuration; to be used only if there are no faults.</param>
/// <param name="Faults">Everything that is wrong, in the order of the file.</param>
/// <param name="Secrets">Where each secret comes from, in words, by path such as <c>backends.gpu.api_key</c>.</param>
/// <param name="Files">The files it was made from: the file itself, and those that it names.</param>
internal sealed record ConfigurationReading(
    GatewayOptions Options,
    IReadOnlyList<ConfigurationFault> Faults,
    IReadOnlyDictionary<string, string> Secrets,
    IReadOnlyList<FileContent> Files)
{
    /// <summary>The configuration.</summary>
    /// <exception cref="ConfigurationException">There are faults: all of them.</exception>
    public GatewayOptions OptionsOrThrow() => Faults.Count == 0 ? Options : throw new ConfigurationException(Faults);
}
