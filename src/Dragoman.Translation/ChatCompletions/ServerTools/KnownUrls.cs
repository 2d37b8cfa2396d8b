using System.Buffers;
using System.Text;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>URLs that stood in a conversation where somebody else than the model put them: in the system prompt, in the user's words, in results of
/// the client's tools, in what was searched and fetched before. Only these may be fetched, as the real service has it: a page could otherwise make
/// a model carry what it knows to a URL of the page's choice.</summary>
/// <remarks>URLs are the same if they lead to the same: scheme, fragment, a slash at the end, the case of the host and needless escapes do not count.
/// Where a URL ends in running text is a guess, so that every place where it may end counts.</remarks>
public sealed class KnownUrls
{
    private const int LongestUrl = 4096;
    private const int MostUrls = 50_000;

    /// <summary>What users wrote themselves, for addresses without a scheme.</summary>
    private const int MostUserText = 1 << 20;

    // What no URL holds.
    private static readonly SearchValues<char> Ends = SearchValues.Create(" \t\r\n<>\"`\\\u00a0\u3000");

    private const string MayEnd = "')]}|*，。、；：）】」』》";
    private const string Trailing = ".,;:!?'*_~)]}|";

    private readonly HashSet<string> _urls = new(StringComparer.Ordinal);
    private readonly StringBuilder _userText = new();

    /// <summary>Those of a conversation as a request carries it.</summary>
    /// <param name="conversation">The request.</param>
    /// <param name="sealKey">Key that search results are sealed with: what they say was read, too.</param>
    public static KnownUrls Of(MessagesRequest conversation, ReadOnlySpan<byte> sealKey = default)
    {
        var known = new KnownUrls();
        known.AddAll(conversation.System, isUsers: false);
        foreach (var message in conversation.Messages.Items)
        {
            var content = message["content"u8];
            if (!message["role"u8].Equals("assistant"u8))
            {
                known.AddAll(content, isUsers: true);
                continue;
            }

            foreach (var item in content.Items)
            {
                // Not what the model itself wrote, nor what its programs printed for it.
                var block = new ContentBlock(item);
                if (block.Type is not (ContentBlockType.WebSearchToolResult or ContentBlockType.WebFetchToolResult))
                    continue;
                known.AddAll(block.Content, isUsers: false);
                foreach (var result in block.Content.Items)
                {
                    if (SealedPage.Open(result["encrypted_content"u8], sealKey) is { } page)
                        known.Add(page.Snippet);
                }
            }
        }

        return known;
    }

    /// <summary>Takes in what was found since: a page's text, a result of a search.</summary>
    public void Add(string text)
    {
        if (text.Contains("\\/", StringComparison.Ordinal) || text.Contains("\\u0026", StringComparison.Ordinal))
            // JSON within a text.
            text = text.Replace("\\/", "/", StringComparison.Ordinal).Replace("\\u0026", "&", StringComparison.Ordinal);
        for (var at = 0; (at = text.IndexOf("://", at, StringComparison.Ordinal)) >= 0; at += 3)
        {
            var before = text.AsSpan(0, at);
            var start = before.EndsWith("https", StringComparison.OrdinalIgnoreCase) ? at - 5 : before.EndsWith("http", StringComparison.OrdinalIgnoreCase) ? at - 4 : -1;
            if (start >= 0)
                AddAt(text.AsSpan(start, Math.Min(LongestUrl, text.Length - start)), schemeLength: at + 3 - start);
        }
    }

    /// <summary>Whether a URL stood there.</summary>
    public bool Contains(string url)
    {
        if (KeyOf(url.Trim()) is not { } key)
            return false;
        return _urls.Contains(key) || UserWrote(key);
    }

    private void AddAll(JsonView value, bool isUsers)
    {
        if (value.IsString)
        {
            // Most strings, and the longest ones, are not worth decoding.
            var raw = value.RawString;
            if (raw.IndexOf("://"u8) >= 0 || raw.IndexOf(":\\"u8) >= 0)
                Add(value.GetString()!);
            if (isUsers)
                Note(value);
            return;
        }

        foreach (var item in value.Items)
            AddAll(item, isUsers);
        // The user's own words are in text blocks; what else a block holds may be anybody's.
        var isText = isUsers && value["type"u8].Equals("text"u8);
        foreach (var member in value.Members)
        {
            AddAll(member.Value, isUsers: false);
            if (isText && member.NameEquals("text"u8))
                Note(member.Value);
        }
    }

    private void Note(JsonView text)
    {
        if (text.GetString() is { } words && _userText.Length + words.Length < MostUserText)
            _userText.Append(words).Append('\n');
    }

    /// <summary>Adds the URL that <paramref name="text"/> begins with, up to each place where it may end.</summary>
    private void AddAt(ReadOnlySpan<char> text, int schemeLength)
    {
        var end = text.IndexOfAny(Ends);
        var url = end < 0 ? text : text[..end];
        AddOne(url);
        for (var i = schemeLength; i < url.Length; i++)
        {
            // Text without blanks may follow; so may a quotation mark or bracket, which a URL can hold as well.
            if (MayEnd.Contains(url[i], StringComparison.Ordinal) || (!char.IsAscii(url[i]) && char.IsAscii(url[i - 1])))
                AddOne(url[..i]);
        }
    }

    private void AddOne(ReadOnlySpan<char> url)
    {
        AddKey(url);
        var trimmed = url.TrimEnd(Trailing);
        if (trimmed.Length < url.Length)
            AddKey(trimmed);
    }

    private void AddKey(ReadOnlySpan<char> url)
    {
        if (_urls.Count >= MostUrls || KeyOf(url.ToString()) is not { } key)
            return;
        _urls.Add(key);
        if (key.Contains("&amp;", StringComparison.Ordinal))
            _urls.Add(key.Replace("&amp;", "&", StringComparison.Ordinal));
    }

    /// <summary>The same for all URLs that lead to the same; null: it is none.</summary>
    private static string? KeyOf(string url)
    {
        if (url.Length > LongestUrl || !Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https"))
            return null;
        var port = parsed.IsDefaultPort ? "" : $":{parsed.Port}";
        return $"{parsed.IdnHost.TrimEnd('.').ToLowerInvariant()}{port}{parsed.AbsolutePath.TrimEnd('/')}{parsed.Query}";
    }

    /// <summary>Users write addresses without a scheme.</summary>
    private bool UserWrote(string key)
    {
        if (_userText.Length == 0)
            return false;
        var text = _userText.ToString();
        for (var at = 0; (at = text.IndexOf(key, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            var end = at + key.Length;
            if (end < text.Length && text[end] == '/')
                end++;
            if ((at == 0 || !IsOfAddress(text[at - 1])) && !GoesOn(text, end))
                return true;
        }

        return false;
    }

    private static bool GoesOn(string text, int at)
    {
        while (at < text.Length && Trailing.Contains(text[at], StringComparison.Ordinal))
            at++;
        return at < text.Length && (IsOfAddress(text[at]) || text[at] is '?' or '#' or '=' or '&' or '%');
    }

    private static bool IsOfAddress(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/' or '@' or '~' or '+';
}
