using System.Text;
using System.Text.Json;
using Dragoman.Simulator.Replies;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Model;

/// <summary>The friendly stand-in for a language model: does what directives say, quotes tool results, else says what it is.</summary>
internal static class DemoModel
{
    private const int LongestQuote = 200;

    /// <summary>The reply in <paramref name="form"/>. <paramref name="speak"/> answers what nobody has scripted.</summary>
    public static Reply Reply(Exchange exchange, WireForm form, Func<Exchange, Answer>? speak = null)
    {
        if (exchange.Conversation.Instructions is { } instructions && !IsSideRequest(exchange.Request))
        {
            var script = instructions.Directives.FirstOrDefault(d => d.Verb == Directives.Script);
            if (script.Verb is not null) return Scripts.Play(exchange, script.Text, instructions.Turn, form);
            var turns = Directives.Turns(instructions.Directives);
            if (instructions.Turn < turns.Count) return Say(exchange, new Answer(turns[instructions.Turn]), form);
        }

        return Say(exchange, Speak(exchange, speak), form);
    }

    /// <summary>Fills placeholders and writes.</summary>
    public static Reply Say(Exchange exchange, Answer answer, WireForm form)
    {
        if (answer.Calls.Any(c => c.Arguments.Contains("{cwd}", StringComparison.Ordinal)))
        {
            var folder = JsonReading.Quote(exchange.Conversation.WorkingDirectory)[1..^1];
            answer = answer
                with { Parts = [.. answer.Parts.Select(p => p is Part.Call c ? c
                        with { Arguments = c.Arguments.Replace("{cwd}", folder, StringComparison.Ordinal) } : p)] };
        }

        return AnswerWriter.Write(exchange, answer, form);
    }

    /// <summary>A call of the tool on offer with this number, with arguments that its schema accepts.</summary>
    public static Part.Call CallOf(Exchange exchange, int number)
    {
        var tools = exchange.Request.Tools;
        var arguments = tools.Count == 0 ? SampleJson.ForUnknownTool(number)
            : SampleJson.For(tools[number % tools.Count].Parameters, number);
        return new Part.Call(exchange.Request.ToolName(number), arguments);
    }

    /// <summary>What is said after tool results: each of them, shortened.</summary>
    public static Answer QuoteResults(Exchange exchange)
    {
        var text = new StringBuilder("The tools answered:");
        foreach (var (name, result) in exchange.Conversation.PendingResults) text.Append(System.Globalization.CultureInfo.InvariantCulture,
            $"\n- {name}: {Shorten(result)}");
        return new Answer(new Part.Say(text.ToString()));
    }

    private static Answer Speak(Exchange exchange, Func<Exchange, Answer>? speak)
    {
        var request = exchange.Request;
        var question = exchange.Conversation.LastUserText;
        if (question.Contains("Your task is to create a detailed summary", StringComparison.Ordinal)) return Scripts.Summary();
        if (request.AnswersToolResults) return QuoteResults(exchange);
        if (StructuredAnswer(request) is { } json) return new Answer(new Part.Say(json));
        if (ForcedCall(exchange) is { } forced) return new Answer(forced);
        if (SearchCall(request, question) is { } search) return new Answer(search);
        return speak?.Invoke(exchange) ?? Echo(request, question);
    }

    private static Answer Echo(ChatRequest request, string question) => Obey(request,
        $"This is a demonstration backend, not a language model: it answers, calls tools and reasons as it is told. It was asked for the model \"{request.Model}\" and read: \"{Shorten(question)}\". " +
        "To see a tool call, write [[tool NAME {\"argument\":\"value\"}]]; to see reasoning, write [[think some thought]].");

    /// <summary>Ends a text at the caller's stop strings and limit.</summary>
    public static Answer Obey(ChatRequest request, string text)
    {
        var stops = request.Root.StringAt("stop") is { } one ? [one] : request.Root.ItemsAt("stop").Select(s => s.GetString()!).ToList();
        var cut = stops.Select(s => text.IndexOf(s, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(text.Length).Min();
        text = text[..cut];
        if (request.MaxTokens is not { } limit || TokenCount.OfText(text) <= limit) return new Answer(new Part.Say(text));
        var kept = "";
        foreach (var piece in Pieces.OfText(text))
        {
            if (TokenCount.OfText(kept + piece) > limit) break;
            kept += piece;
        }

        return new Answer(new Part.Say(kept)) { FinishReason = "length" };
    }

    /// <summary>Titles and the like quote the user's directives without meaning them.</summary>
    private static bool IsSideRequest(ChatRequest request) =>
        request.Tools.Count == 0 && StructuredAnswer(request) is not null
        || request.Messages.Count > 0 && new Conversation(request).LastUserText.Contains("Your task is to create a detailed summary",
            StringComparison.Ordinal);

    private static string? StructuredAnswer(ChatRequest request)
    {
        if (!request.Root.TryGet("response_format", out var format)) return null;
        return format.StringAt("type") switch
        {
            "json_object" => """{"answer":"This is a demonstration backend."}""",
            "json_schema" when format.TryGet("json_schema", out var named) && named.TryGet("schema", out var schema) =>
                SampleJson.For(schema),
            _ => null,
        };
    }

    private static Part.Call? ForcedCall(Exchange exchange)
    {
        if (!exchange.Request.Root.TryGet("tool_choice", out var choice) || exchange.Request.Tools.Count == 0) return null;
        if (choice.ValueKind == JsonValueKind.String) return choice.GetString() is "required" or "any" ? CallOf(exchange, 0) : null;
        if (!choice.TryGet("function", out var function) || function.StringAt("name") is not { } name) return null;
        var number = exchange.Request.Tools.ToList().FindIndex(t => t.Name == name);
        return number < 0 ? null : new Part.Call(name, SampleJson.For(exchange.Request.Tools[number].Parameters));
    }

    /// <summary>Claude Code's search request, when the gateway offers the search as a function.</summary>
    private static Part.Call? SearchCall(ChatRequest request, string question)
    {
        const string Opening = "Perform a web search for the query:";
        var at = question.IndexOf(Opening, StringComparison.Ordinal);
        return at >= 0 && request.Tools.Any(t => t.Name == "web_search")
            ? new Part.Call("web_search", $$"""{"query":{{JsonReading.Quote(question[(at + Opening.Length)..].Trim())}}}""")
            : null;
    }

    private static string Shorten(string text)
    {
        if (text.Length <= LongestQuote) return text;
        var end = char.IsHighSurrogate(text[LongestQuote - 1]) ? LongestQuote - 1 : LongestQuote;
        return text[..end] + "...";
    }
}
