using Dragoman.Configuration;
using Dragoman.Upstream.Aws;
using Dragoman.Upstream.Azure;
using Dragoman.Upstream.ChatCompletions;
using Dragoman.Upstream.Gcp;
using Dragoman.Upstream.Native;

namespace Dragoman.Upstream;

/// <summary>Makes the schema of a backend.</summary>
internal static class UpstreamSchemas
{
    // Holds connections to those who lend credentials, for as long as the program runs: few, and idle ones close.
    private static readonly CredentialService Credentials = new();

    /// <exception cref="ConfigurationException">No schema of that name, or it lacks what it needs.</exception>
    public static UpstreamSchema Create(BackendOptions options, TimeProvider time) => options.Schema switch
    {
        Schemas.OpenAI => new ChatCompletionsSchema(options),
        Schemas.AzureOpenAI => new AzureOpenAISchema(options, AzureSurroundings.OfProcess, Credentials, time),
        Schemas.Anthropic => new AnthropicSchema(options),
        Schemas.AwsAnthropic => new BedrockSchema(options, AwsSurroundings.OfProcess, Credentials, time),
        Schemas.GcpAnthropic => new VertexSchema(options, GcpSurroundings.OfProcess, Credentials, time),
        _ => throw new ConfigurationException($"There is no schema '{options.Schema}'. Known schemas: {string.Join(", ", Schemas.All)}."),
    };
}
