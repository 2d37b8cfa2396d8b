using Dragoman.Protocol.Json;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary><c>thinking</c> and effort into what the backend switches and doses reasoning with (mapping.md section 6.1; failures.md C5 to C7).</summary>
internal sealed class ReasoningTranslator
{
    private const int BudgetOfMediumEffort = 4096;
    private const int BudgetOfHighEffort = 16384;

    // Weakest first. Some backends know words outside the client's five.
    private static readonly string[] Words = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

    private readonly RequestTranslation _translation;
    private readonly bool? _isOn;
    private readonly string? _effort;
    private readonly long? _budget;

    /// <param name="translation">The translation.</param>
    /// <param name="isPrefill">The answer goes on with given text: backends refuse to think first. (failures.md D21)</param>
    /// <exception cref="TranslationException">Thinking is of a wrong shape.</exception>
    public ReasoningTranslator(RequestTranslation translation, bool isPrefill)
    {
        _translation = translation;
        var thinking = translation.Request.Thinking;
        if (!thinking.IsMissing && !thinking.IsObject)
            throw InvalidRequest.At(thinking, "Input should be an object");

        if (thinking.IsObject)
        {
            var type = InvalidRequest.RequireString(thinking["type"u8], thinking, "type");
            if (type.Equals("enabled"u8))
            {
                _isOn = true;
                _budget = ReadBudget(thinking);
            }
            else if (type.Equals("adaptive"u8))
            {
                _isOn = true;
            }
            else if (type.Equals("disabled"u8) || type.Equals("between_tools"u8))
            {
                _isOn = false;
            }
            else
            {
                translation.Dropped.Add("thinking");
            }

            OmitsText = thinking["display"u8].Equals("omitted"u8);
        }

        IsShown = _isOn == true;
        _effort = ReadEffort();
        if (_effort is not null && _isOn is null)
            _isOn = true;

        if (isPrefill && _isOn != false)
        {
            if (_isOn == true)
                translation.Dropped.Add("thinking");
            _isOn = false;
        }
    }

    /// <summary>The client wants to see thinking.</summary>
    public bool IsShown { get; }

    /// <summary>The client wants thinking blocks without their text.</summary>
    public bool OmitsText { get; }

    private Dialect Dialect => _translation.Dialect;

    /// <summary>Writes the switches.</summary>
    /// <param name="chat">Takes them.</param>
    /// <param name="maxTokens">The limit of generated tokens; a budget must stay below it.</param>
    public void Write(ref ChatRequestWriter chat, long maxTokens)
    {
        switch (_isOn)
        {
            case true:
                WriteOn(ref chat, _budget is { } budget && maxTokens > 0 ? Math.Min(budget, Math.Max(1, maxTokens - 1)) : _budget);
                break;
            case false:
                WriteOff(ref chat);
                break;
        }
    }

    /// <summary>Writes only what changes the prompt's template: for counting.</summary>
    public void WriteTemplateSwitch(ref ChatRequestWriter chat)
    {
        if (_isOn is { } isOn && Dialect.ReasoningControl == ReasoningControl.TemplateKwargs)
            WriteTemplateSwitch(ref chat, isOn);
    }

    private void WriteOn(ref ChatRequestWriter chat, long? budget)
    {
        // A budget in tokens is exact; where the backend takes one, effort says nothing more.
        var sendsBudget = budget is not null && _effort is null && Dialect.ThinkingBudgetField is not null;
        var word = sendsBudget ? null : StepDown(_effort ?? EffortOf(budget));
        switch (Dialect.ReasoningControl)
        {
            case ReasoningControl.None:
                if (IsShown)
                    _translation.Dropped.Add("thinking");
                if (_effort is not null)
                    _translation.Dropped.Add("output_config.effort");
                return;
            case ReasoningControl.OpenRouter:
                WriteOpenRouter(ref chat, word, budget);
                return;
            case ReasoningControl.ThinkingObject:
                chat.StartObject("thinking"u8);
                chat.Text("type"u8, Dialect.ThinkingOnWord);
                chat.EndObject();
                break;
            case ReasoningControl.EnableThinking:
                chat.Flag("enable_thinking"u8, true);
                break;
            case ReasoningControl.TemplateKwargs:
                WriteTemplateSwitch(ref chat, isOn: true);
                break;
        }

        if (word is not null)
            chat.Text("reasoning_effort"u8, word);
        else if (_effort is not null)
            _translation.Dropped.Add("output_config.effort");
        if (sendsBudget)
            chat.Number(System.Text.Encoding.UTF8.GetBytes(Dialect.ThinkingBudgetField!), budget!.Value);
    }

    private void WriteOff(ref ChatRequestWriter chat)
    {
        // Never an effort beside "off": DeepSeek refuses the two together.
        switch (Dialect.ReasoningControl)
        {
            case ReasoningControl.ThinkingObject:
                chat.StartObject("thinking"u8);
                chat.Text("type"u8, "disabled");
                chat.EndObject();
                return;
            case ReasoningControl.EnableThinking:
                chat.Flag("enable_thinking"u8, false);
                return;
            case ReasoningControl.TemplateKwargs:
                WriteTemplateSwitch(ref chat, isOn: false);
                return;
            case ReasoningControl.OpenRouter:
                chat.StartObject("reasoning"u8);
                chat.Flag("enabled"u8, false);
                chat.EndObject();
                return;
            case ReasoningControl.Effort when Dialect.EffortOff is { } off:
                chat.Text("reasoning_effort"u8, off);
                return;
            case ReasoningControl.Effort when !_translation.Request.Thinking.IsMissing:
                _translation.Dropped.Add("thinking");
                return;
        }
    }

    private void WriteOpenRouter(ref ChatRequestWriter chat, string? word, long? budget)
    {
        chat.StartObject("reasoning"u8);
        if (_effort is null && budget is { } tokens)
            chat.Number("max_tokens"u8, tokens);
        else if (word is not null)
            chat.Text("effort"u8, word);
        else
            chat.Flag("enabled"u8, true);
        chat.EndObject();
    }

    private void WriteTemplateSwitch(ref ChatRequestWriter chat, bool isOn)
    {
        chat.StartObject("chat_template_kwargs"u8);
        chat.Flag(System.Text.Encoding.UTF8.GetBytes(Dialect.TemplateSwitch), isOn);
        chat.EndObject();
    }

    private static string? EffortOf(long? budget) => budget switch
    {
        null => null,
        < BudgetOfMediumEffort => "low",
        < BudgetOfHighEffort => "medium",
        _ => "high",
    };

    /// <summary>The word itself, or the strongest weaker one the backend knows; null if it knows none: an effort is never raised unless the dialect says so.</summary>
    private string? StepDown(string? word)
    {
        if (word is null || Dialect.Efforts.Count == 0)
            return null;
        if (Dialect.Efforts.Contains(word))
            return word;
        if (Dialect.EffortInstead.TryGetValue(word, out var instead))
            return instead;

        for (var i = Array.IndexOf(Words, word) - 1; i > 0; i--)
        {
            if (Words[i] != Dialect.EffortOff && Dialect.Efforts.Contains(Words[i]))
                return Words[i];
        }

        return null;
    }

    private static long? ReadBudget(JsonView thinking)
    {
        var budget = thinking["budget_tokens"u8];
        if (budget.IsMissing)
            return null;
        if (!budget.TryGetInt64(out var tokens) || tokens < 0)
            throw InvalidRequest.At(budget, "Input should be a valid integer");
        return tokens;
    }

    private string? ReadEffort()
    {
        var effort = _translation.Conversation.Effort.IsString ? _translation.Conversation.Effort : _translation.Request.Effort;
        if (effort.IsMissing)
            return null;
        if (!effort.IsString)
            throw InvalidRequest.At(effort, "Input should be 'low', 'medium', 'high', 'xhigh' or 'max'");
        return effort.GetString();
    }
}
