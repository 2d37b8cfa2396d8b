namespace Dragoman.Configuration;

/// <summary>The gateway cannot start as it was told to.</summary>
/// <param name="message">One readable paragraph for the operator: what is wrong and what would be right.</param>
internal sealed class ConfigurationException(string message) : Exception(message);
