using Dragoman.Protocol.Json;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>JSON Schemas for a backend: copied raw, but for what its dialect filters (mapping.md section 5.1, failures.md B21).</summary>
/// <remarks>Walks schemas only where keywords hold schemas, so that a property named <c>$id</c> or a default named <c>format</c> stays.</remarks>
internal ref struct SchemaWriter(SchemaFilters filters, JsonView root)
{
    private const int DeepestReference = 16;
    private const int MostReferences = 2000;
    private const int MostReferencedBytes = 1024 * 1024;
    private const int MostMembersBesideReference = 32;

    private readonly SchemaFilters _filters = filters;
    private readonly JsonView _root = root;
    private readonly JsonView _definitions = root["$defs"u8];
    private readonly JsonView _olderDefinitions = root["definitions"u8];
    private int _references;
    private int _referencedBytes;

    // Definitions that are being written out, by their place: meeting one again means it refers to itself.
    private List<int>? _open;

    /// <summary>Writes a tool's schema: always an object with properties at the root.</summary>
    public void WriteRoot(ref ChatRequestWriter chat)
    {
        if (!_root.IsObject)
        {
            chat.Json.Raw("{\"type\":\"object\",\"properties\":{}}"u8);
            return;
        }

        var hasType = !_root["type"u8].IsMissing;
        var hasProperties = !_root["properties"u8].IsMissing;
        if (hasType && hasProperties && !NeedsFilter(_root.Raw))
        {
            chat.Json.Raw(_root.Raw);
            return;
        }

        chat.StartObject();
        if (!hasType)
            chat.Raw("type"u8, "\"object\""u8);
        WriteMembers(ref chat, _root);
        if (!hasProperties)
            chat.Raw("properties"u8, "{}"u8);
        chat.EndObject();
    }

    /// <summary>Writes any schema.</summary>
    public void Write(ref ChatRequestWriter chat, JsonView schema)
    {
        if (!schema.IsObject || !NeedsFilter(schema.Raw))
        {
            chat.Json.Raw(schema.Raw);
            return;
        }

        chat.StartObject();
        WriteMembers(ref chat, schema);
        chat.EndObject();
    }

    private readonly bool Has(SchemaFilters filter) => (_filters & filter) != 0;

    /// <summary>Whether anything in a schema could be filtered: most dialects take out names with a dollar only, and most schemas have none below the root.</summary>
    private readonly bool NeedsFilter(ReadOnlySpan<byte> raw) => _filters switch
    {
        SchemaFilters.None => false,
        SchemaFilters.Schema => raw.IndexOf("\"$"u8) >= 0,
        _ => true,
    };

    private void WriteMembers(ref ChatRequestWriter chat, JsonView schema)
    {
        var siblings = Has(SchemaFilters.ExclusiveBounds | SchemaFilters.NullableTypes | SchemaFilters.InlineDefinitions) ? Siblings.Of(schema) : default;
        foreach (var member in schema.Members)
            WriteMember(ref chat, schema, siblings, member.Name.RawString, member.Value);
    }

    private void WriteMember(ref ChatRequestWriter chat, JsonView schema, in Siblings siblings, ReadOnlySpan<byte> name, JsonView value)
    {
        switch (KeywordOf(name))
        {
            case Keyword.Identity when Has(SchemaFilters.Schema):
            case Keyword.Definitions when Has(SchemaFilters.InlineDefinitions):
            case Keyword.Conditional or Keyword.ConditionalMap when Has(SchemaFilters.Conditionals):
            case Keyword.Pattern when Has(SchemaFilters.Pattern):
            case Keyword.Format when Has(SchemaFilters.Format) && !value.Equals("enum"u8) && !value.Equals("date-time"u8):
            case Keyword.AdditionalProperties when Has(SchemaFilters.AdditionalProperties):
            case Keyword.Enum when Has(SchemaFilters.EmptyEnum) && value.IsArray && value.IsEmpty:
            case Keyword.Properties when value.IsMissing:
                break;
            case Keyword.Reference when Has(SchemaFilters.InlineDefinitions):
                WriteReferenced(ref chat, schema, siblings, value);
                break;
            case Keyword.Const when Has(SchemaFilters.Const):
                chat.StartArray("enum"u8);
                chat.Json.Raw(value.Raw);
                chat.EndArray();
                break;
            case Keyword.ExclusiveMinimum when Has(SchemaFilters.ExclusiveBounds):
                WriteBound(ref chat, "minimum"u8, siblings.HasMinimum, value);
                break;
            case Keyword.ExclusiveMaximum when Has(SchemaFilters.ExclusiveBounds):
                WriteBound(ref chat, "maximum"u8, siblings.HasMaximum, value);
                break;
            case Keyword.Type when Has(SchemaFilters.NullableTypes) && value.IsArray && !siblings.HasAnyOf:
                WriteTypes(ref chat, value);
                break;
            case Keyword.Properties or Keyword.Definitions or Keyword.ConditionalMap when value.IsObject:
                chat.StartObject(name);
                foreach (var property in value.Members)
                {
                    chat.Member(property.Name.RawString);
                    Write(ref chat, property.Value);
                }

                chat.EndObject();
                break;
            case Keyword.Schema or Keyword.Items or Keyword.AdditionalProperties or Keyword.Conditional when value.IsObject:
                chat.Member(name);
                Write(ref chat, value);
                break;
            case Keyword.Schemas or Keyword.Items when value.IsArray:
                var isTuple = KeywordOf(name) == Keyword.Items && Has(SchemaFilters.TupleItems);
                chat.StartArray(isTuple ? "prefixItems"u8 : name);
                foreach (var item in value.Items)
                {
                    chat.Item();
                    Write(ref chat, item);
                }

                chat.EndArray();
                break;
            default:
                chat.Raw(name, value.Raw);
                break;
        }
    }

    /// <summary>Writes what a reference points to in its place. What refers to itself ends with no more than its type.</summary>
    private void WriteReferenced(ref ChatRequestWriter chat, JsonView schema, in Siblings siblings, JsonView reference)
    {
        if (++_references > MostReferences)
            return;
        var raw = reference.RawString;
        var name = raw.StartsWith("#/$defs/"u8) ? raw["#/$defs/"u8.Length..]
            : raw.StartsWith("#/definitions/"u8) ? raw["#/definitions/"u8.Length..]
            : default;
        var definition = _definitions[name] is { IsObject: true } found ? found : _olderDefinitions[name];
        if (!definition.IsObject)
            return;

        // A small schema can refer to itself so often that it would fill any memory.
        _referencedBytes = Math.Min(_referencedBytes + definition.Raw.Length, int.MaxValue / 2);
        _open ??= [];
        if (_open.Contains(definition.Position) || _open.Count == DeepestReference || _referencedBytes > MostReferencedBytes
            || siblings.Count > MostMembersBesideReference)
        {
            if (definition["type"u8] is { IsMissing: false } type)
                chat.Raw("type"u8, type.Raw);
            return;
        }

        _open.Add(definition.Position);
        var inner = Siblings.Of(definition);
        foreach (var member in definition.Members)
        {
            // What stands beside the reference is said of this place and counts.
            if (!schema[member.Name.RawString].IsPresent)
                WriteMember(ref chat, definition, inner, member.Name.RawString, member.Value);
        }

        _open.RemoveAt(_open.Count - 1);
    }

    private static void WriteBound(ref ChatRequestWriter chat, ReadOnlySpan<byte> bound, bool hasBound, JsonView value)
    {
        // The oldest drafts say exclusiveMinimum: true beside a minimum.
        if (value.Kind == System.Text.Json.JsonValueKind.Number && !hasBound)
            chat.Raw(bound, value.Raw);
    }

    private static void WriteTypes(ref ChatRequestWriter chat, JsonView types)
    {
        chat.StartArray("anyOf"u8);
        foreach (var type in types.Items)
        {
            chat.Item();
            chat.StartObject();
            chat.Raw("type"u8, type.Raw);
            chat.EndObject();
        }

        chat.EndArray();
    }

    /// <summary>What stands in one schema object, looked up once: an object can have any number of members, and the same one often.</summary>
    private readonly record struct Siblings(int Count, bool HasMinimum, bool HasMaximum, bool HasAnyOf)
    {
        public static Siblings Of(JsonView schema)
        {
            var siblings = default(Siblings);
            foreach (var member in schema.Members)
            {
                siblings = new Siblings(
                    siblings.Count + 1,
                    siblings.HasMinimum || member.NameEquals("minimum"u8),
                    siblings.HasMaximum || member.NameEquals("maximum"u8),
                    siblings.HasAnyOf || member.NameEquals("anyOf"u8));
            }

            return siblings;
        }
    }

    private enum Keyword
    {
        Other,
        Identity,
        Definitions,
        Reference,
        Properties,
        Schema,
        Schemas,
        Items,
        AdditionalProperties,
        Conditional,
        ConditionalMap,
        Type,
        Enum,
        Const,
        Format,
        Pattern,
        ExclusiveMinimum,
        ExclusiveMaximum,
    }

    private static Keyword KeywordOf(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("type"u8) => Keyword.Type,
        _ when name.SequenceEqual("properties"u8) => Keyword.Properties,
        _ when name.SequenceEqual("items"u8) => Keyword.Items,
        _ when name.SequenceEqual("additionalProperties"u8) => Keyword.AdditionalProperties,
        _ when name.SequenceEqual("enum"u8) => Keyword.Enum,
        _ when name.SequenceEqual("anyOf"u8) || name.SequenceEqual("oneOf"u8) || name.SequenceEqual("allOf"u8)
            || name.SequenceEqual("prefixItems"u8) => Keyword.Schemas,
        _ when name.SequenceEqual("const"u8) => Keyword.Const,
        _ when name.SequenceEqual("format"u8) => Keyword.Format,
        _ when name.SequenceEqual("pattern"u8) => Keyword.Pattern,
        _ when name.SequenceEqual("exclusiveMinimum"u8) => Keyword.ExclusiveMinimum,
        _ when name.SequenceEqual("exclusiveMaximum"u8) => Keyword.ExclusiveMaximum,
        _ when name.SequenceEqual("$schema"u8) || name.SequenceEqual("$id"u8) || name.SequenceEqual("$comment"u8) => Keyword.Identity,
        _ when name.SequenceEqual("$ref"u8) => Keyword.Reference,
        _ when name.SequenceEqual("$defs"u8) || name.SequenceEqual("definitions"u8) => Keyword.Definitions,
        _ when name.SequenceEqual("patternProperties"u8) => Keyword.ConditionalMap,
        _ when name.SequenceEqual("propertyNames"u8) || name.SequenceEqual("not"u8) || name.SequenceEqual("if"u8)
            || name.SequenceEqual("then"u8) || name.SequenceEqual("else"u8) => Keyword.Conditional,
        _ when name.SequenceEqual("contains"u8) || name.SequenceEqual("additionalItems"u8)
            || name.SequenceEqual("unevaluatedItems"u8) || name.SequenceEqual("unevaluatedProperties"u8) => Keyword.Schema,
        _ => Keyword.Other,
    };
}
