using System.Text;

namespace Dragoman.Bench.Wire;

/// <summary>Words that look like an agent's traffic, the same ones in every run.</summary>
/// <remarks>What matters to a translator is kept: short tokens, many line ends and quotes (escaped in JSON),
/// indentation, now and then a letter outside ASCII. There is never an <c>@</c>, which marks time stamps.</remarks>
public sealed class Prose(uint seed)
{
    private static readonly string[] Words =
    [
        "the", "file", "order", "to", "a", "value", "in", "that", "customer", "reads", "first", "when", "total", "of", "queue",
        "before", "handler", "is", "returned", "for", "each", "line", "test", "fails", "with", "and", "retry", "it", "after",
        "invoice", "parser", "then", "must", "stay", "open", "until", "caller", "has", "closed", "größe", "naïve", "—", "path",
    ];

    private uint _state = seed;

    public int Below(int bound)
    {
        _state = _state * 1664525 + 1013904223;
        return (int)((_state >> 8) % (uint)bound);
    }

    public string Word() => Words[Below(Words.Length)];

    /// <summary>Sentences, some with quoted words, broken into lines.</summary>
    public string Text(int atLeast)
    {
        var text = new StringBuilder(atLeast + 100);
        while (text.Length < atLeast)
        {
            for (var i = 6 + Below(9); i > 0; i--)
                text.Append(Below(12) == 0 ? $"\"{Word()}\"" : Word()).Append(i == 1 ? "." : " ");
            text.Append(Below(3) == 0 ? "\n\n" : Below(3) == 0 ? "\n- " : " ");
        }
        return text.ToString();
    }

    /// <summary>A source file as a tool shows it: numbered, indented lines with string literals.</summary>
    public string Code(int atLeast)
    {
        var code = new StringBuilder(atLeast + 100);
        for (var line = 1; code.Length < atLeast; line++)
        {
            code.Append($"{line,6}\t").Append(' ', 4 * Below(4));
            code.Append(Below(5) switch
            {
                0 => $"if ({Word()} == null) throw new ArgumentException(\"{Word()} {Word()}\", nameof({Word()}));",
                1 => $"var {Word()} = {Word()}.Get(\"{Word()}\");",
                2 => $"// {Word()} {Word()} {Word()} {Word()}",
                3 => "}",
                _ => $"{Word()}.{Word()}({Word()}, {Below(1000)});",
            }).Append('\n');
        }
        return code.ToString();
    }
}
