namespace Dragoman.Simulator.Requests;

/// <summary>What a backend refuses. The default is OpenAI's and vLLM's common ground, blind to fields it does not know.</summary>
internal sealed record BackendRules
{
    public static BackendRules Default { get; } = new();

    /// <summary>What <c>/v1/models</c> tells, and the limit where <see cref="OverflowFault"/> is set.</summary>
    public int MaxModelLength { get; init; } = 131_072;

    /// <summary>Makes the refusal of a prompt that is too long from its tokens and the limit; null never refuses.</summary>
    public Func<int, int, RequestFault>? OverflowFault { get; init; }
}
