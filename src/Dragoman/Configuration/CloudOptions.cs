namespace Dragoman.Configuration;

/// <summary>Bedrock: where, and who we are there. Without keys of its own the usual chain decides: environment, profile, web identity,
/// container, machine.</summary>
internal sealed record AwsOptions
{
    /// <summary>Such as <c>us-east-1</c>; null takes <c>AWS_REGION</c>.</summary>
    public string? Region { get; init; }

    /// <summary>A profile of the shared credentials file; null takes <c>AWS_PROFILE</c>.</summary>
    public string? Profile { get; init; }

    /// <summary>An access key's id.</summary>
    public string? AccessKeyId { get; init; }

    /// <summary>The access key itself.</summary>
    public string? SecretAccessKey { get; init; }

    /// <summary>Goes with a key that is only lent.</summary>
    public string? SessionToken { get; init; }
}

/// <summary>Vertex AI: where, and who we are there. Without a file the environment decides
/// (<c>GOOGLE_APPLICATION_CREDENTIALS</c>), else the machine.</summary>
internal sealed record GcpOptions
{
    /// <summary>The project's id.</summary>
    public required string Project { get; init; }

    /// <summary>Such as <c>us-east5</c> or <c>global</c>.</summary>
    public string Location { get; init; } = "global";

    /// <summary>Path of a service account's key file.</summary>
    public string? CredentialsFile { get; init; }
}

/// <summary>Azure OpenAI: how it is addressed, and who we are there if no API key is given.</summary>
internal sealed record AzureOptions
{
    /// <summary>With one, models are deployments and have paths of their own; null takes the <c>/openai/v1</c> surface.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Entra tenant of the application below.</summary>
    public string? TenantId { get; init; }

    /// <summary>Entra application; alone, a managed identity of that client id.</summary>
    public string? ClientId { get; init; }

    /// <summary>The application's secret.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Ask the machine's identity service for tokens.</summary>
    public bool ManagedIdentity { get; init; }
}

/// <summary>How a backend is asked whether it lives.</summary>
internal sealed record HealthOptions
{
    /// <summary>Path on the backend's server, such as <c>/health</c>; null asks for its models.</summary>
    public string? Path { get; init; }

    /// <summary>From one question to the next.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest wait for an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}
