using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>What the gateway adds to the system prompt: the schema of the wanted answer, for backends that cannot be given it otherwise.</summary>
/// <param name="Schema">The JSON Schema, or absent for any JSON.</param>
internal sealed record SystemSuffix(JsonView Schema)
{
    /// <summary>Adds it to the system message.</summary>
    public void AddTo(ConversationDraft draft)
    {
        draft.StartPart(DraftPartKind.Text);
        draft.Own("Answer with a single JSON value and nothing else: no explanation, no code fences. "u8);
        draft.Own("It must be valid against this JSON Schema:\\n"u8);
        draft.JsonText(Schema);
    }
}
