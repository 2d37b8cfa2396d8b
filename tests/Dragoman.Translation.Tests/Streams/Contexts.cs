using System.Text;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Streams;

/// <summary>Requests as the translation of answers knows them.</summary>
internal static class Contexts
{
    internal static readonly byte[] SignatureKey = Encoding.UTF8.GetBytes("a key for tests");

    /// <summary>A plain request, new each time: used tool ids are remembered in it.</summary>
    /// <param name="dialect">The backend; nothing known of it by default.</param>
    /// <param name="tools">Offered tools; <c>name(property)</c> for one whose schema has that property alone.</param>
    internal static AnswerContext New(Dialect? dialect = null, params string[] tools) => new()
    {
        Model = "claude-test",
        Backend = "local",
        Dialect = dialect ?? Dialects.Generic,
        Tools = Tools(tools),
        UsedToolIds = new UsedToolIds(),
        Stream = true,
        UpstreamStream = true,
        ShowThinking = true,
        EstimatedInputTokens = 100,
        MaxTokens = 32000,
        SignatureKey = SignatureKey,
    };

    internal static ToolNames Tools(params string[] tools)
    {
        var names = new ToolNames();
        foreach (var tool in tools)
        {
            var parenthesis = tool.IndexOf('(', StringComparison.Ordinal);
            if (parenthesis < 0) names.Offer(tool);
            else names.Offer(tool[..parenthesis], onlyProperty: tool[(parenthesis + 1)..^1]);
        }

        return names;
    }
}
