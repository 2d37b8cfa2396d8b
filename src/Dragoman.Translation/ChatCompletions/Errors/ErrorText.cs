using System.Text.RegularExpressions;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Takes out of a backend's sentence what a caller must not learn: addresses, keys, account ids, the frames of a stack trace, files.</summary>
internal static partial class ErrorText
{
    private const int Longest = 1500;

    internal static string Clean(string message)
    {
        var text = message.Length > 8 * Longest ? message[..(8 * Longest)] : message;
        text = StackFrames().Replace(text, "");
        text = Files().Replace(text, "[file]");
        text = Addresses().Replace(text, "[address]");
        text = Secrets().Replace(text, "[key]");
        text = Accounts().Replace(text, "[account]");
        text = Spaces().Replace(text, " ").Trim();
        return text.Length > Longest ? string.Concat(text.AsSpan(0, Longest), "…") : text;
    }

    [GeneratedRegex(
        @"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s""'<>)\]]+"
        + @"|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"
        + @"|\blocalhost:\d+\b"
        + @"|\b(?:[a-zA-Z0-9-]+\.)+(?:com|net|org|io|ai|dev|local|internal|svc|cluster|cn)(?::\d+)?(?:/[^\s""'<>)\]]*)?(?![a-zA-Z0-9])")]
    private static partial Regex Addresses();

    [GeneratedRegex(
        @"(?<![\w:/])(?:[A-Za-z]:)?[/\\](?:[\w.@+-]+[/\\])+[\w.@+-]+"
        + @"\.(?:py|pyc|so|cpp|cc|c|h|cu|go|rs|js|ts|java|gguf|safetensors|bin|json|log)\b(?::\d+)?")]
    private static partial Regex Files();

    [GeneratedRegex(
        @"(?<=(?i:\bkey provided:?\s*))[^\s,;'""]*[^\s,;.'""]"
        + @"|\bsk[-_][A-Za-z0-9*_\-.]{3,}|\b(?:pk|gsk|xai|nvapi|hf|key|api|ghp|AIza)[-_][A-Za-z0-9*_\-.]{6,}|\bAIza[A-Za-z0-9_\-]{10,}"
        + @"|(?i:\bBearer\s+)[A-Za-z0-9._\-*]{6,}"
        + @"|\b[A-Za-z0-9]{2,}\*{3,}[A-Za-z0-9_-]*|\*{3,}[A-Za-z0-9_-]+")]
    private static partial Regex Secrets();

    [GeneratedRegex(@"\b(?:org|proj|user|acct|account|team|project|ws)[-_][A-Za-z0-9]{8,}\b")]
    private static partial Regex Accounts();

    // Python's and .NET's. What stands between them, the words of the exception, stays.
    [GeneratedRegex(@"Traceback \(most recent call last\):?|\bFile ""[^""]*""(?:, line \d+)?(?:, in [\w<>.]+)?:?|^ +at [\w.<>`]+\([^)]*\)(?: in \S+:line \d+)?", RegexOptions.Multiline)]
    private static partial Regex StackFrames();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
