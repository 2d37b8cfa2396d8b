using Dragoman.Configuration.Yaml;

namespace Dragoman.Configuration.Tables;

/// <summary>One reading of a configuration file: what was found wrong, and where everything stands.</summary>
/// <param name="file">The file as the operator named it.</param>
/// <param name="substitution">Fills in what the file only names.</param>
internal sealed class TableReading(string file, Substitution substitution)
{
    /// <summary>Where a secret comes from that the file holds itself.</summary>
    public const string WrittenInTheFile = "written in the file";

    private readonly List<ConfigurationFault> _faults = [];
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal);

    public IReadOnlyList<ConfigurationFault> Faults => _faults;

    /// <summary>Where each key's value stands, by path.</summary>
    public IReadOnlyDictionary<string, Place> Places => _places;

    /// <summary>Where each secret comes from, in words, by path.</summary>
    public IReadOnlyDictionary<string, string> Secrets => _secrets;

    /// <summary>Remembers where a value stands.</summary>
    public void Visit(string path, Place at) => _places[path] = at;

    /// <summary>Reports a fault.</summary>
    public void Report(string path, Place at, string message) => _faults.Add(new(path, message) { Source = file, At = at });

    /// <summary>The text of a value with everything put in; null: it is none, and that was reported.</summary>
    public SubstitutedText? TextOf(YamlValue value, string path)
    {
        if (value is not YamlScalar { IsNull: false } scalar)
        {
            Report(path, value.At, value is YamlScalar ? "There is no value. Write one, or take the key out." : "Expected a single value.");
            return null;
        }

        try
        {
            return substitution.Apply(scalar.Text);
        }
        catch (FormatException e)
        {
            Report(path, value.At, e.Message);
            return null;
        }
    }

    /// <summary>Takes a single value or reports what is wrong with it.</summary>
    /// <returns>False: it was reported.</returns>
    public bool TryRead<T>(YamlValue value, string path, ValueKind<T> kind, out T result)
    {
        result = default!;
        if (TextOf(value, path) is not { } text) return false;
        if (kind.IsSecret && text.Text.Length > 0)
            _secrets[path] = text.Sources.Count == 0 ? WrittenInTheFile : "from " + string.Join(" and ", text.Sources);
        try
        {
            result = kind.Parse(text.Text);
            return true;
        }
        catch (FormatException e)
        {
            // What came from the environment or another file is nobody's to read; what stands here, the operator sees anyhow.
            var shown = !kind.IsQuoted ? "The value" : text.Sources.Count > 0 ? $"What {string.Join(" and ", text.Sources)} holds" : $"'{text.Text}'";
            Report(path, value.At, FaultText.Of(shown, e));
            return false;
        }
    }
}

/// <summary>Sentences about values that cannot be taken.</summary>
internal static class FaultText
{
    /// <summary>Completes the sentence that a <see cref="ValueKind{T}"/> began.</summary>
    public static string Of(string subject, FormatException e) => $"{subject} is {e.Message}{(e.Message.EndsWith('?') ? "" : ".")}";
}
