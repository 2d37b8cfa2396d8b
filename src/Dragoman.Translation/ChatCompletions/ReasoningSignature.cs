namespace Dragoman.Translation.ChatCompletions;

/// <summary>Reasoning that must come back to the backend that made it, and travels with the client meanwhile (mapping.md section 6.2).</summary>
/// <param name="Dialect">Name of the dialect it came from.</param>
/// <param name="Field">Field it stood in: <c>reasoning_content</c>, <c>reasoning</c>, <c>reasoning_details</c>, <c>content</c>.</param>
/// <param name="Text">The whole text, if the visible text differs or is empty; else null.</param>
/// <param name="Details">The raw JSON array <c>reasoning_details</c>, or empty.</param>
/// <param name="ExtraContent">Raw JSON <c>extra_content</c> by tool use id (Gemini's thought signatures), or null.</param>
public sealed record SealedReasoning(
    string Dialect,
    string Field,
    string? Text = null,
    ReadOnlyMemory<byte> Details = default,
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? ExtraContent = null);

/// <summary>Writes and reads the <c>gw1.</c> signatures of thinking blocks.</summary>
public static class ReasoningSignature
{
    /// <summary>Compresses and seals <paramref name="reasoning"/>; ASCII, begins with <c>gw1.</c>; the same input gives the same signature.</summary>
    public static string Seal(SealedReasoning reasoning, ReadOnlySpan<byte> key) => throw new NotImplementedException();

    /// <summary>Opens a signature of ours; null if it is another's, was changed, or was sealed with another key.</summary>
    /// <param name="signature">The bytes between the quotes.</param>
    /// <param name="key">The key it was sealed with.</param>
    public static SealedReasoning? Open(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> key) => throw new NotImplementedException();
}
