namespace Dragoman.Simulator.Model;

/// <summary>Cuts text as a model's tokens would: whole words with the space before them, never inside a character.</summary>
internal static class Pieces
{
    private const int Longest = 12;

    public static IEnumerable<string> OfText(string text)
    {
        var start = 0;
        for (var i = 1; i <= text.Length; i++)
        {
            var word = i == text.Length || (text[i] is ' ' or '\n' && text[i - 1] is not (' ' or '\n'));
            if (!word && (i - start < Longest || char.IsLowSurrogate(text[i]))) continue;
            yield return text[start..i];
            start = i;
        }
    }

    public static IEnumerable<string> OfArguments(string json, int size = 8)
    {
        for (var start = 0; start < json.Length;)
        {
            var end = Math.Min(json.Length, start + size);
            if (end < json.Length && char.IsLowSurrogate(json[end])) end++;
            yield return json[start..end];
            start = end;
        }
    }
}
