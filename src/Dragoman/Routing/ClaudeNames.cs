namespace Dragoman.Routing;

/// <summary>Names that Claude Code asks for by itself (claude-code.md section 3.3): what its words opus, sonnet and haiku mean today.</summary>
internal static class ClaudeNames
{
    /// <summary>The main model.</summary>
    public const string Main = "claude-opus-5-5";

    /// <summary>The model for work in the background.</summary>
    public const string Small = "claude-haiku-5-5";

    /// <summary>All of them, the largest first.</summary>
    public static readonly IReadOnlyList<string> Current = [Main, "claude-sonnet-5-5", Small];
}
