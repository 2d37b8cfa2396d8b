using Dragoman.Protocol.Json;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Structured output (mapping.md section 7; failures.md D10).</summary>
internal sealed class OutputFormat
{
    private readonly Dialect _dialect;
    private readonly JsonView _schema;
    private readonly ResponseFormat _form;

    /// <exception cref="TranslationException">The format is none the API knows.</exception>
    public OutputFormat(RequestTranslation translation, bool hasTools)
    {
        _dialect = translation.Dialect;
        var format = translation.Request.OutputFormat;
        if (format.IsMissing)
            return;
        if (!format.IsObject)
            throw InvalidRequest.At(format, "Input should be an object");
        if (!InvalidRequest.RequireString(format["type"u8], format, "type").Equals("json_schema"u8))
            throw InvalidRequest.At(format["type"u8], "Input should be 'json_schema'");
        _schema = InvalidRequest.RequireObject(format["schema"u8], format, "schema");
        IsWanted = true;
        _form = hasTools && _dialect.ResponseFormatExcludesTools ? ResponseFormat.None : _dialect.ResponseFormat;
    }

    /// <summary>The client asked for JSON text.</summary>
    public bool IsWanted { get; }

    /// <summary>What the system prompt must say, where the backend cannot be given a schema; else null.</summary>
    public SystemSuffix? Suffix => IsWanted && _form != ResponseFormat.JsonSchema ? new SystemSuffix(_schema) : null;

    /// <summary>Writes <c>response_format</c>.</summary>
    public void Write(ref ChatRequestWriter chat)
    {
        if (!IsWanted || _form == ResponseFormat.None)
            return;

        chat.StartObject("response_format"u8);
        if (_form == ResponseFormat.JsonObject)
        {
            chat.Text("type"u8, "json_object");
        }
        else
        {
            chat.Text("type"u8, "json_schema");
            chat.StartObject("json_schema"u8);
            chat.Text("name"u8, "response");
            chat.Member("schema"u8);
            new SchemaWriter(_dialect.SchemaFilters, _schema).Write(ref chat, _schema);
            if ((_dialect.SchemaFilters & SchemaFilters.AdditionalProperties) == 0 && StrictSubset.Holds(_schema))
                chat.Flag("strict"u8, true);
            chat.EndObject();
        }

        chat.EndObject();
    }
}
