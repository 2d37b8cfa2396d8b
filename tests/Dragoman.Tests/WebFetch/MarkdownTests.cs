using System.Diagnostics;
using System.Text;
using CsCheck;
using Dragoman.WebFetch.Reading;

namespace Dragoman.Tests.WebFetch;

/// <summary>HTML as Markdown. <c>Golden/pages</c>: the page, a line with its title, what a model reads. With <c>DRAGOMAN_UPDATE_GOLDEN=1</c> the files are written.</summary>
public sealed class MarkdownTests
{
    private const string Separator = "\n======== ";

    private static readonly Uri Page = new("https://site.test/docs/page.html");
    private static readonly string?[] Charsets = [null, "utf-8", "windows-1252", "shift_jis", "utf-16", "nonsense", "utf-7"];
    private static readonly TimeSpan Plenty = TimeSpan.FromMinutes(5);
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Dragoman.Tests", "WebFetch", "Golden", "pages");

    public static TheoryData<string> Cases => [.. Directory.GetFiles(Folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_page_reads_as_it_should(string name)
    {
        var path = Path.Combine(Folder, name + ".txt");
        var golden = File.ReadAllText(path).ReplaceLineEndings("\n");
        var html = golden.Split(Separator)[0];

        var page = Read(html);

        var actual = $"{html.TrimEnd('\n')}{Separator}{page.Title}\n{page.Text}";
        if (Environment.GetEnvironmentVariable("DRAGOMAN_UPDATE_GOLDEN") == "1") File.WriteAllText(path, actual);
        Assert.Equal(golden, actual);
    }

    [Fact]
    public void A_long_page_ends_where_it_is_cut()
    {
        var html = string.Concat(Enumerable.Repeat("<p>Some words in a paragraph.</p><ul><li>and</li><li>items</li></ul>", 1000));

        for (var length = 0; length < 300; length += 7)
        {
            var page = HtmlPage.Read(html, Page, length, Plenty, CancellationToken.None);
            Assert.True(page.IsCut);
            Assert.InRange(page.Text.Length, 0, length);
        }
    }

    /// <summary>Each is small, and makes an HTML parser, a search for the article or a walk through the tree take for ever, unless bounded.</summary>
    public static TheoryData<string, string> Hostile => new()
    {
        { "deep", Repeat("<div>", 200_000) },
        { "deep with text", Repeat("<div>x", 100_000) },
        { "deep lists", Repeat("<ul><li>", 100_000) },
        { "deep quotes", Repeat("<blockquote>x", 50_000) },
        { "deep tables", Repeat("<table><tr><td>x", 50_000) },
        { "formatting that is opened anew in each paragraph", "<p>" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"<b id={i}>")) + Repeat("</p><p>x", 20_000) },
        { "formatting closed in the wrong order", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"<b id={i}><div>")) + Repeat("</b>", 20_000) },
        { "text before its table", "<table>" + Repeat("x<b>", 100_000) },
        { "templates", Repeat("<template>", 100_000) },
        { "foreign content", Repeat("<svg><foreignObject>", 50_000) },
        { "many siblings", "<article>" + Repeat("<p>x, y, z and so on", 100_000) },
        { "many breaks", "<article>" + Repeat("words, words<br><br>", 100_000) },
        { "many links", Repeat("<a href=x>y</a> ", 100_000) },
        { "nested links and marks", Repeat("<b><a href=x><i>x ", 50_000) },
        { "attributes", "<p " + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"a{i}=1 ")) + ">x" },
        { "one long word", new string('a', 4_000_000) },
        { "blanks", new string(' ', 4_000_000) },
        { "less-than signs", new string('<', 1_000_000) },
        { "unfinished comments", Repeat("<!--", 500_000) },
        { "unfinished scripts", Repeat("<script", 300_000) },
        { "entities", Repeat("&amp;&notit;&#x41;", 200_000) },
        { "wide table", "<table>" + Repeat("<tr>" + Repeat("<td>x", 200), 500) + "</table>" },
        { "colspan", "<table>" + Repeat("<tr><td colspan=1000>x<td colspan=1000>y", 2000) + "</table>" },
        { "backticks", "<pre>" + new string('`', 500_000) },
        { "images with sources", "<article>" + Repeat("<p>words, words, words<img src=a data-src='b.png 1x, c.png 2x'>", 30_000) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void No_page_takes_more_than_its_time(string name, string html)
    {
        var began = Stopwatch.GetTimestamp();

        var page = HtmlPage.Read(html, Page, 100_000, TimeSpan.FromSeconds(3), CancellationToken.None);

        // Ten times over, for machines with other work: without bounds most of these take minutes, or the process down.
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30), name);
        Assert.InRange(page.Text.Length, 0, 100_000);
    }

    [Fact]
    public void Any_markup_is_read()
    {
        string[] pieces =
        [
            "<p>", "</p>", "<div class='content'>", "</div>", "<ul>", "<ol start=-1>", "<li>", "</ul>", "<table>", "<tr>", "<td colspan=9>", "</table>", "<b>", "</b>", "<i>", "</i>", "<a href='x y'>", "<a href=//h>", "</a>",
            "<pre>", "</pre>", "<code class=language-x>", "</code>", "<br>", "<hr>", "<h2>", "</h2>", "<blockquote>", "</blockquote>", "<img alt='q'>", "<script>", "</script>", "<!--", "-->", "<svg>", "</svg>", "<math>", "<dl>", "<dt>", "<dd>",
            "<main>", "<article>", "<template>", "<select>", "<frameset>", "<base href='http://[bad'>", "<base href=/b/>", "<title>", "</title>", "<plaintext>", "&amp;", "&#0;", "&#xD800;", "<", ">", "`", "|", "*", "[", "]", "\0", "\u2028", "word ", "\ud83d", "  \n", "ÄÖ",
        ];
        Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]).Array[0, 60].Sample(parts =>
            Assert.NotNull(Read(string.Concat(parts)).Text), iter: 3000);
    }

    [Fact]
    public void Any_bytes_are_read() =>
        Gen.Select(Gen.Byte.Array[0, 400], Gen.Int[0, 6].Select(i => Charsets[i])).Sample((bytes, charset) =>
        {
            Read(Charset.Decode(bytes, charset, isMarkup: true));
            PlainMarkup.Strip(Encoding.Latin1.GetString(bytes), CancellationToken.None);
        }, iter: 2000);

    [Fact]
    public void A_caller_that_leaves_ends_the_conversion()
    {
        using var left = new CancellationTokenSource();
        left.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => HtmlPage.Read("<p>x", Page, 1000, Plenty, left.Token));
    }

    private static PageText Read(string html) => HtmlPage.Read(html, Page, 100_000, Plenty, CancellationToken.None);

    private static string Repeat(string text, int count) => new StringBuilder(text.Length * count).Insert(0, text, count).ToString();
}
