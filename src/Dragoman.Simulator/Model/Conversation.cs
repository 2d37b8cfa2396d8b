using System.Text.RegularExpressions;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Model;

/// <summary>What the demonstration model reads out of a conversation. Clients and gateways wrap, fold and reorder text
/// (system reminders, system messages, notes beside images), so everything is searched for, nothing is expected at a place.</summary>
internal sealed partial class Conversation(ChatRequest request)
{
    /// <summary>The newest user message that holds directives, and how many times the model has spoken since.</summary>
    public (IReadOnlyList<Directive> Directives, int Turn)? Instructions
    {
        get
        {
            var turn = 0;
            for (var i = request.Messages.Count - 1; i >= 0; i--)
            {
                var message = request.Messages[i];
                if (message.Role == "assistant") turn++;
                if (message.Role is not "user") continue;
                var directives = Directives.In(message.Text);
                if (directives.Count > 0) return (directives, turn);
            }

            return null;
        }
    }

    /// <summary>The newest words of a user, without the reminders that clients add; empty if there are none.</summary>
    public string LastUserText
    {
        get
        {
            for (var i = request.Messages.Count - 1; i >= 0; i--)
            {
                if (request.Messages[i].Role != "user") continue;
                var text = Reminder().Replace(request.Messages[i].Text, "").Trim();
                if (text.Length > 0) return text;
            }

            return "";
        }
    }

    /// <summary>The tool results that wait for an answer: name of the tool, and text.</summary>
    public IReadOnlyList<(string Name, string Text)> PendingResults
    {
        get
        {
            var last = request.Messages.ToList().FindLastIndex(m => m.Role == "assistant");
            var names = last < 0 ? [] : request.Messages[last].ToolCalls
                .DistinctBy(c => c.StringAt("id")).ToDictionary(c => c.StringAt("id") ?? "", c => c.TryGet("function", out var f)
                    ? f.StringAt("name") ?? "" : "");
            return [.. request.Messages.Skip(last + 1).Where(m => m.Role == "tool")
                .Select(m => (names.GetValueOrDefault(m.ToolCallId ?? "", "tool"), m.Text))];
        }
    }

    /// <summary>The folder that the client works in, as Claude Code's environment text says it; else <c>/tmp</c>.</summary>
    public string WorkingDirectory =>
        request.Messages.Select(m => WorkingDirectoryLine().Match(m.Text)).FirstOrDefault(m => m.Success) is { } match
            ? match.Groups[1].Value.Trim() : "/tmp";

    [GeneratedRegex("<system-reminder>.*?</system-reminder>", RegexOptions.Singleline)]
    private static partial Regex Reminder();

    [GeneratedRegex(@"[Ww]orking directory: ([^\r\n<]+)")]
    private static partial Regex WorkingDirectoryLine();
}
