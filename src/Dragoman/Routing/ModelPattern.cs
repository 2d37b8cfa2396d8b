using System.Diagnostics.CodeAnalysis;

namespace Dragoman.Routing;

/// <summary>A pattern of model names: <c>claude-(opus|sonnet)-*</c>.</summary>
/// <remarks>
/// <c>*</c> stands for any characters, none included; <c>(a|b)</c> for one of the texts; all else is itself, case included. What a star or
/// a group stood for is a capture, numbered from 1 in the order in which they stand. Where a name can be cut in several ways, each star from
/// the left takes as little as it can, and each group the first of its texts that lets the rest match.
/// No regular expression: a match costs at most pattern length times name length, whatever a caller sends.
/// </remarks>
internal sealed class ModelPattern
{
    /// <summary>Most names that a pattern without stars may stand for; more would be no list.</summary>
    private const int MostNames = 64;
    private const int MostOnStack = 2048;

    private readonly List<Part> _parts;
    private readonly bool _hasGroups;

    private ModelPattern(string text, List<Part> parts)
    {
        Text = text;
        _parts = parts;
        _hasGroups = parts.Any(part => part.Kind == PartKind.Group);
        Captures = parts.Count(part => part.Kind != PartKind.Literal);
    }

    private enum PartKind { Literal, Group, Star }

    private readonly record struct Part(PartKind Kind, string[] Texts);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Stars and groups.</summary>
    public int Captures { get; }

    /// <summary>It is for one name only.</summary>
    public bool IsLiteral => Captures == 0;

    /// <summary>It is for every name.</summary>
    public bool IsEverything => _parts is [{ Kind: PartKind.Star }];

    /// <summary>Whether it holds a star: the names it is for cannot be counted.</summary>
    public bool HasStar => _parts.Any(part => part.Kind == PartKind.Star);

    /// <summary>What every name it is for begins with; may be empty.</summary>
    public string Start => _parts[0].Kind == PartKind.Literal ? _parts[0].Texts[0] : "";

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">As an operator wrote it.</param>
    /// <param name="pattern">The pattern, if it is one.</param>
    /// <param name="fault">Else what is wrong with it and where: a sentence's end, to stand behind the pattern's place.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ModelPattern? pattern, [NotNullWhen(false)] out string? fault)
    {
        pattern = null;
        var parts = new List<Part>();
        fault = text.Length == 0 ? "is empty" : null;
        for (var at = 0; at < text.Length && fault is null;)
        {
            var length = text.AsSpan(at).IndexOfAny("*()|");
            if (length < 0) length = text.Length - at;
            if (length > 0)
            {
                parts.Add(new(PartKind.Literal, [text.Substring(at, length)]));
                at += length;
            }
            else if (text[at] == Wildcard.Star)
            {
                if (parts is [.., { Kind: PartKind.Star }]) fault = $"has two stars in a row at character {at + 1}; one is enough";
                parts.Add(new(PartKind.Star, []));
                at++;
            }
            else
            {
                fault = ReadGroup(text, ref at, parts);
            }
        }

        if (fault is not null) return false;
        pattern = new(text, parts);
        return true;
    }

    /// <summary>Whether it is for that name.</summary>
    public bool IsMatch(string name) => _hasGroups ? Walk(name, null) : Wildcard.IsMatch(Text, name);

    /// <summary>What the stars and groups stand for in that name; null if the pattern is not for it.</summary>
    public string[]? Match(string name)
    {
        var captures = new string[Captures];
        return Walk(name, captures) ? captures : null;
    }

    /// <summary>The names it is for, if they can be counted and are not too many; else none.</summary>
    public IReadOnlyList<string> Names()
    {
        List<string> names = [""];
        foreach (var part in _parts)
        {
            if (part.Kind == PartKind.Star || names.Count * part.Texts.Length > MostNames) return [];
            names = [.. names.SelectMany(name => part.Texts.Select(text => name + text))];
        }

        return names;
    }

    private static string? ReadGroup(string text, ref int at, List<Part> parts)
    {
        if (text[at] == '|') return $"has a '|' outside of parentheses at character {at + 1}; alternatives are written (a|b)";
        if (text[at] == ')') return $"has a ')' without a '(' at character {at + 1}";
        var end = text.IndexOf(')', at);
        if (end < 0) return $"has a '(' without a ')' at character {at + 1}";
        var inside = text[(at + 1)..end];
        if (inside.Length == 0) return $"has empty parentheses at character {at + 1}";
        if (inside.AsSpan().IndexOfAny("(*") is var odd and >= 0)
            return $"has a '{inside[odd]}' inside of parentheses at character {at + 2 + odd}; alternatives are plain texts";
        parts.Add(new(PartKind.Group, inside.Split('|')));
        at = end + 1;
        return null;
    }

    private bool Walk(string name, string[]? captures)
    {
        if (!name.StartsWith(Start, StringComparison.Ordinal)) return false;
        var width = name.Length + 1;
        var size = width * (_parts.Count + 1);
        Span<bool> fits = size <= MostOnStack ? stackalloc bool[size] : new bool[size];
        fits.Clear();
        // fits[part * width + at]: the parts from there on can be the name from there on. Filled from the end.
        fits[size - 1] = true;
        for (var part = _parts.Count - 1; part >= 0; part--)
        {
            var rest = fits.Slice((part + 1) * width, width);
            var here = fits.Slice(part * width, width);
            for (var at = width - 1; at >= 0; at--)
                here[at] = _parts[part].Kind == PartKind.Star ? rest[at] || (at + 1 < width && here[at + 1]) : Taken(_parts[part], name, at, rest) >= 0;
        }

        if (fits[0] && captures is not null) Capture(name, fits, width, captures);
        return fits[0];
    }

    private void Capture(string name, ReadOnlySpan<bool> fits, int width, string[] captures)
    {
        var (at, capture) = (0, 0);
        for (var part = 0; part < _parts.Count; part++)
        {
            var rest = fits.Slice((part + 1) * width, width);
            var taken = _parts[part].Kind == PartKind.Star ? rest[at..].IndexOf(true) : Taken(_parts[part], name, at, rest);
            if (_parts[part].Kind != PartKind.Literal) captures[capture++] = name.Substring(at, taken);
            at += taken;
        }
    }

    /// <summary>Length of the first text of a part that stands there and lets the rest match; -1 if none does.</summary>
    private static int Taken(Part part, string name, int at, ReadOnlySpan<bool> rest)
    {
        foreach (var text in part.Texts)
        {
            if (name.AsSpan(at).StartsWith(text, StringComparison.Ordinal) && rest[at + text.Length]) return text.Length;
        }

        return -1;
    }
}
