using Dragoman.Translation.ChatCompletions;

namespace Dragoman.TokenCounting;

/// <summary>How many tokens a family of models makes of a prompt, beside what the o200k vocabulary makes of its texts.</summary>
/// <remarks>The numbers were fitted to the usage that real backends reported in recorded exchanges; they are where
/// <see cref="PromptEstimator"/> starts, and what a backend reports soon corrects them.</remarks>
/// <param name="TextFactor">Tokens of the family's own vocabulary for one of o200k.</param>
/// <param name="Base">Tokens that the template adds to every prompt.</param>
/// <param name="PerMessage">Tokens that the template adds to every message.</param>
/// <param name="ToolBase">Tokens that the template adds when there are tools: how to call them.</param>
/// <param name="ToolFactor">Tokens for one o200k token of a tool's JSON: some templates indent it, some make declarations of it.</param>
/// <param name="PerToolCall">Tokens that the template adds to every call in the conversation.</param>
internal sealed record ModelFamily(double TextFactor, double Base, double PerMessage, double ToolBase, double ToolFactor, double PerToolCall = 12)
{
    /// <summary>UTF-8 bytes a token for the estimate without a tokenizer. A coding agent's first request has 4.4, source code 3.3;
    /// the 3.5 of mapping.md section 11 would refuse prompts that fit, before the first answer has taught better.</summary>
    private const double BytesPerToken = 4;

    private static readonly ModelFamily Unknown = new(1.06, 3, 4, 100, 1.2);

    /// <summary>By a part of the model's name, the more special first.</summary>
    private static readonly (string Part, ModelFamily Family)[] Families =
    [
        ("gpt-oss", new(1, 62, 4, 8, 0.9, 8)),
        ("gpt-4o", new(1, 3, 4, 8, 0.8, 8)),
        ("gpt-4.1", new(1, 3, 4, 8, 0.8, 8)),
        ("gpt-4", new(1.03, 3, 4, 8, 0.85, 8)),
        ("gpt-3.5", new(1.03, 3, 4, 8, 0.85, 8)),
        ("gpt-", new(1, 2, 4, 20, 0.9, 8)),
        ("claude", new(1.2, 1, 3, 480, 1.2, 20)),
        ("ds-r1", new(1.05, 3, 1, 110, 1.2)),
        ("deepseek-r1", new(1.05, 3, 1, 110, 1.2)),
        ("deepseek", new(1.05, 3, 1, 240, 1.1)),
        ("qwen3-coder", new(1.05, 3, 5, 220, 1.4)),
        ("qwen-3-coder", new(1.05, 3, 5, 220, 1.4)),
        ("qwen3.5", new(1.05, 5, 5, 210, 1.2)),
        ("qwen", new(1.05, 3, 5, 100, 1.2)),
        ("glm", new(1.05, 5, 2, 105, 1.2)),
        ("kimi-k2.", new(1.03, 2, 4, 12, 0.8)),
        ("kimi", new(1.03, 2, 4, 15, 1.25)),
        ("llama-4", new(1.03, 3, 5, 350, 3)),
        ("llama-3.", new(1.03, 31, 2, 85, 1.7)),
        ("llama", new(1.03, 5, 4, 85, 1.7)),
        ("mistral", new(1.05, 2, 1, 30, 1.25)),
        ("ministral", new(1.05, 2, 1, 30, 1.25)),
        ("devstral", new(1.05, 2, 1, 30, 1.25)),
        ("magistral", new(1.05, 2, 1, 30, 1.25)),
        ("codestral", new(1.05, 2, 1, 30, 1.25)),
        ("grok-3", new(1.05, 4, 3, 150, 1.4)),
        ("grok-2", new(1.05, 4, 3, 50, 1.2)),
        ("grok", new(1.05, 150, 3, 110, 1.3)),
        ("gemini", new(1.03, 0, 0, 0, 1.2)),
        ("gemma", new(1.03, 2, 5, 60, 1.2)),
        ("minimax", new(1.05, 36, 4, 110, 1.2)),
        ("palmyra", new(1.05, 3, 2, 130, 1.2)),
        ("sonar", new(1, 0, 0, 0, 1)),
        ("command", new(1.05, 0, 0, 200, 1.2)),
    ];

    /// <summary>OpenAI's reasoning models, which have no common word in their names.</summary>
    private static readonly ModelFamily Reasoning = new(1, 3, 4, 8, 0.8, 8);

    /// <summary>The family of a model; a middling one for a name that tells nothing.</summary>
    /// <param name="model">As the backend knows it: <c>Qwen/Qwen3-Coder-480B</c>, <c>openai/o4-mini</c>, <c>my-finetune</c>.</param>
    public static ModelFamily Of(string model)
    {
        foreach (var (part, family) in Families)
            if (model.Contains(part, StringComparison.OrdinalIgnoreCase))
                return family;
        var name = model.AsSpan(model.LastIndexOf('/') + 1);
        return name.Length > 1 && name[0] is 'o' && char.IsAsciiDigit(name[1]) ? Reasoning : Unknown;
    }

    /// <summary>Tokens of a prompt that was measured with the o200k vocabulary; images not.</summary>
    public double Estimate(in PromptTokens prompt) =>
        prompt.Text * TextFactor
        + prompt.ToolDefinitions * ToolFactor
        + prompt.ToolCalls * PerToolCall
        + Around(prompt.Messages, prompt.Tools);

    /// <summary>Tokens of a prompt of which only the size is known; images not.</summary>
    public double Estimate(in PromptSize prompt) => prompt.TextBytes / BytesPerToken * TextFactor + Around(prompt.Messages, prompt.Tools);

    private double Around(int messages, int tools) => Base + messages * PerMessage + (tools > 0 ? ToolBase : 0);
}
