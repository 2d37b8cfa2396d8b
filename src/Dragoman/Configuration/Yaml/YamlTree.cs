namespace Dragoman.Configuration.Yaml;

/// <summary>Where in a file something stands; both count from 1.</summary>
internal readonly record struct Place(int Line, int Column) : IComparable<Place>
{
    public int CompareTo(Place other) => Line != other.Line ? Line.CompareTo(other.Line) : Column.CompareTo(other.Column);

    public override string ToString() => $"{Line}:{Column}";
}

/// <summary>A value of a YAML document that knows where it stands. An alias is the very value its anchor names.</summary>
internal abstract class YamlValue(Place at)
{
    public Place At => at;

    /// <summary>Values in it, itself included, each alias counted like what it stands for.</summary>
    public long Size { get; protected init; } = 1;
}

/// <summary>Text, a number, a word: what it means is for the reader to say.</summary>
/// <param name="text">Its content, unescaped.</param>
/// <param name="isPlain">It stands there without quotes, so that <c>null</c> and <c>~</c> mean no value.</param>
/// <param name="at">Where it begins.</param>
internal sealed class YamlScalar(string text, bool isPlain, Place at) : YamlValue(at)
{
    public string Text => text;

    /// <summary>No value, as the core schema of YAML 1.2 writes it.</summary>
    public bool IsNull => isPlain && (text is "" or "~" or "null" or "Null" or "NULL");
}

/// <summary>Values in an order.</summary>
internal sealed class YamlSequence : YamlValue
{
    public YamlSequence(IReadOnlyList<YamlValue> items, Place at) : base(at)
    {
        Items = items;
        Size = 1 + items.Sum(item => item.Size);
    }

    public IReadOnlyList<YamlValue> Items { get; }
}

/// <summary>Values under names, no name twice.</summary>
internal sealed class YamlMapping : YamlValue
{
    public YamlMapping(IReadOnlyList<YamlEntry> entries, Place at) : base(at)
    {
        Entries = entries;
        Size = 1 + entries.Sum(entry => entry.Value.Size);
    }

    public IReadOnlyList<YamlEntry> Entries { get; }
}

/// <summary>A name and its value; <paramref name="At"/> is where the name stands.</summary>
internal readonly record struct YamlEntry(string Key, Place At, YamlValue Value);
