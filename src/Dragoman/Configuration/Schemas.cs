namespace Dragoman.Configuration;

/// <summary>The APIs a backend can speak, as an operator writes them.</summary>
internal static class Schemas
{
    /// <summary>Chat Completions; translated.</summary>
    public const string OpenAI = "openai";

    /// <summary>Chat Completions on Azure; translated.</summary>
    public const string AzureOpenAI = "azure-openai";

    /// <summary>The Messages API itself, at Anthropic or at a server that speaks it.</summary>
    public const string Anthropic = "anthropic";

    /// <summary>The Messages API as Amazon Bedrock wraps it.</summary>
    public const string AwsAnthropic = "aws-anthropic";

    /// <summary>The Messages API as Google Vertex AI wraps it.</summary>
    public const string GcpAnthropic = "gcp-anthropic";

    /// <summary>All, in the order of the reference.</summary>
    public static IReadOnlyList<string> All { get; } = [OpenAI, AzureOpenAI, Anthropic, AwsAnthropic, GcpAnthropic];
}
