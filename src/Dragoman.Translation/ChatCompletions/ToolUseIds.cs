namespace Dragoman.Translation.ChatCompletions;

/// <summary>Ids of tool calls on both sides (mapping.md section 5.3): stateless, the id itself carries what is needed.</summary>
public static class ToolUseIds
{
    /// <summary>The backend's form of a client's id: one function for calls and results alike.</summary>
    public static string ToUpstream(string id, ToolIdForm form) => throw new NotImplementedException();

    /// <summary>The client's form of a backend's id: kept if it is safe, else encoded reversibly; null if it is blank and a fresh one is needed.</summary>
    /// <param name="id">Unescaped UTF-8.</param>
    public static string? ToClient(ReadOnlySpan<byte> id) => throw new NotImplementedException();
}

/// <summary>Tool call ids that stand in a conversation. Holds hashes, not the ids.</summary>
public sealed class UsedToolIds
{
    /// <summary>Marks <paramref name="id"/> as used.</summary>
    /// <returns>False if it was used before.</returns>
    public bool Add(string id) => throw new NotImplementedException();
}
