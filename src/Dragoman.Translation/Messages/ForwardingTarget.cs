namespace Dragoman.Translation.Messages;

/// <summary>A service that speaks the Messages API, by how it wants a request wrapped.</summary>
public enum MessagesService
{
    /// <summary>As Anthropic itself: the model in the body, version and betas in headers.</summary>
    Anthropic,

    /// <summary>Bedrock InvokeModel: the model and the wish for a stream in the path, version and betas in the body.</summary>
    Bedrock,

    /// <summary>Vertex AI rawPredict: the model in the path, the version in the body, betas in a header.</summary>
    Vertex,
}

/// <summary>Whom a request is forwarded to.</summary>
/// <param name="Service">How it is wrapped.</param>
/// <param name="Model">The model's name as the service knows it.</param>
public sealed record ForwardingTarget(MessagesService Service, string Model)
{
    /// <summary>Betas to name in the body, for Bedrock; elsewhere they stand in a header.</summary>
    public IReadOnlyList<string> Betas { get; init; } = [];

    /// <summary>Members of the body that this service has refused; left out.</summary>
    public IReadOnlyCollection<string> RefusedMembers { get; init; } = [];

    /// <summary>The body names the model though the path could: Vertex wants it where it counts tokens.</summary>
    public bool NamesModel { get; init; }

    /// <summary>The body has a <c>max_tokens</c> even if the caller's has none: Bedrock wants it where it counts tokens.</summary>
    public bool LimitsAnswer { get; init; }
}

/// <summary>What became of a request that was forwarded.</summary>
/// <param name="Dropped">What was left out, in order of appearance, each once: for <c>x-dragoman-dropped</c>.</param>
public sealed record ForwardedRequest(IReadOnlyList<string> Dropped);
