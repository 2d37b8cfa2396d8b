using System.IO.Compression;
using System.Text;
using Dragoman.Documents;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;

namespace Dragoman.Tests.Documents;

public sealed class PdfTextTests : IDisposable
{
    private readonly PdfText _pdf = new();

    public void Dispose() => _pdf.Dispose();

    private static byte[] Pdf(params string[][] pages)
    {
        var builder = new PdfDocumentBuilder();
        var font = builder.AddStandard14Font(Standard14Font.Helvetica);
        foreach (var lines in pages)
        {
            var page = builder.AddPage(PageSize.A4);
            for (var i = 0; i < lines.Length; i++)
                page.AddText(lines[i], 12, new PdfPoint(50, 780 - 20 * i), font);
        }
        return builder.Build();
    }

    private string? Extract(byte[] document) => _pdf.Extract(Encoding.ASCII.GetBytes(Convert.ToBase64String(document)));

    [Fact]
    public void A_page_reads_from_top_to_bottom() =>
        Assert.Equal("The first line.\nThe second line.", Extract(Pdf(["The first line.", "The second line."]))!.Replace("\n\n", "\n", StringComparison.Ordinal));

    [Fact]
    public void Several_pages_are_told_apart()
    {
        var text = Extract(Pdf(["one"], [], ["three"]));

        Assert.Equal("[Page 1]\none\n\n[Page 2]\n\n[Page 3]\nthree", text);
    }

    [Fact]
    public void Scanned_pages_have_no_text() => Assert.Null(Extract(Pdf([], [])));

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("%PDF-1.7 and nothing more")]
    [InlineData("%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF")]
    public void What_is_no_document_has_no_text(string content) => Assert.Null(Extract(Encoding.ASCII.GetBytes(content)));

    [Theory]
    [InlineData("not base64 !")]
    [InlineData("JVBERi0")]
    [InlineData("\\")]
    [InlineData("\\u00")]
    [InlineData("\\\\\\\\")]
    public void What_is_no_base64_has_no_text(string base64) => Assert.Null(_pdf.Extract(Encoding.UTF8.GetBytes(base64)));

    [Fact]
    public void Base64_may_be_escaped_and_broken_into_lines()
    {
        var base64 = Convert.ToBase64String(Pdf(["some text"]));
        var lines = string.Join("\\r\\n", base64.Chunk(76).Select(line => new string(line)));

        Assert.Equal("some text", _pdf.Extract(Encoding.ASCII.GetBytes(lines.Replace("/", "\\/", StringComparison.Ordinal).Replace("+", "\\u002B", StringComparison.Ordinal))));
    }

    [Fact]
    public void A_cut_document_says_so()
    {
        using var pages = new PdfText(new() { MaxPages = 2 });
        using var characters = new PdfText(new() { MaxCharacters = 20 });
        var base64 = Encoding.ASCII.GetBytes(Convert.ToBase64String(Pdf(["first"], ["second"], ["third"])));

        Assert.Equal("[Page 1]\nfirst\n\n[Page 2]\nsecond\n\n[The document was cut here, after page 2 of 3.]", pages.Extract(base64));
        Assert.Equal("[Page 1]\nfirst\n\n[Pag\n\n[The document was cut here, within page 2 of 3.]", characters.Extract(base64));
    }

    [Fact]
    public void A_document_too_large_is_not_opened()
    {
        using var small = new PdfText(new() { MaxDocumentBytes = 100 });

        Assert.Null(small.Extract(Encoding.ASCII.GetBytes(Convert.ToBase64String(Pdf(["text"])))));
    }

    // Each turn of a conversation sends the document again.
    [Fact]
    public void The_same_document_gives_the_same_text_object_again()
    {
        var base64 = Encoding.ASCII.GetBytes(Convert.ToBase64String(Pdf(["remember me"])));

        Assert.Same(_pdf.Extract(base64), _pdf.Extract(base64));
    }

    [Fact]
    public void Damaged_documents_never_throw()
    {
        var document = Pdf(["some text to be damaged"], ["more of it"]);
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            var damaged = (byte[])document.Clone();
            for (var j = random.Next(1, 40); j > 0; j--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Extract(random.Next(3) == 0 ? damaged[..random.Next(damaged.Length)] : damaged);
        }
    }

    // A few hundred kilobytes that would unpack to gigabytes.
    [Theory]
    [InlineData("/FlateDecode")]
    [InlineData("[/FlateDecode /FlateDecode]")]
    public void A_document_that_unpacks_without_end_is_given_up(string filter)
    {
        var packed = Deflate(new byte[64 * 1024 * 1024], filter.StartsWith('[') ? 2 : 1);
        using var small = new PdfText(new() { MaxUnpackedBytes = 1024 * 1024 });
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Null(small.Extract(Encoding.ASCII.GetBytes(Convert.ToBase64String(WithContent(packed, filter)))));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * 1024 * 1024);
    }

    private static byte[] Deflate(byte[] content, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var packed = new MemoryStream();
            using (var deflating = new ZLibStream(packed, CompressionLevel.Optimal))
                deflating.Write(content);
            content = packed.ToArray();
        }
        return content;
    }

    /// <summary>A document of one page with that content stream.</summary>
    private static byte[] WithContent(byte[] content, string filter)
    {
        using var document = new MemoryStream();
        var offsets = new List<long>();
        void Write(string text) => document.Write(Encoding.ASCII.GetBytes(text));
        void Start(string text)
        {
            offsets.Add(document.Position);
            Write($"{offsets.Count} 0 obj\n{text}");
        }

        Write("%PDF-1.4\n");
        Start("<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
        Start("<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n");
        Start("<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R/Resources<<>>>>\nendobj\n");
        Start($"<</Length {content.Length}/Filter {filter}>>\nstream\n");
        document.Write(content);
        Write("\nendstream\nendobj\n");
        var table = document.Position;
        Write($"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n{string.Concat(offsets.Select(o => $"{o:D10} 00000 n \n"))}");
        Write($"trailer<</Root 1 0 R/Size {offsets.Count + 1}>>\nstartxref\n{table}\n%%EOF");
        return document.ToArray();
    }
}
