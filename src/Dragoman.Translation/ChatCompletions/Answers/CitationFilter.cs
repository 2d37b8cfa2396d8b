using Dragoman.Protocol;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Takes the number of a source, from 1 on, that the text before it rests on.</summary>
internal delegate void CitationHandler(int number);

/// <summary>Takes the marks that the model puts behind cited sentences out of the text: <c>[cite:1]</c>, <c>[cite:1,2]</c>.</summary>
/// <remarks>Text is held back only from a bracket on that may begin a mark. What turns out to be none, and a mark whose numbers are all unknown,
/// is text like any other.</remarks>
internal sealed class CitationFilter(int sources, TextHandler text, CitationHandler cite) : IDisposable
{
    private const int LongestMark = 64;
    private const int MostNumbers = 8;

    private readonly PooledBuffer _held = new();

    private enum Verdict
    {
        None,
        MayBecome,
        Mark,
    }

    internal void Push(ReadOnlySpan<byte> piece)
    {
        if (_held.IsEmpty && !piece.Contains((byte)'['))
        {
            text(piece);
            return;
        }

        _held.Append(piece);
        var done = 0;
        while (done < _held.Length)
        {
            var rest = _held.Span[done..];
            var bracket = rest.IndexOf((byte)'[');
            if (bracket < 0) bracket = rest.Length;
            if (bracket > 0) text(rest[..bracket]);
            done += bracket;
            if (done == _held.Length) break;
            var verdict = Look(_held.Span[done..], out var length);
            if (verdict == Verdict.MayBecome) break;
            if (verdict == Verdict.None) text("["u8);
            done += length;
        }

        _held.RemoveStart(done);
        if (_held.IsEmpty) _held.Dispose();
    }

    /// <summary>The text is interrupted or over: a mark that was not finished is none.</summary>
    internal void Flush()
    {
        if (!_held.IsEmpty) text(_held.Span);
        _held.Dispose();
    }

    public void Dispose() => _held.Dispose();

    /// <param name="from">Begins with a bracket.</param>
    /// <param name="length">How much is decided about.</param>
    private Verdict Look(ReadOnlySpan<byte> from, out int length)
    {
        length = 1;
        Span<int> numbers = stackalloc int[MostNumbers];
        var count = 0;
        var at = 1;
        var word = "cite:"u8;
        while (true)
        {
            // The word may be repeated before each number; blanks are no matter.
            while (at < from.Length && from[at] == ' ') at++;
            var rest = from[at..];
            if (rest.Length < word.Length && word.StartsWith(rest)) return MayBecome(from);
            if (rest.StartsWith(word)) at += word.Length;
            else if (count == 0) return Verdict.None;

            while (at < from.Length && from[at] == ' ') at++;
            var (start, value) = (at, 0);
            while (at < from.Length && at - start < 4 && char.IsAsciiDigit((char)from[at])) value = (value * 10) + from[at++] - '0';
            while (at < from.Length && from[at] == ' ') at++;
            if (at == from.Length) return MayBecome(from);
            if (at == start || count == MostNumbers || from[at] is not ((byte)',' or (byte)']')) return Verdict.None;
            numbers[count++] = value;
            if (from[at++] == ']') break;
        }

        var known = 0;
        foreach (var number in numbers[..count])
        {
            if (number < 1 || number > sources) continue;
            cite(number);
            known++;
        }

        if (known == 0) return Verdict.None;
        length = at;
        return Verdict.Mark;
    }

    private static Verdict MayBecome(ReadOnlySpan<byte> from) => from.Length < LongestMark ? Verdict.MayBecome : Verdict.None;
}
