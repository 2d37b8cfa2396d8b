using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Whether a schema already is what <c>strict: true</c> demands. Never made so: optional properties must stay optional.</summary>
internal static class StrictSubset
{
    // Each property is looked for among the required ones.
    private const int MostProperties = 1000;

    /// <summary>Whether every object in it requires all its properties and allows no others, and nothing in it is outside the subset.</summary>
    public static bool Holds(JsonView schema)
    {
        if (!schema.IsObject)
            return false;

        var properties = default(JsonView);
        var required = default(JsonView);
        var isClosed = false;
        var isObject = false;
        foreach (var member in schema.Members)
        {
            var value = member.Value;
            if (member.NameEquals("type"u8))
                isObject |= value.Equals("object"u8);
            else if (member.NameEquals("properties"u8))
                properties = value;
            else if (member.NameEquals("required"u8))
                required = value;
            else if (member.NameEquals("additionalProperties"u8))
                isClosed = value.Raw.SequenceEqual("false"u8);
            else if (member.NameEquals("items"u8) ? !Holds(value) : !AllHold(member))
                return false;
        }

        return (!isObject && !properties.IsPresent) || (isClosed && AllRequired(properties, required));
    }

    private static bool AllHold(JsonMember member)
    {
        if (member.NameEquals("anyOf"u8))
        {
            foreach (var item in member.Value.Items)
            {
                if (!Holds(item))
                    return false;
            }

            return member.Value.IsArray;
        }

        if (member.NameEquals("$defs"u8) || member.NameEquals("definitions"u8))
        {
            foreach (var definition in member.Value.Members)
            {
                if (!Holds(definition.Value))
                    return false;
            }

            return true;
        }

        return !(member.NameEquals("allOf"u8) || member.NameEquals("oneOf"u8) || member.NameEquals("not"u8) || member.NameEquals("if"u8)
            || member.NameEquals("then"u8) || member.NameEquals("else"u8) || member.NameEquals("patternProperties"u8)
            || member.NameEquals("propertyNames"u8) || member.NameEquals("prefixItems"u8) || member.NameEquals("dependentRequired"u8)
            || member.NameEquals("dependentSchemas"u8) || member.NameEquals("contains"u8));
    }

    private static bool AllRequired(JsonView properties, JsonView required)
    {
        var count = 0;
        foreach (var property in properties.Members)
        {
            if (++count > MostProperties || !Holds(property.Value) || !Names(required, property.Name))
                return false;
        }

        return true;
    }

    private static bool Names(JsonView required, JsonView name)
    {
        var count = 0;
        foreach (var item in required.Items)
        {
            if (++count > MostProperties)
                return false;
            if (item.RawString.SequenceEqual(name.RawString))
                return true;
        }

        return false;
    }
}
