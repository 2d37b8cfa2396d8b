using System.Globalization;
using System.Text.RegularExpressions;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Recognises that a prompt does not fit, in all the words that backends have for it, and says so in the only words on which
/// Claude Code compacts the conversation and goes on. (failures.md G4; claude-code.md section 5.3)</summary>
internal static partial class ContextLength
{
    private static readonly string[] Codes =
    [
        "context_length_exceeded", "exceed_context_size_error", "contextwindowexceedederror", "context_window_exceeded",
        "tokens_limit_reached", "prompt_too_long",
    ];

    private static readonly string[] Phrases =
    [
        "maximum context length", "max context length", "context_length_exceeded", "exceeds the context window", "contextwindowexceedederror",
        "longer than the maximum model length", "longer than the model's context length", "exceeds the available context size",
        "exceeds the maximum number of tokens allowed", "exceeded model token limit", "input token length too long",
        "input tokens exceed the configured limit", "maximum context limit", "maximum prompt length", "prompt exceeds max length",
        "tokens in request more than max tokens allowed", "range of input length should be", "context window exceeds limit",
        "but model only supports up to", "reduce the length of the messages", "`max_new_tokens` must be", "context exceeds your deployment",
        "prompt is too long", "prompt too long", "input is too long", "too large for model with", "exceed context limit", "context length exceeded",
        "exceeds the model's maximum context", "exceeds model context", "with context length of only", "greater than the context length",
        "input length exceeds", "reduce the length of the input", "maximum input length", "exceeds context length", "exceed the context length",
        "too many tokens in the prompt", "context size has been exceeded", "token limit reached", "request body too large for",
    ];

    /// <summary>Whether the error says that the prompt, or prompt and answer together, do not fit.</summary>
    internal static bool IsExceeded(UpstreamErrorBody body) =>
        Codes.Any(code => body.Words.Contains(code, StringComparison.Ordinal))
        || (body.Message is { } message && Phrases.Any(phrase => message.Contains(phrase, StringComparison.OrdinalIgnoreCase)));

    /// <summary>The client's wording, with the backend's numbers where it gave any.</summary>
    internal static string Say(UpstreamErrorBody body, in ErrorContext context)
    {
        var numbers = Numbers.Read(body, context);
        if (numbers.Max is not { } max) return "prompt is too long: it exceeds the context window of the model.";
        if (numbers.Prompt is { } fits && fits <= max && numbers.Completion is { } completion && fits + completion > max)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"input length and `max_tokens` exceed context limit: {fits} + {completion} > {max}, decrease input length or `max_tokens` and try again");
        }

        // The client computes with the difference, so an estimate below the limit would make no sense to it.
        var prompt = Math.Max(numbers.Prompt ?? context.EstimatedInputTokens, max + 1);
        return string.Create(CultureInfo.InvariantCulture, $"prompt is too long: {prompt} tokens > {max} maximum");
    }

    /// <summary>The numbers of the sentence, as far as it gave any.</summary>
    private readonly record struct Numbers(long? Prompt, long? Completion, long? Max)
    {
        internal static Numbers Read(UpstreamErrorBody body, in ErrorContext context)
        {
            if (body.ContextTokens is { } holds) return new Numbers(body.PromptTokens, null, holds);
            var message = body.Message ?? "";
            long? window = context.ContextWindow;
            var numbers = ReadParts(message);
            if (numbers.Max is null && ExceededBy().Match(message) is { Success: true } by)
                return new Numbers(window + Value(by, "by"), null, window);
            return numbers with { Max = numbers.Max ?? window };
        }

        private static Numbers ReadParts(string message)
        {
            foreach (var form in (ReadOnlySpan<Regex>)[OpenAIParts(), TooLargeCompletion(), TextGeneration(), SGLangTotal(), Anthropic(), AnthropicSum()])
            {
                if (form.Match(message) is { Success: true } match)
                {
                    var prompt = Value(match, "prompt") + (Value(match, "more") ?? 0);
                    return new Numbers(prompt, Value(match, "completion"), Value(match, "max"));
                }
            }

            if (ExceededBy().IsMatch(message)) return default;

            // All others name the limit and, perhaps, the prompt, which is the larger of the two.
            var largest = long.MinValue;
            var smallest = long.MaxValue;
            foreach (Match number in PlainNumbers().Matches(message))
            {
                var digits = number.Value.Replace(",", "", StringComparison.Ordinal);
                if (!long.TryParse(digits, CultureInfo.InvariantCulture, out var value) || value < 256) continue;
                largest = Math.Max(largest, value);
                smallest = Math.Min(smallest, value);
            }

            if (smallest == long.MaxValue) return default;
            return new Numbers(largest > smallest ? largest : null, null, smallest);
        }

        private static long? Value(Match match, string group) =>
            match.Groups[group] is { Success: true } found && long.TryParse(found.ValueSpan, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    // "maximum context length is 8192 tokens. However, you requested 9000 tokens (8000 in the messages, 500 in the functions, 500 in the completion)"
    [GeneratedRegex(
        @"(?:length|limit|window)\D{1,20}(?<max>\d+)[^(]*\((?<prompt>\d+) (?:in the messages|in the prompt|of text input)"
        + @"(?:, (?<more>\d+) (?:in the functions|of tool input))?[^)]*?, (?<completion>\d+) in the (?:completion|output)",
        RegexOptions.Singleline)]
    private static partial Regex OpenAIParts();

    // vLLM: "'max_tokens' … is too large: 20000. This model's maximum context length is 16384 tokens and your request has 10000 input tokens"
    [GeneratedRegex(@"too large: (?<completion>\d+)\D+(?<max>\d+) tokens and your request has (?<prompt>\d+) input tokens")]
    private static partial Regex TooLargeCompletion();

    // TGI: "`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 8000 `inputs` tokens and 500 `max_new_tokens`"
    [GeneratedRegex(@"must be <= (?<max>\d+)\. Given: (?<prompt>\d+) `inputs` tokens and (?<completion>\d+)")]
    private static partial Regex TextGeneration();

    // SGLang: "… length of 4096 tokens. You requested a total of 5000 tokens: 4500 tokens from the input messages and 500 tokens for the completion"
    [GeneratedRegex(
        @"length of (?<max>\d+) tokens.*?: (?<prompt>\d+) tokens from the input messages and (?<completion>\d+) tokens",
        RegexOptions.Singleline)]
    private static partial Regex SGLangTotal();

    [GeneratedRegex(@"(?<prompt>\d+) tokens > (?<max>\d+) maximum")]
    private static partial Regex Anthropic();

    [GeneratedRegex(@"exceed context limit: (?<prompt>\d+) \+ (?<completion>\d+) > (?<max>\d+)")]
    private static partial Regex AnthropicSum();

    [GeneratedRegex(@"exceed\w* .{0,40}by (?<by>\d+) tokens")]
    private static partial Regex ExceededBy();

    // Digits inside a model's name ("gpt-4o-2024-08-06", "128k") are no counts.
    [GeneratedRegex(@"(?<![\w.-])\d[\d,]*(?![\w-]|\.\d)")]
    private static partial Regex PlainNumbers();
}
