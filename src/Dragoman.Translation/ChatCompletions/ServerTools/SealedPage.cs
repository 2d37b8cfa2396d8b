using System.Text.Json;
using Dragoman.Protocol;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>What travels in <c>encrypted_content</c> and <c>encrypted_index</c>: what a later turn needs to show the model what it saw.</summary>
/// <remarks>Sealed, so that no caller can put words into the mouth of a search.</remarks>
internal static class SealedPage
{
    private const string Prefix = "gw1.";

    /// <summary>A search result for <c>encrypted_content</c>.</summary>
    public static string Close(FoundPage page, ReadOnlySpan<byte> key)
    {
        using var json = new PooledBuffer();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("t"u8, page.Title);
            writer.WriteString("u"u8, page.Url);
            if (page.Age is not null) writer.WriteString("a"u8, page.Age);
            writer.WriteString("s"u8, page.Snippet);
            writer.WriteEndObject();
        }

        return Seal.Close(Prefix, "web_search_result"u8, json.Span, key);
    }

    /// <summary>The result in <c>encrypted_content</c>; null if that is not ours, or damaged.</summary>
    public static FoundPage? Open(JsonView encryptedContent, ReadOnlySpan<byte> key)
    {
        if (!encryptedContent.RawString.StartsWith("gw1."u8) || Seal.Open(encryptedContent.RawString["gw1."u8.Length..], "web_search_result"u8, key) is not { } json)
            return null;
        using var text = JsonText.Parse(json);
        var page = text.Root;
        return page["u"u8].GetString() is { } url
            ? new FoundPage(page["t"u8].GetString() ?? "", url, page["a"u8].GetString(), page["s"u8].GetString() ?? "")
            : null;
    }

    /// <summary>A source's number for <c>encrypted_index</c>.</summary>
    public static string CloseNumber(int number, ReadOnlySpan<byte> key) =>
        Seal.Close(Prefix, "web_search_index"u8, System.Text.Encoding.UTF8.GetBytes(number.ToString(System.Globalization.CultureInfo.InvariantCulture)), key);

    /// <summary>The number in <c>encrypted_index</c>; 0 if that is not ours, or damaged.</summary>
    public static int OpenNumber(JsonView encryptedIndex, ReadOnlySpan<byte> key) =>
        encryptedIndex.RawString.StartsWith("gw1."u8)
        && Seal.Open(encryptedIndex.RawString["gw1."u8.Length..], "web_search_index"u8, key) is { } number
        && int.TryParse(number, System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : 0;
}
