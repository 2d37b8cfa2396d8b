using System.Text;
using Dragoman.WebFetch.Reading;

namespace Dragoman.Tests.WebFetch;

public sealed class CharsetTests
{
    /// <summary>The encoding of the bytes, the header's charset, what stands before the text, and the text.</summary>
    public static TheoryData<string, string?, string, string> Pages => new()
    {
        { "utf-8", null, "", "Größe – 漢字" },
        { "utf-8", "utf-8", "", "Größe" },
        { "utf-8", "UTF8", "", "Größe" },
        { "windows-1252", null, "", "Größe – “quoted” €" },
        { "windows-1252", "iso-8859-1", "", "Größe – €" },
        { "windows-1252", "nonsense", "", "Größe" },
        { "windows-1251", "windows-1251", "", "Привет" },
        { "windows-1251", null, "<html><head><meta charset=windows-1251>", "Привет" },
        { "windows-1251", null, "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=windows-1251\">", "Привет" },
        { "koi8-r", null, "<?xml version=\"1.0\" encoding=\"koi8-r\"?>", "Привет" },
        { "shift_jis", "Shift_JIS", "", "日本語" },
        { "shift_jis", null, "<META CHARSET='x-sjis'>", "日本語" },
        { "euc-jp", null, "<meta charset=\"euc-jp\">", "日本語" },
        { "gb18030", "gb2312", "", "中文" },
        { "big5", "big5", "", "中文" },
        { "ks_c_5601-1987", "euc-kr", "", "한국어" },
        { "utf-16", "utf-16", "", "Größe" },
        { "utf-16BE", "utf-16be", "", "Größe" },
        // What a page says of itself was read as ASCII: it cannot be UTF-16.
        { "utf-8", null, "<meta charset=utf-16>", "Größe" },
        // The header counts more than the page.
        { "utf-8", "utf-8", "<meta charset=windows-1252>", "Größe" },
        // UTF-7 is never read: it hides markup in plain letters.
        { "utf-8", "utf-7", "", "+ADw-script+AD4-" },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_is_read_in_its_charset(string encoding, string? header, string before, string text)
    {
        var bytes = (CodePagesEncodingProvider.Instance.GetEncoding(encoding) ?? Encoding.GetEncoding(encoding)).GetBytes(before + text);

        Assert.Equal(before + text, Charset.Decode(bytes, header, isMarkup: true));
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void A_byte_order_mark_counts_more_than_the_header(string encoding)
    {
        var codec = Encoding.GetEncoding(encoding);

        Assert.Equal("Größe", Charset.Decode([.. codec.GetPreamble(), .. codec.GetBytes("Größe")], "windows-1252", isMarkup: false));
    }

    [Fact]
    public void Text_that_was_cut_within_a_character_is_still_UTF_8() =>
        Assert.StartsWith("Größe 漢", Charset.Decode("Größe 漢字"u8[..^1], null, isMarkup: false), StringComparison.Ordinal);

    [Fact]
    public void Plain_text_declares_nothing() =>
        Assert.Equal("<meta charset=koi8-r> ä", Charset.Decode("<meta charset=koi8-r> ä"u8, null, isMarkup: false));
}
