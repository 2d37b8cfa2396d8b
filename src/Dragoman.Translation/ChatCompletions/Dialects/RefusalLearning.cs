namespace Dragoman.Translation.ChatCompletions;

/// <summary>What one refusal taught about a backend and model.</summary>
/// <param name="Dialect">The dialect to go on with.</param>
/// <param name="What">One phrase for the log and <c>/readyz</c>: <c>does not take temperature</c>.</param>
public sealed record Lesson(Dialect Dialect, string What);

/// <summary>Learns from a refused request what to leave out next time.</summary>
/// <remarks>A preset describes a vendor, but models of one vendor differ, and versions of one server too. Instead of a table of models that is
/// out of date the day it is written, the first refusal of a parameter changes the dialect, the request is translated again, and the
/// lesson is remembered for that backend and model (mapping.md section 10, failures.md C5, C6, E2).</remarks>
public static class RefusalLearning
{
    private static readonly string[] EffortWords = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

    /// <summary>What <paramref name="error"/> teaches; null if it is no refusal of something we can do without, or the dialect does without it already.</summary>
    public static Lesson? Learn(Dialect dialect, TranslatedError error)
    {
        if (error.Kind != UpstreamErrorKind.RefusedParameter || error.Parameter is not { Length: > 0 } parameter)
            return null;
        // The innermost name decides: "reasoning.effort", "body.stream_options.include_usage", "messages.0.reasoning_content".
        var path = parameter.Split('.', StringSplitOptions.RemoveEmptyEntries);
        for (var i = path.Length - 1; i >= 0; i--)
        {
            if (OfField(dialect, path[i], error.Error.Message) is { } learned)
                return learned.Dialect == dialect ? null : learned;
        }
        return null;
    }

    private static Lesson? OfField(Dialect dialect, string field, string message) => field switch
    {
        "max_tokens" or "max_completion_tokens" => MaxTokens(dialect, field, message),
        "stream_options" or "include_usage" => Without(dialect with { StreamUsage = false }, "stream_options"),
        "parallel_tool_calls" => Without(dialect with { ParallelToolCalls = false }, "parallel_tool_calls"),
        "tool_choice" => ToolChoice(dialect),
        "effort" or "reasoning_effort" or "reasoning" or "thinking" or "enable_thinking" or "chat_template_kwargs" or "thinking_budget"
            or "thinking_token_budget" or "thinking_budget_tokens" => Reasoning(dialect, field, message),
        "temperature" => Temperature(dialect, message),
        "top_p" => Without(dialect with { TopP = false }, "top_p"),
        "top_k" => Without(dialect with { TopK = false }, "top_k"),
        "stop" => new(dialect with { MaxStopSequences = 0 }, "does not take stop; the gateway matches stop sequences"),
        "response_format" or "json_schema" or "json_object" => Format(dialect),
        "image" or "images" or "image_url" => Image(dialect, message),
        "file" or "document_url" => new(dialect with { Pdf = PdfDocuments.None }, "does not take files; PDFs go as text"),
        "strict" => Without(dialect with { StrictTools = false }, "strict tools"),
        "user" or "safety_identifier" => Without(dialect with { UserField = null }, field),
        "service_tier" => Without(dialect with { ServiceTier = false }, "service_tier"),
        "prompt_cache_key" => Without(dialect with { PromptCacheKey = false }, "prompt_cache_key"),
        "cache_control" or "prompt_cache_breakpoint" => Without(dialect with { CacheHints = CacheHints.None }, field),
        "reasoning_content" or "reasoning_details" => ReasoningBack(dialect, message),
        "system" or "developer" or "role" => System(dialect),
        "alternation" => Order(dialect, message),
        "continue_final_message" or "add_generation_prompt" or "prefix" or "partial" => Without(dialect with { Prefill = Prefill.None }, "prefill"),
        "$schema" or "$id" or "$comment" => Schemas(dialect, SchemaFilters.Schema, field),
        "$ref" or "$defs" => Schemas(dialect, SchemaFilters.InlineDefinitions, field),
        "format" => Schemas(dialect, SchemaFilters.Format, field),
        "pattern" => Schemas(dialect, SchemaFilters.Pattern, field),
        "additionalProperties" => Schemas(dialect, SchemaFilters.AdditionalProperties, field),
        "const" => Schemas(dialect, SchemaFilters.Const, field),
        "exclusiveMinimum" or "exclusiveMaximum" => Schemas(dialect, SchemaFilters.ExclusiveBounds, field),
        // A grammar that does not compile names no keyword: everything that some grammar is known to stumble on goes. (failures.md B21)
        "grammar" or "schema" or "parameters" => Schemas(dialect, Dialects.EverySchemaFilter, "some keyword"),
        "propertyNames" or "patternProperties" or "if" or "then" or "else" or "not" => Schemas(dialect, SchemaFilters.Conditionals, field),
        _ => null,
    };

    private static Lesson Without(Dialect dialect, string what) => new(dialect, "does not take " + what);

    private static Lesson Schemas(Dialect dialect, SchemaFilters filter, string keyword) =>
        new(dialect with { SchemaFilters = dialect.SchemaFilters | filter }, $"does not take {keyword} in tool schemas");

    private static Lesson? MaxTokens(Dialect dialect, string refused, string message)
    {
        // "Unsupported parameter: 'max_tokens' … Use 'max_completion_tokens' instead": the field. "max_tokens must be at most 8192": the value.
        var other = refused == "max_tokens" ? MaxTokensField.MaxCompletionTokens : MaxTokensField.MaxTokens;
        var otherName = other == MaxTokensField.MaxTokens ? "'max_tokens'" : "max_completion_tokens";
        var aboutField = message.Contains(otherName, StringComparison.Ordinal) || message.Contains("unsupported parameter", StringComparison.OrdinalIgnoreCase);
        if (!aboutField && LargestAllowed(message) is { } limit)
            return new(dialect with { MaxOutputTokens = limit }, $"generates at most {limit} tokens");
        return new(dialect with { MaxTokensField = other }, $"takes {(other == MaxTokensField.MaxTokens ? "max_tokens" : "max_completion_tokens")}, not {refused}");
    }

    private static int? LargestAllowed(string message)
    {
        // Of the numbers in a refusal of the value, the limit is the smallest that can be one: "[1, 8192]", "32000 > 8192", "at most 8192, got 32000".
        // Digits inside a model's name ("gpt-4o-2024-08-06") are none of them.
        int? smallest = null;
        for (var i = 0; i < message.Length; i++)
        {
            if (!char.IsAsciiDigit(message[i]))
                continue;
            var end = i;
            while (end < message.Length && char.IsAsciiLetterOrDigit(message[end]))
                end++;
            var partOfName = i > 0 && (char.IsAsciiLetterOrDigit(message[i - 1]) || message[i - 1] is '-' or '_');
            if (!partOfName && int.TryParse(message.AsSpan(i, end - i), out var number) && number > 16 && (smallest is null || number < smallest))
                smallest = number;
            i = end;
        }
        return smallest;
    }

    private static Lesson? ToolChoice(Dialect dialect)
    {
        // The most particular form goes first; what remains may do.
        foreach (var choice in new[] { ToolChoices.Named, ToolChoices.Required, ToolChoices.None, ToolChoices.Auto })
        {
            if (dialect.ToolChoices.HasFlag(choice))
                return new(dialect with { ToolChoices = dialect.ToolChoices & ~choice }, $"does not take tool_choice {choice.ToString().ToLowerInvariant()}");
        }
        return null;
    }

    private static Lesson? Reasoning(Dialect dialect, string field, string message)
    {
        if (field.Contains("budget", StringComparison.Ordinal) && dialect.ThinkingBudgetField is not null)
            return Without(dialect with { ThinkingBudgetField = null }, field);
        if (dialect.ReasoningControl == ReasoningControl.None)
            return null;
        var listed = ListedEfforts(message);
        if (listed.Length > 0)
        {
            var efforts = EffortWords.Where(word => word is not ("none" or "minimal") && listed.Contains(word)).ToArray();
            var off = listed.Contains("none") ? "none" : null;
            if (!efforts.SequenceEqual(dialect.Efforts) || off != dialect.EffortOff)
                return new(dialect with { Efforts = efforts, EffortOff = off }, "knows the efforts " + string.Join(", ", listed));
        }
        return Without(dialect with { ReasoningControl = ReasoningControl.None, Efforts = [], EffortOff = null }, field);
    }

    /// <summary>The effort words that stand, in quotes, behind the word that introduces what is allowed.</summary>
    private static string[] ListedEfforts(string message)
    {
        var at = -1;
        foreach (var introduction in new[] { "supported values", "must be one of", "should be one of", "one of:", "expected", "input should be", "allowed values" })
        {
            at = message.IndexOf(introduction, StringComparison.OrdinalIgnoreCase);
            if (at >= 0)
                break;
        }
        if (at < 0)
            return [];
        var rest = message[at..];
        return [.. EffortWords.Where(word =>
            rest.Contains($"'{word}'", StringComparison.Ordinal) || rest.Contains($"\"{word}\"", StringComparison.Ordinal) || rest.Contains($"`{word}`", StringComparison.Ordinal))];
    }

    private static Lesson? Temperature(Dialect dialect, string message) =>
        // A range ("between 0 and 1") is a limit; anything else is a model that takes none.
        dialect.MaxTemperature > 1 && (message.Contains("and 1", StringComparison.Ordinal) || message.Contains("<= 1", StringComparison.Ordinal) || message.Contains("equal to 1", StringComparison.Ordinal))
            ? new(dialect with { MaxTemperature = 1 }, "takes temperatures up to 1")
            : Without(dialect with { Temperature = false }, "temperature");

    private static Lesson? Format(Dialect dialect) => dialect.ResponseFormat switch
    {
        ResponseFormat.JsonSchema => new(dialect with { ResponseFormat = ResponseFormat.JsonObject }, "does not take response_format json_schema"),
        ResponseFormat.JsonObject => new(dialect with { ResponseFormat = ResponseFormat.None }, "does not take response_format"),
        _ => null,
    };

    private static Lesson? Image(Dialect dialect, string message)
    {
        var aboutAddress = dialect.Images == Images.Url
            && (message.Contains("url", StringComparison.OrdinalIgnoreCase) && message.Contains("data:", StringComparison.OrdinalIgnoreCase)
                || message.Contains("download", StringComparison.OrdinalIgnoreCase) || message.Contains("fetch", StringComparison.OrdinalIgnoreCase));
        return aboutAddress
            ? new(dialect with { Images = Images.DataUrl }, "takes images as data only")
            : new(dialect with { Images = Images.None }, "has no image input");
    }

    private static Lesson? ReasoningBack(Dialect dialect, string message)
    {
        // "must be passed back", "missing": it wants more; "extra inputs are not permitted": it wants none.
        var wanted = message.Contains("missing", StringComparison.OrdinalIgnoreCase) || message.Contains("must be passed back", StringComparison.OrdinalIgnoreCase)
            || message.Contains("required", StringComparison.OrdinalIgnoreCase);
        if (!wanted)
            return Without(dialect with { ReasoningInput = ReasoningInput.None, ReasoningRequired = ReasoningRequired.Never }, "reasoning in the history");
        if (dialect is { ReasoningInput: ReasoningInput.ReasoningContent, ReasoningRequired: ReasoningRequired.AllTurns })
            return dialect.ReasoningPlaceholder == " " ? null : new(dialect with { ReasoningPlaceholder = " " }, "refuses empty reasoning_content");
        return new(
            dialect with { ReasoningInput = ReasoningInput.ReasoningContent, ReasoningRequired = ReasoningRequired.AllTurns, ReasoningPlaceholder = " " },
            "wants reasoning_content back");
    }

    private static Lesson? System(Dialect dialect)
    {
        if (dialect.InlineSystem == InlineSystem.Keep)
            return new(dialect with { InlineSystem = InlineSystem.Fold }, "takes system messages only in front");
        return dialect.SystemRole switch
        {
            SystemRole.Developer => new(dialect with { SystemRole = SystemRole.System }, "does not know the developer role"),
            SystemRole.System => new(dialect with { SystemRole = SystemRole.FoldIntoUser }, "does not know the system role"),
            _ => null,
        };
    }

    private static Lesson? Order(Dialect dialect, string message)
    {
        if (message.Contains("after role 'tool'", StringComparison.OrdinalIgnoreCase) && dialect.Alternation != Alternation.NoUserAfterTool)
            return new(dialect with { Alternation = Alternation.NoUserAfterTool }, "takes no user message after tool messages");
        return dialect.Alternation == Alternation.Free
            ? new(dialect with { Alternation = Alternation.Strict }, "wants user and assistant to take turns")
            : null;
    }
}
