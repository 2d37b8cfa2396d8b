namespace Dragoman.Streaming;

/// <summary>Headers that tell what became of a request.</summary>
internal static class AnswerHeaders
{
    /// <summary>Names what was left out of the upstream request, if anything was.</summary>
    public static void Write(IHeaderDictionary headers, IReadOnlyList<string> dropped)
    {
        if (dropped.Count > 0) headers["x-dragoman-dropped"] = string.Join(", ", dropped);
    }
}
