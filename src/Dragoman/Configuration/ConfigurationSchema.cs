using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dragoman.Configuration.Tables;

namespace Dragoman.Configuration;

/// <summary>The JSON Schema of the configuration file, for editors: from the same tables that read it.</summary>
internal static class ConfigurationSchema
{
    /// <summary>The schema, indented, with a line end at its end.</summary>
    public static string Write()
    {
        var bytes = new ArrayBufferWriter<byte>(64 << 10);
        // Relaxed: it is read by people, and never stands in a page.
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema"u8, "https://json-schema.org/draft/2020-12/schema"u8);
            json.WriteString("title"u8, "Configuration of Dragoman"u8);
            WriteTable(json, GatewayTable.Root);
            json.WriteStartObject("$defs"u8);
            foreach (var table in Parts(GatewayTable.Root))
            {
                json.WriteStartObject(NameOf(table));
                WriteTable(json, table);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n";
    }

    /// <summary>The tables under a table, each once, in the order of the reference.</summary>
    public static IReadOnlyList<Table> Parts(Table root)
    {
        var found = new List<Table>();
        Gather(root);
        return found;

        void Gather(Table table)
        {
            foreach (var part in table.Members.Select(member => member.Part).OfType<Table>())
            {
                if (found.Contains(part)) continue;
                found.Add(part);
                Gather(part);
            }
        }
    }

    private static void WriteTable(Utf8JsonWriter json, Table table)
    {
        json.WriteString("type"u8, "object"u8);
        json.WriteString("description"u8, table.Meaning);
        json.WriteBoolean("additionalProperties"u8, false);
        var required = table.Members.Where(member => member.IsRequired).ToList();
        if (required.Count > 0)
        {
            json.WriteStartArray("required"u8);
            foreach (var member in required) json.WriteStringValue(member.Key);
            json.WriteEndArray();
        }

        json.WriteStartObject("properties"u8);
        foreach (var member in table.Members)
        {
            json.WriteStartObject(member.Key);
            json.WriteString("description"u8, member.Default is { Length: > 0 } value ? $"{member.Meaning} Default: {value}." : member.Meaning);
            member.WriteSchema(json, part => json.WriteString("$ref"u8, $"#/$defs/{NameOf(part)}"));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static string NameOf(Table table) => table.Name.Replace(' ', '_');
}
