using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Streaming;

/// <summary>Headers that tell what became of a request.</summary>
internal static class AnswerHeaders
{
    /// <summary>Names what was left out of the upstream request, if anything was. The names are plain ASCII: the translator reports no
    /// other (failures.md D18).</summary>
    public static void Write(IHeaderDictionary headers, AnswerContext answer)
    {
        if (answer.Dropped.Count > 0) headers["x-dragoman-dropped"] = string.Join(", ", answer.Dropped);
    }
}
