using Dragoman.Configuration;
using Dragoman.Upstream.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>Makes the schema of a backend.</summary>
internal static class UpstreamSchemas
{
    /// <exception cref="ConfigurationException">No schema of that name.</exception>
    public static UpstreamSchema Create(BackendOptions options) => options.Schema switch
    {
        Schemas.OpenAI => new ChatCompletionsSchema(options),
        _ => throw new ConfigurationException($"There is no schema '{options.Schema}'. Known schemas: {Schemas.OpenAI}."),
    };
}
