using Microsoft.ML.Tokenizers;

namespace Dragoman.TokenCounting;

/// <summary>Counts tokens of text by the o200k vocabulary, in time that grows no faster than the text.</summary>
/// <remarks>The vocabulary takes about 0.4 s and 40 MB, so it is loaded by the first count and not at start: a gateway that
/// nobody asks to count never pays for it.</remarks>
internal sealed class TextTokenizer
{
    /// <summary>Longest run of letters, of blanks or of marks that is handed over whole. Byte pair merging takes quadratic time within a
    /// run: 64,000 Chinese characters without a mark took 12 s, in pieces of this size 0.1 s. A cut costs at most a token.</summary>
    private const int LongestRun = 256;

    /// <summary>Characters handed over at once; cancellation is looked for between.</summary>
    private const int Slice = 16 * 1024;

    /// <summary>Text longer than this is counted by samples spread over it: at 3 MB/s a single tool result must not hold a core for seconds.</summary>
    private const int LongestExact = 512 * 1024;

    private const int Samples = 16;

    private readonly Lazy<TiktokenTokenizer> _o200k = new(static () => TiktokenTokenizer.CreateForEncoding("o200k_base"));

    /// <summary>The vocabulary is in memory.</summary>
    public bool IsLoaded => _o200k.IsValueCreated;

    /// <summary>Tokens of <paramref name="text"/>; of a very long one an extrapolation, usually within a few percent.</summary>
    /// <exception cref="OperationCanceledException">Looked for between slices.</exception>
    public long Count(ReadOnlySpan<char> text, CancellationToken cancellation)
    {
        if (text.Length <= LongestExact)
            return CountAll(text, cancellation);

        var tokens = 0L;
        var stride = (text.Length - Slice) / (Samples - 1);
        for (var sample = 0; sample < Samples; sample++)
            tokens += CountAll(text.Slice(sample * stride, Slice), cancellation);
        return (long)((double)tokens / (Samples * Slice) * text.Length);
    }

    private long CountAll(ReadOnlySpan<char> text, CancellationToken cancellation)
    {
        var tokens = 0L;
        while (!text.IsEmpty)
        {
            cancellation.ThrowIfCancellationRequested();
            var slice = text[..SliceLength(text)];
            tokens += _o200k.Value.CountTokens(slice, considerPreTokenization: true, considerNormalization: false);
            text = text[slice.Length..];
        }
        return tokens;
    }

    /// <summary>How much of <paramref name="text"/> to hand over: up to the end of a line if possible, never into a run that is too long.</summary>
    private static int SliceLength(ReadOnlySpan<char> text)
    {
        var run = 0;
        var kind = -1;
        var lineEnd = 0;
        var end = Math.Min(text.Length, Slice);
        for (var i = 0; i < end; i++)
        {
            var c = text[i];
            var next = char.IsLetter(c) ? 0 : char.IsWhiteSpace(c) ? 1 : 2;
            run = next == kind ? run + 1 : 1;
            kind = next;
            if (c == '\n')
                lineEnd = i + 1;
            if (run > LongestRun)
                return char.IsLowSurrogate(c) ? i - 1 : i;
        }
        if (end == text.Length)
            return end;
        if (lineEnd > 0)
            return lineEnd;
        return char.IsLowSurrogate(text[end]) ? end - 1 : end;
    }
}
