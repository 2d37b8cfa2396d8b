using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Dragoman.Routing;

/// <summary>The model that a target is asked for, in which <c>$1</c> stands for what the pattern's first star or group stood for:
/// <c>my-$1</c>.</summary>
internal sealed class ModelTemplate
{
    private readonly List<(string Text, int Capture)> _parts;

    private ModelTemplate(string text, List<(string Text, int Capture)> parts)
    {
        Text = text;
        _parts = parts;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>It depends on the name asked for.</summary>
    public bool HasCaptures => _parts.Exists(part => part.Capture > 0);

    /// <summary>Reads a target's model. A <c>$</c> without a number is itself.</summary>
    /// <param name="text">As an operator wrote it.</param>
    /// <param name="captures">Stars and groups of the route's pattern.</param>
    /// <param name="template">What to fill in, if nothing is wrong.</param>
    /// <param name="fault">Else what is: a sentence's end, to stand behind the place.</param>
    public static bool TryParse(string text, int captures, [NotNullWhen(true)] out ModelTemplate? template, [NotNullWhen(false)] out string? fault)
    {
        template = null;
        fault = text.Length == 0 ? "is empty; leave it out to pass on the name that was asked for" : null;
        var parts = new List<(string, int)>();
        var start = 0;
        for (var at = text.IndexOf('$'); at >= 0 && fault is null; at = text.IndexOf('$', at + 1))
        {
            var digits = at + 1;
            while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
            if (digits == at + 1) continue;
            if (!int.TryParse(text.AsSpan(at + 1, digits - at - 1), out var capture) || capture < 1 || capture > captures)
                fault = $"holds {text[at..digits]}, but {Held(captures)}";
            parts.Add((text[start..at], capture));
            start = digits;
        }

        if (fault is not null) return false;
        parts.Add((text[start..], 0));
        template = new(text, parts);
        return true;
    }

    /// <summary>The model's name.</summary>
    public string Fill(string[] captures)
    {
        if (!HasCaptures) return Text;
        var name = new StringBuilder();
        foreach (var (text, capture) in _parts)
        {
            name.Append(text);
            if (capture > 0) name.Append(captures[capture - 1]);
        }

        return name.ToString();
    }

    private static string Held(int captures) => captures switch
    {
        0 => "the route's pattern has no star and no group",
        1 => "the route's pattern has one star or group",
        _ => $"the route's pattern has {captures} stars and groups",
    };
}
