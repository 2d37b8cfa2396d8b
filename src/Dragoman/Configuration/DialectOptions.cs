using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Configuration;

/// <summary>What an operator knows better of the backends than their presets do. Null: the preset's word stands.</summary>
internal sealed record DialectOptions
{
    /// <summary>Tool calls that leak into the text are looked for. (failures.md B20)</summary>
    public ToolLeak? ToolLeak { get; init; }

    /// <summary>Whether think tags in the text are reasoning. (failures.md C3)</summary>
    public ThinkTags? ThinkTags { get; init; }

    /// <summary>Images the model takes.</summary>
    public Images? Images { get; init; }

    /// <summary>How PDF documents are handed over.</summary>
    public PdfDocuments? Pdf { get; init; }

    /// <summary>The gateway matches stop sequences itself, so that <c>stop_reason</c> is exact (mapping.md section 8).</summary>
    public bool? ExactStop { get; init; }

    /// <summary>What would be left out and reported is refused instead.</summary>
    public bool? Strict { get; init; }

    /// <summary>Prompt and answer together, in tokens, for backends that do not tell.</summary>
    public int? ContextWindow { get; init; }

    /// <summary>Longest answer, in tokens.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>The preset, as corrected.</summary>
    public Dialect ApplyTo(Dialect preset) => preset with
    {
        ToolLeak = ToolLeak ?? preset.ToolLeak,
        ThinkTags = ThinkTags ?? preset.ThinkTags,
        Images = Images ?? preset.Images,
        Pdf = Pdf ?? preset.Pdf,
        ExactStop = ExactStop ?? preset.ExactStop,
        Strict = Strict ?? preset.Strict,
        MaxOutputTokens = MaxOutputTokens ?? preset.MaxOutputTokens,
    };
}
