using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Messages;

/// <summary>What must be known of a request to pass its answer on.</summary>
/// <param name="Model">The name the caller asked for; answers carry it. (failures.md D20)</param>
/// <param name="Backend">The backend's name in the configuration, for error messages; never its address.</param>
public sealed record RelayContext(string Model, string Backend)
{
    /// <summary>Our estimate of the prompt, in tokens: for answers that are not counted to their end.</summary>
    public long EstimatedInputTokens { get; init; }

    /// <summary><c>max_tokens</c> as it was sent.</summary>
    public long MaxTokens { get; init; }

    /// <summary>What the wording of an error needs.</summary>
    public ErrorContext ForErrors => new(Model, Backend, EstimatedInputTokens, null, MaxTokens);
}
