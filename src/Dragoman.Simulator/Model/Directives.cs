using System.Text;
using System.Text.Json;

namespace Dragoman.Simulator.Model;

/// <summary>An order in a user's message, such as verb <c>tool</c> with the text <c>Read {"file_path":"a"}</c>.</summary>
internal readonly record struct Directive(string Verb, string Text);

/// <summary>What a user can tell the demonstration model to do, in double brackets anywhere in a message:
/// <c>[[tool NAME {json}]]</c>, <c>[[text ...]]</c>, <c>[[think ...]]</c>, <c>[[then]]</c> (next turn), <c>[[script NAME]]</c>.</summary>
internal static class Directives
{
    public const string Script = "script";

    /// <summary>The directives of a message, in order; <c>then</c> stands for itself. Empty when there are none.</summary>
    public static List<Directive> In(string text)
    {
        var found = new List<Directive>();
        for (var at = text.IndexOf("[[", StringComparison.Ordinal); at >= 0; at = text.IndexOf("[[", at, StringComparison.Ordinal))
        {
            at += 2;
            var verb = new string(text.AsSpan(at).ToString().TakeWhile(char.IsAsciiLetter).ToArray());
            if (verb is not ("tool" or "text" or "think" or "then" or Script)) continue;
            var rest = at + verb.Length;
            var end = verb == "tool" ? EndOfTool(text, rest) : text.IndexOf("]]", rest, StringComparison.Ordinal);
            if (end < 0) continue;
            found.Add(new Directive(verb, text[rest..end].Trim()));
            at = end + 2;
        }

        return found;
    }

    /// <summary>The turns that directives ask for.</summary>
    public static List<List<Part>> Turns(IEnumerable<Directive> directives)
    {
        List<List<Part>> turns = [[]];
        foreach (var (verb, rest) in directives)
        {
            switch (verb)
            {
                case "then":
                    turns.Add([]);
                    break;
                case "text":
                    turns[^1].Add(new Part.Say(rest));
                    break;
                case "think":
                    turns[^1].Add(new Part.Think(rest));
                    break;
                case "tool":
                    var name = rest.Split([' ', '\n', '{'], 2)[0];
                    var arguments = rest[name.Length..].Trim();
                    turns[^1].Add(new Part.Call(name, arguments.Length == 0 ? "{}" : arguments));
                    break;
            }
        }

        return turns;
    }

    /// <summary>Where the closing brackets of a tool directive are. Brackets inside its JSON do not count.</summary>
    private static int EndOfTool(string text, int from)
    {
        var close = text.IndexOf("]]", from, StringComparison.Ordinal);
        var brace = text.IndexOf('{', from);
        if (brace < 0 || close < brace) return close;
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text[brace..]), new JsonReaderOptions { AllowMultipleValues = true });
        try
        {
            if (!reader.Read() || !reader.TrySkip()) return close;
        }
        catch (JsonException)
        {
            // Broken on purpose, perhaps: it is passed on as it stands.
            return close;
        }

        var consumed = Encoding.UTF8.GetBytes(text[brace..]).AsSpan(0, (int)reader.BytesConsumed);
        return text.IndexOf("]]", brace + Encoding.UTF8.GetCharCount(consumed), StringComparison.Ordinal);
    }
}
