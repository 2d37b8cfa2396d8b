using System.Text;
using System.Text.RegularExpressions;

namespace Dragoman.Configuration.Yaml;

/// <summary>Puts in what a file only names: <c>${NAME}</c> an environment variable, <c>${NAME:-default}</c> one that may be missing or
/// empty, <c>${file:/path}</c> a file's content without the line's end, <c>$$</c> a dollar.</summary>
/// <param name="variable">Reads an environment variable; null: not set.</param>
/// <param name="folder">Relative paths begin here.</param>
internal sealed partial class Substitution(Func<string, string?> variable, string folder)
{
    // Secrets and certificates are smaller by far.
    private const int LargestFile = 256 << 10;

    private readonly Dictionary<string, FileContent> _files = new(StringComparer.Ordinal);

    /// <summary>The files that were named, found or not, as they were read; each once.</summary>
    public IReadOnlyCollection<FileContent> Files => _files.Values;

    /// <summary>Puts everything in.</summary>
    /// <exception cref="FormatException">Something is not there, or is not written as it should be. The message, whole sentences, names
    /// what was asked for, never what was found.</exception>
    public SubstitutedText Apply(string text)
    {
        if (!text.Contains('$')) return new(text, []);
        var result = new StringBuilder(text.Length);
        var sources = new List<string>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length || text[i + 1] is not ('$' or '{'))
            {
                result.Append(text[i]);
            }
            else if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else
            {
                var end = text.IndexOf('}', i);
                if (end < 0) throw new FormatException("'${' is not closed by '}'. A dollar itself is written '$$'.");
                result.Append(Resolve(text[(i + 2)..end], sources));
                i = end;
            }
        }

        return new(result.ToString(), sources);
    }

    private string Resolve(string inner, List<string> sources)
    {
        if (inner.StartsWith("file:", StringComparison.Ordinal))
        {
            sources.Add($"the file {inner[5..]}");
            return Read(inner[5..]);
        }

        var fallback = inner.IndexOf(":-", StringComparison.Ordinal);
        var name = fallback < 0 ? inner : inner[..fallback];
        if (!VariableName().IsMatch(name))
        {
            throw new FormatException("'${' is followed by no name of an environment variable. Expected ${NAME}, ${NAME:-default} or ${file:/path}; a dollar itself is written '$$'.");
        }

        sources.Add($"the environment variable {name}");
        if (variable(name) is { Length: > 0 } value) return value;
        return fallback >= 0 ? inner[(fallback + 2)..]
            : throw new FormatException($"The environment variable {name} is not set, or empty. Set it, or write ${{{name}:-}} if it may be missing.");
    }

    private string Read(string path)
    {
        if (path.Length == 0) throw new FormatException("'${file:' is followed by no path.");
        var full = Path.GetFullPath(path, folder);
        if (!_files.TryGetValue(full, out var file)) _files[full] = file = FileContent.Read(full, LargestFile);
        if (file.Bytes is { } bytes) return Encoding.UTF8.GetString(bytes).TrimEnd('\n', '\r');
        throw new FormatException($"The file '{path}' {file.Fault}.");
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex VariableName();
}

/// <summary>A text with everything put in.</summary>
/// <param name="Text">The whole.</param>
/// <param name="Sources">Where its parts come from, in words; empty: it was written so.</param>
internal readonly record struct SubstitutedText(string Text, IReadOnlyList<string> Sources);
