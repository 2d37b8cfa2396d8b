using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary><c>tool_choice</c> (mapping.md section 5.5; failures.md B14, B15), decided before the conversation is written, since it can change it.</summary>
internal sealed class ToolChoiceTranslator
{
    private enum Choice
    {
        Absent,
        Auto,
        None,
        Required,
        Named,
    }

    private readonly RequestTranslation _translation;
    private OfferedTool? _named;
    private Choice _choice;

    /// <exception cref="TranslationException">It is no tool choice, or names a tool that is not there.</exception>
    public ToolChoiceTranslator(RequestTranslation translation, IReadOnlyList<SelectedTool> tools)
    {
        _translation = translation;
        Tools = tools;
        var choice = translation.Request.ToolChoice;
        if (!choice.View.IsMissing)
            (_choice, _named) = Read(choice, tools);
        DisablesParallelToolUse = choice.DisablesParallelToolUse;
        if (translation.ServerTools.Any)
            FitToTurn();
        Adapt();
    }

    /// <summary>The tools that are written: all, or fewer where the backend cannot be told otherwise.</summary>
    public IReadOnlyList<SelectedTool> Tools { get; private set; }

    /// <summary>Server tools that the model was offered.</summary>
    public IReadOnlyList<ServerTool> ServerTools { get; private set; } = [];

    /// <summary>At most one call is wanted.</summary>
    public bool DisablesParallelToolUse { get; }

    /// <summary>What the model is asked in words, because the backend knows no way to force a call; empty if nothing. Needs no escaping.</summary>
    public ReadOnlySpan<byte> Instruction => _needsInstruction ? "Use one of the available tools to answer."u8 : default;

    private bool _needsInstruction;

    /// <summary>Writes <c>tool_choice</c> and <c>parallel_tool_calls</c>; neither may stand without tools.</summary>
    public void Write(ref ChatRequestWriter chat)
    {
        if (Tools.Count == 0)
            return;

        switch (_choice)
        {
            case Choice.Auto when _translation.Dialect.ToolChoices.HasFlag(ToolChoices.Auto):
                chat.Text("tool_choice"u8, "auto");
                break;
            case Choice.None:
                chat.Text("tool_choice"u8, "none");
                break;
            case Choice.Required:
                chat.Text("tool_choice"u8, _translation.Dialect.RequiredWord);
                break;
            case Choice.Named:
                chat.StartObject("tool_choice"u8);
                chat.Text("type"u8, "function");
                chat.StartObject("function"u8);
                chat.Text("name"u8, _named!.UpstreamName);
                chat.EndObject();
                chat.EndObject();
                break;
        }

        // The answer's translation keeps only the first call anyway, so nothing is lost where the backend has no such field.
        if (DisablesParallelToolUse && _translation.Dialect.ParallelToolCalls)
            chat.Flag("parallel_tool_calls"u8, false);
    }

    private static (Choice, OfferedTool?) Read(Protocol.Anthropic.ToolChoice choice, IReadOnlyList<SelectedTool> tools)
    {
        if (!choice.View.IsObject)
            throw InvalidRequest.At(choice.View, "Input should be an object");

        var type = InvalidRequest.RequireString(choice.Type, choice.View, "type");
        if (type.Equals("auto"u8))
            return (Choice.Auto, null);
        if (type.Equals("none"u8))
            return (Choice.None, null);
        if (type.Equals("any"u8))
            return tools.Count > 0 ? (Choice.Required, null) : throw InvalidRequest.At(choice.View, "may only be used together with tools");
        if (!type.Equals("tool"u8))
            throw InvalidRequest.At(type, "Input should be 'auto', 'any', 'tool' or 'none'");

        var name = InvalidRequest.RequireString(choice.Name, choice.View, "name").GetString();
        OfferedTool? named = null;
        foreach (var tool in tools)
        {
            if (tool.Tool.Name == name)
                named = tool.Tool;
        }

        return named is not null ? (Choice.Named, named) : throw InvalidRequest.At(choice.Name, $"Tool '{name}' not found in provided tools");
    }

    /// <summary>What the turn that the request goes on with leaves to choose: the first call may be forced, but not all that follow, and a tool that
    /// was used up and asked for again is no longer offered, or the model could go on asking.</summary>
    private void FitToTurn()
    {
        var request = _translation.Request;
        if (_choice is Choice.Required or Choice.Named && _translation.ServerTools.IsContinuation(request))
            (_choice, _named) = (Choice.Auto, null);

        var callable = new List<ServerTool>();
        var kept = new List<SelectedTool>();
        var anyOther = false;
        foreach (var tool in Tools)
        {
            if (tool.Tool.ServerTool is not { } serverTool)
            {
                anyOther = true;
                kept.Add(tool);
                continue;
            }

            var (used, refused) = _translation.ServerTools.LookAtTurn(request, serverTool.Kind);
            anyOther |= refused == 0;
            if (refused <= 1)
                kept.Add(tool);
            callable.Add(serverTool with { Used = used, MayRun = refused <= 1 });
        }

        // The list of tools stands before everything else in a prompt: it is shortened only where nothing milder helps.
        if (anyOther)
            Tools = kept;
        else
            _choice = Choice.None;
        ServerTools = _choice == Choice.None ? [.. callable.Select(static tool => tool with { MayRun = false })] : callable;
    }

    /// <summary>Turns what the backend has no word for into the nearest it has.</summary>
    private void Adapt()
    {
        var known = _translation.Dialect.ToolChoices;
        if (_choice == Choice.Named && !known.HasFlag(ToolChoices.Named))
        {
            Tools = [.. Tools.Where(tool => tool.Tool == _named)];
            _choice = Choice.Required;
        }

        if (_choice == Choice.Required && !known.HasFlag(ToolChoices.Required))
        {
            _translation.Dropped.Add("tool_choice");
            _needsInstruction = true;
            _choice = Choice.Auto;
        }

        if (_choice == Choice.None && !known.HasFlag(ToolChoices.None))
            Tools = [];
    }
}
