using System.Globalization;
using System.Text;

namespace Dragoman.Protocol.Json;

/// <summary>Places inside a text as people read them: <c>messages.3.content.0</c>.</summary>
internal static class JsonPath
{
    // Nobody follows a path further, and a text that is nested to break parsers need not be told back in full.
    private const int DeepestShown = 16;

    /// <summary>The place of a token of a complete index.</summary>
    public static string Of(ReadOnlySpan<JsonToken> tokens, ReadOnlySpan<byte> text, int target)
    {
        var path = new StringBuilder();
        var container = 0;
        while (container < target)
        {
            var child = FindChild(tokens, container, target, out var index);
            AppendStep(path, tokens, text, container, child, index);
            container = child;
        }

        return path.ToString();
    }

    /// <summary>The place of the value that would come next, while the index is still being made.</summary>
    /// <param name="tokens">The index so far.</param>
    /// <param name="text">The text.</param>
    /// <param name="open">The innermost open container, or -1.</param>
    public static string OfNextValue(ReadOnlySpan<JsonToken> tokens, ReadOnlySpan<byte> text, int open)
    {
        // Containers that are still open know only what is around them, so the way down is gathered from below.
        var chain = new List<int>();
        for (var container = open; container >= 0; container = tokens[container].Next)
            chain.Add(container);
        chain.Reverse();

        var path = new StringBuilder();
        for (var level = 0; level < chain.Count; level++)
        {
            if (level == DeepestShown)
            {
                path.Append(".…");
                break;
            }

            var container = chain[level];
            var end = level + 1 < chain.Count ? chain[level + 1] : tokens.Length;
            var child = container + 1;
            var index = 0;
            var lastName = -1;
            while (child < end)
            {
                if (tokens[child].IsName)
                    lastName = child;
                else
                    index++;
                child = tokens[child].Next;
            }

            if (tokens[container].Kind == JsonTokenKind.Array)
                AppendStep(path, tokens, text, container, child, index);
            else if (lastName >= 0)
                AppendStep(path, tokens, text, container, lastName + 1, index);
        }

        return path.ToString();
    }

    /// <summary>The child of a closed container that is or holds <paramref name="target"/>.</summary>
    public static int FindChild(ReadOnlySpan<JsonToken> tokens, int container, int target, out int index)
    {
        index = 0;
        var child = container + 1;
        while (tokens[child].IsName || tokens[child].Next <= target)
        {
            if (!tokens[child].IsName)
                index++;
            child = tokens[child].Next;
        }

        return child;
    }

    private static void AppendStep(
        StringBuilder path, ReadOnlySpan<JsonToken> tokens, ReadOnlySpan<byte> text, int container, int child, int index)
    {
        if (path.Length > 0)
            path.Append('.');
        if (tokens[container].Kind == JsonTokenKind.Array)
        {
            path.Append(CultureInfo.InvariantCulture, $"{index}");
            return;
        }

        const int longestName = 64;
        var name = JsonStrings.Decode(text.Slice(tokens[child - 1].Start + 1, tokens[child - 1].Length - 2));
        path.Append(name.Length <= longestName ? name : name[..longestName] + "…");
    }
}
