using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Dragoman.Configuration.Yaml;

namespace Dragoman.Configuration.Tables;

/// <summary>What an operator can write in one place of the file: a key a row. Reading, the reference and the JSON Schema come from it.</summary>
/// <param name="name">What one of these is, such as <c>route</c>.</param>
/// <param name="meaning">A sentence about it for the reference.</param>
internal abstract class Table(string name, string meaning)
{
    public string Name => name;

    public string Meaning => meaning;

    /// <summary>In the order of the reference.</summary>
    public abstract IReadOnlyList<Member> Members { get; }
}

/// <summary>The table of an options record.</summary>
internal sealed class Table<T>(string name, string meaning) : Table(name, meaning), IEnumerable<Member<T>>
{
    private readonly List<Member<T>> _members = [];
    private readonly Dictionary<string, string> _refused = new(StringComparer.Ordinal);

    public override IReadOnlyList<Member> Members => _members;

    /// <summary>Adds a row.</summary>
    public void Add(Member<T> member) => _members.Add(member);

    /// <summary>Adds a row with a single value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="kind">What its value may be.</param>
    /// <param name="default">Its value unless set, as one would write it; null: it must be set.</param>
    /// <param name="set">Takes the value over.</param>
    /// <param name="meaning">What it does.</param>
    public void Add<TValue>(string key, ValueKind<TValue> kind, string? @default, Func<T, TValue, T> set, string meaning) =>
        Add(new ValueMember<T, TValue>(key, kind, @default, set, meaning));

    /// <summary>Adds a group of keys that is always there.</summary>
    public void Add<TPart>(string key, Table<TPart> part, Func<T, TPart> get, Func<T, TPart, T> set) =>
        Add(new SectionMember<T, TPart>(key, part, get, set));

    /// <summary>Adds a key that is no row, and the sentences that say why not.</summary>
    public void Add(string key, string refusal) => _refused.Add(key, refusal);

    /// <summary>Reads a mapping into <paramref name="start"/>; what is wrong is reported and left out.</summary>
    public T Read(T start, YamlValue value, string path, TableReading reading)
    {
        reading.Visit(path, value.At);
        if (value is YamlScalar { IsNull: true }) value = new YamlMapping([], value.At);
        if (value is not YamlMapping mapping)
        {
            reading.Report(path, value.At, $"Expected keys with values here, such as {_members[0].Key}.");
            return start;
        }

        var result = start;
        foreach (var entry in mapping.Entries)
        {
            var at = Join(path, entry.Key);
            if (TryFind(entry.Key, out var member))
            {
                reading.Visit(at, entry.Value.At);
                result = member.Read(result, entry.Value, at, reading);
            }
            else
            {
                reading.Report(at, entry.At, Unknown(entry.Key));
            }
        }

        foreach (var member in _members.Where(member => member.IsRequired && mapping.Entries.All(entry => entry.Key != member.Key)))
            reading.Report(Join(path, member.Key), mapping.At, $"It is missing. {member.Meaning}");
        return result;
    }

    /// <summary>Every single value, also of the groups, with keys such as <c>timeouts.ping</c>.</summary>
    public IEnumerable<Setting<T>> Settings() => _members.SelectMany(member => member.Settings());

    public IEnumerator<Member<T>> GetEnumerator() => _members.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private bool TryFind(string key, [MaybeNullWhen(false)] out Member<T> member)
    {
        member = _members.Find(member => member.Key == key);
        return member is not null;
    }

    private string Unknown(string key)
    {
        if (_refused.TryGetValue(key, out var why)) return why;
        var dot = key.IndexOf('.');
        if (dot > 0 && TryFind(key[..dot], out _)) return $"There is no key '{key}'. Write '{key[(dot + 1)..]}' as a key under '{key[..dot]}'.";
        var keys = _members.Select(member => member.Key).ToArray();
        return $"There is no key '{key}'. Did you mean '{NearestName.Of(key, keys)}'? Known keys: {string.Join(", ", keys)}.";
    }
}
