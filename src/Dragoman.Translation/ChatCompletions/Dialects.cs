namespace Dragoman.Translation.ChatCompletions;

/// <summary>The presets, by name.</summary>
public static class Dialects
{
    /// <summary>A server that nothing is known of.</summary>
    public static Dialect Generic { get; } = new() { Name = "generic" };
}
