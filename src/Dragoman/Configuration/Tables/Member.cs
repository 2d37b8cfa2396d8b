using System.Text.Json;
using Dragoman.Configuration.Yaml;

namespace Dragoman.Configuration.Tables;

/// <summary>One key that an operator can write.</summary>
internal abstract class Member(string key, string meaning)
{
    public string Key => key;

    /// <summary>What it does: its line in the reference.</summary>
    public string Meaning => meaning;

    /// <summary>Its value unless set, as one would write it; null: it has none.</summary>
    public virtual string? Default => null;

    public virtual bool IsRequired => false;

    /// <summary>The table of the keys under it; null: it has a value.</summary>
    public virtual Table? Part => null;

    /// <summary>What stands between this key and those of <see cref="Part"/>: nothing, a list, a name.</summary>
    public virtual string PartSuffix => "";

    /// <summary>Writes the members of a JSON Schema object that describes the value.</summary>
    /// <param name="json">Takes them.</param>
    /// <param name="writePart">Writes a reference to a table's schema.</param>
    public abstract void WriteSchema(Utf8JsonWriter json, Action<Table> writePart);
}

/// <summary>A key of an options record.</summary>
internal abstract class Member<T>(string key, string meaning) : Member(key, meaning)
{
    /// <summary>Reads the key's value into <paramref name="owner"/>; what is wrong is reported and left out.</summary>
    public abstract T Read(T owner, YamlValue value, string path, TableReading reading);

    /// <summary>The single values in it.</summary>
    public virtual IEnumerable<Setting<T>> Settings() => [];
}

/// <summary>A key with a single value, or with a list of them.</summary>
internal sealed class ValueMember<T, TValue>(string key, ValueKind<TValue> kind, string? @default, Func<T, TValue, T> set, string meaning) : Member<T>(key, meaning)
{
    public override string? Default => @default;

    public override bool IsRequired => @default is null;

    public override T Read(T owner, YamlValue value, string path, TableReading reading)
    {
        if (kind.ParseList is { } parseList && value is YamlSequence sequence)
        {
            var items = new List<string>();
            for (var i = 0; i < sequence.Items.Count; i++)
            {
                reading.Visit($"{path}[{i}]", sequence.Items[i].At);
                if (reading.TryRead(sequence.Items[i], $"{path}[{i}]", ValueKinds.Text, out var item)) items.Add(item);
            }

            return set(owner, parseList(items));
        }

        return reading.TryRead(value, path, kind, out var result) ? set(owner, result) : owner;
    }

    public override IEnumerable<Setting<T>> Settings() =>
        [new(Key, @default ?? "", (owner, text) => set(owner, kind.Parse(text)), Meaning) { IsQuoted = kind.IsQuoted }];

    public override void WriteSchema(Utf8JsonWriter json, Action<Table> writePart) => kind.WriteSchema(json);
}

/// <summary>A group of keys that is always there; only what is set of it changes.</summary>
internal sealed class SectionMember<T, TPart>(string key, Table<TPart> part, Func<T, TPart> get, Func<T, TPart, T> set) : Member<T>(key, part.Meaning)
{
    public override Table Part => part;

    public override T Read(T owner, YamlValue value, string path, TableReading reading) => set(owner, part.Read(get(owner), value, path, reading));

    public override IEnumerable<Setting<T>> Settings() => part.Settings().Select(inner => new Setting<T>(
        $"{Key}.{inner.Key}", inner.Default, (owner, text) => set(owner, inner.Apply(get(owner), text)), inner.Meaning) { IsQuoted = inner.IsQuoted });

    public override void WriteSchema(Utf8JsonWriter json, Action<Table> writePart) => writePart(part);
}

/// <summary>A key of a part that stands among the keys of its owner.</summary>
internal sealed class InlineMember<T, TPart>(Member<TPart> row, Func<T, TPart> get, Func<T, TPart, T> set) : Member<T>(row.Key, row.Meaning)
{
    public override string? Default => row.Default;

    public override bool IsRequired => row.IsRequired;

    public override Table? Part => row.Part;

    public override string PartSuffix => row.PartSuffix;

    public override T Read(T owner, YamlValue value, string path, TableReading reading) => set(owner, row.Read(get(owner), value, path, reading));

    public override IEnumerable<Setting<T>> Settings() => row.Settings().Select(inner => new Setting<T>(
        inner.Key, inner.Default, (owner, text) => set(owner, inner.Apply(get(owner), text)), inner.Meaning) { IsQuoted = inner.IsQuoted });

    public override void WriteSchema(Utf8JsonWriter json, Action<Table> writePart) => row.WriteSchema(json, writePart);
}

/// <summary>A group of keys that may be missing.</summary>
internal sealed class ObjectMember<T, TPart>(string key, Table<TPart> part, TPart start, Func<T, TPart, T> set) : Member<T>(key, part.Meaning)
{
    public override Table Part => part;

    public override T Read(T owner, YamlValue value, string path, TableReading reading) => set(owner, part.Read(start, value, path, reading));

    public override void WriteSchema(Utf8JsonWriter json, Action<Table> writePart) => writePart(part);
}

/// <summary>A list of groups of keys.</summary>
internal sealed class ListMember<T, TPart>(string key, Table<TPart> part, TPart start, Func<T, IReadOnlyList<TPart>, T> set, bool isRequired = false)
    : Member<T>(key, part.Meaning)
{
    public override Table Part => part;

    public override string PartSuffix => "[]";

    public override bool IsRequired => isRequired;

    public override T Read(T owner, YamlValue value, string path, TableReading reading)
    {
        if (value is YamlScalar { IsNull: true }) return owner;
        if (value is not YamlSequence sequence)
        {
            reading.Report(path, value.At, $"Expected a list here: an entry for each {part.Name}, begun with '- '.");
            return owner;
        }

        return set(owner, [.. sequence.Items.Select((item, i) => part.Read(start, item, $"{path}[{i}]", reading))]);
    }

    public override void WriteSchema(Utf8JsonWriter json, Action<Table> writePart)
    {
        json.WriteString("type"u8, "array"u8);
        json.WriteStartObject("items"u8);
        writePart(part);
        json.WriteEndObject();
    }
}

/// <summary>Groups of keys, each under a name of the operator's choice.</summary>
internal sealed class MapMember<T, TPart>(string key, Table<TPart> part, Func<string, TPart> start, Func<T, IReadOnlyList<TPart>, T> set) : Member<T>(key, part.Meaning)
{
    public override Table Part => part;

    public override string PartSuffix => ".NAME";

    public override T Read(T owner, YamlValue value, string path, TableReading reading)
    {
        if (value is YamlScalar { IsNull: true }) return owner;
        if (value is not YamlMapping mapping)
        {
            reading.Report(path, value.At, $"Expected a name for each {part.Name}, and its keys under it.");
            return owner;
        }

        return set(owner, [.. mapping.Entries.Select(entry => part.Read(start(entry.Key), entry.Value, $"{path}.{entry.Key}", reading))]);
    }

    public override void WriteSchema(Utf8JsonWriter json, Action<Table> writePart)
    {
        json.WriteString("type"u8, "object"u8);
        json.WriteStartObject("additionalProperties"u8);
        writePart(part);
        json.WriteEndObject();
    }
}

/// <summary>Texts under names.</summary>
internal sealed class TextsMember<T>(string key, ValueKind<string?> kind, Func<T, IReadOnlyDictionary<string, string>, T> set, string meaning) : Member<T>(key, meaning)
{
    public override T Read(T owner, YamlValue value, string path, TableReading reading)
    {
        if (value is YamlScalar { IsNull: true }) return owner;
        if (value is not YamlMapping mapping)
        {
            reading.Report(path, value.At, "Expected names with a text each.");
            return owner;
        }

        var texts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in mapping.Entries)
        {
            var at = $"{path}.{entry.Key}";
            reading.Visit(at, entry.Value.At);
            if (reading.TryRead(entry.Value, at, kind, out var text) && !texts.TryAdd(entry.Key, text ?? ""))
                reading.Report(at, entry.At, $"'{entry.Key}' stands here twice; capital and small letters are the same.");
        }

        return set(owner, texts);
    }

    public override void WriteSchema(Utf8JsonWriter json, Action<Table> writePart)
    {
        json.WriteString("type"u8, "object"u8);
        json.WriteStartObject("additionalProperties"u8);
        json.WriteStartArray("type"u8);
        json.WriteStringValue("string"u8);
        json.WriteStringValue("number"u8);
        json.WriteStringValue("boolean"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
