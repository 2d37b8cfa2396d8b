using System.Text;
using Dragoman.WebFetch;

namespace Dragoman.Tests.WebFetch;

/// <summary>Pages over real sockets.</summary>
public sealed class PageFetcherTests
{
    [Fact]
    public async Task A_page_comes_as_Markdown_with_its_title_and_final_URL()
    {
        await using var site = new ScriptedSite(call => call.Path == "/old"
            ? call.RedirectAsync("/new?x=1")
            : call.AnswerAsync("<html><head><title> A  page </title></head><body><nav>Menu</nav><h1>Head</h1><p>See <a href='../other'>this</a>.</p></body></html>"));
        using var fetching = new Fetching(Fetching.Reaching(site));

        var page = await fetching.PageAsync(site.Url("/old#part"));

        Assert.Equal("A page", page.Title);
        Assert.Equal(site.Url("/new?x=1"), page.Url);
        Assert.Equal("text/html", page.MediaType);
        Assert.Equal($"# Head\n\nSee [this]({site.Url("/other")}).\n", page.Text);
        Assert.False(page.IsCut);
        Assert.Equal("Dragoman/1.0 (fetches single pages for a user)", site.Calls[0].Headers["User-Agent"]);
        Assert.DoesNotContain("traceparent", site.Calls[0].Headers.Keys);
    }
}
