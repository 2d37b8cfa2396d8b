using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Dragoman.WebFetch.Reading;

/// <summary>Bytes into text, as browsers do it: byte order mark, then header, then what the page says of itself, then UTF-8 if it can be,
/// then windows-1252.</summary>
internal static partial class Charset
{
    // Where browsers look for it, and some more: pages with long scripts before it exist.
    private const int Declared = 8 * 1024;

    private static readonly Encoding Western = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    // Names that mean something else on the web than they say (WHATWG Encoding Standard).
    private static readonly Dictionary<string, string> Labels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["iso-8859-1"] = "windows-1252", ["latin1"] = "windows-1252", ["l1"] = "windows-1252", ["ascii"] = "windows-1252", ["us-ascii"] = "windows-1252", ["cp1252"] = "windows-1252",
        ["iso-8859-9"] = "windows-1254", ["latin5"] = "windows-1254", ["iso-8859-11"] = "windows-874", ["tis-620"] = "windows-874",
        ["gb2312"] = "gb18030", ["gbk"] = "gb18030", ["x-gbk"] = "gb18030",
        ["sjis"] = "shift_jis", ["shift-jis"] = "shift_jis", ["x-sjis"] = "shift_jis", ["windows-31j"] = "shift_jis", ["ms_kanji"] = "shift_jis",
        ["euc-kr"] = "ks_c_5601-1987", ["windows-949"] = "ks_c_5601-1987", ["cp949"] = "ks_c_5601-1987", ["big5-hkscs"] = "big5",
        ["utf8"] = "utf-8", ["unicode-1-1-utf-8"] = "utf-8", ["utf-16"] = "utf-16", ["ucs-2"] = "utf-16", ["utf16"] = "utf-16",
    };

    /// <summary>The text.</summary>
    /// <param name="bytes">What was sent.</param>
    /// <param name="header">The charset of <c>Content-Type</c>; null: not said.</param>
    /// <param name="isMarkup">It may say its charset itself.</param>
    public static string Decode(ReadOnlySpan<byte> bytes, string? header, bool isMarkup)
    {
        var (encoding, mark) = bytes switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
            [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
            [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
            _ => (Named(header) ?? (isMarkup ? DeclaredIn(bytes) : null) ?? (IsUtf8(bytes) ? Encoding.UTF8 : Western), 0),
        };
        return encoding.GetString(bytes[mark..]);
    }

    /// <summary>The encoding of that name; null: there is none.</summary>
    public static Encoding? Named(string? label)
    {
        if (string.IsNullOrWhiteSpace(label)) return null;
        label = label.Trim();
        label = Labels.GetValueOrDefault(label, label);
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(label) ?? Encoding.GetEncoding(label);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            // Unknown, or UTF-7, which nobody should read.
            return null;
        }
    }

    private static Encoding? DeclaredIn(ReadOnlySpan<byte> bytes)
    {
        var head = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, Declared)]);
        var match = Declaration().Match(head);
        var encoding = match.Success ? Named(match.Groups["name"].Value) : null;
        // It was read as ASCII, so it is none of these, whatever it says.
        return encoding is UnicodeEncoding or UTF32Encoding ? Encoding.UTF8 : encoding;
    }

    /// <summary>All of it but, perhaps, a character that is cut off at the end.</summary>
    private static bool IsUtf8(ReadOnlySpan<byte> bytes)
    {
        for (var cut = 0; cut <= Math.Min(3, bytes.Length); cut++)
        {
            if (Utf8.IsValid(bytes[..^cut])) return cut == 0 || Rune.DecodeFromUtf8(bytes[^cut..], out _, out _) == OperationStatus.NeedMoreData;
        }

        return false;
    }

    [GeneratedRegex("""<meta\s[^>]{0,512}?charset\s{0,8}=\s{0,8}["']?(?<name>[A-Za-z0-9_:.-]{1,40})|^\s{0,16}<\?xml\s[^>]{0,256}?encoding\s{0,8}=\s{0,8}["'](?<name>[A-Za-z0-9_:.-]{1,40})""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Declaration();
}
