namespace Dragoman.Configuration;

/// <summary>A server that runs or sells models, as an operator names it.</summary>
internal sealed record BackendOptions
{
    /// <summary>How routes, logs and error messages call it; never its address.</summary>
    public required string Name { get; init; }

    /// <summary>The address that paths are appended to; ends in a slash. For <c>openai</c> it is followed by <c>chat/completions</c>, such as
    /// <c>http://gpu-1:8000/v1/</c>; for all others it is the service's root, such as <c>https://api.anthropic.com/</c>. (see <see
    /// cref="BackendAddresses"/>)</summary>
    public required Uri Url { get; init; }

    /// <summary>The API it speaks: one of <see cref="Schemas"/>.</summary>
    public string Schema { get; init; } = Schemas.OpenAI;

    /// <summary>How it deviates from that API: a preset's name, or <c>auto</c>.</summary>
    public string Dialect { get; init; } = "auto";

    /// <summary>Sent as <c>Authorization: Bearer</c>; null sends none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The model asked for where a request names none that the backend lists; null takes the first one listed.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>What is known better of it than its preset says; goes before <see cref="GatewayOptions.Dialect"/>.</summary>
    public DialectOptions Overrides { get; init; } = new();

    /// <summary>Headers sent with every request, by name.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Where on Amazon's cloud it is and who we are there; for schema <c>aws-anthropic</c>.</summary>
    public AwsOptions? Aws { get; init; }

    /// <summary>Where on Google's cloud it is and who we are there; for schema <c>gcp-anthropic</c>.</summary>
    public GcpOptions? Gcp { get; init; }

    /// <summary>How it is addressed and who we are there; for schema <c>azure-openai</c>.</summary>
    public AzureOptions? Azure { get; init; }

    /// <summary>Asks it regularly whether it lives; null leaves that to the requests.</summary>
    public HealthOptions? Health { get; init; }

    /// <summary>Turns what a person writes into the address to append to: <c>http://host:8000</c> becomes <c>http://host:8000/v1/</c>,
    /// and an address that was copied with its <c>/chat/completions</c> loses it.</summary>
    /// <param name="text">As written.</param>
    /// <param name="schema">The API that is spoken there: one of <see cref="Schemas"/>.</param>
    /// <exception cref="ConfigurationException">No absolute http or https address.</exception>
    public static Uri ParseUrl(string text, string schema = Schemas.OpenAI)
    {
        try
        {
            return BackendAddresses.For(schema, BackendAddresses.Kind.Parse(text.Trim()));
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"The backend's address is {e.Message}.");
        }
    }
}
