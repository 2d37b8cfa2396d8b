using System.Text;
using System.Text.Json;
using CsCheck;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.ServerTools;

public sealed class KnownUrlsTests
{
    [Theory]
    [InlineData("Read https://site.test/a.", "https://site.test/a", true)]
    [InlineData("Read https://site.test/a.", "https://site.test/a#part", true)]
    [InlineData("Read https://site.test/a.", "http://SITE.test/a/", true)]
    [InlineData("Read https://site.test/a.", "https://site.test/ab", false)]
    [InlineData("Read https://site.test/a.", "https://site.test/", false)]
    [InlineData("Read https://site.test/a.", "https://site.test/a?leak=secret", false)]
    [InlineData("Read https://site.test/a.", "https://a.site.test/a", false)]
    [InlineData("See (https://site.test/x_(y)), and [t](https://site.test/b)!", "https://site.test/x_(y)", true)]
    [InlineData("See (https://site.test/x_(y)), and [t](https://site.test/b)!", "https://site.test/b", true)]
    [InlineData("[https://site.test/c](https://site.test/d)", "https://site.test/c", true)]
    [InlineData("[https://site.test/c](https://site.test/d)", "https://site.test/d", true)]
    [InlineData("<a href='https://site.test/e?x=1&amp;y=2'>", "https://site.test/e?x=1&y=2", true)]
    [InlineData("**https://site.test/f**", "https://site.test/f", true)]
    [InlineData("见https://site.test/g，然后", "https://site.test/g", true)]
    [InlineData("https://ja.site.test/wiki/日本語", "https://ja.site.test/wiki/%E6%97%A5%E6%9C%AC%E8%AA%9E", true)]
    [InlineData("{\"url\":\"https:\\/\\/site.test\\/h?a=1\\u0026b=2\"}", "https://site.test/h?a=1&b=2", true)]
    [InlineData("HTTPS://SITE.TEST/I", "https://site.test/I", true)]
    [InlineData("HTTPS://SITE.TEST/I", "https://site.test/i", false)]
    [InlineData("https://site.test:443/j", "https://site.test/j", true)]
    [InlineData("https://site.test:8443/j", "https://site.test/j", false)]
    [InlineData("https://site.test/a b/../c", "https://site.test/a", true)]
    [InlineData("What does docs.site.test/start say?", "https://docs.site.test/start", true)]
    [InlineData("What does docs.site.test/start say?", "https://site.test/start", false)]
    [InlineData("What does docs.site.test say?", "https://docs.site.test/", true)]
    [InlineData("What does docs.site.test say?", "https://docs.site.test/x", false)]
    [InlineData("Mail me@site.test", "https://site.test/", false)]
    [InlineData("ftp://site.test/x", "https://site.test/y", false)]
    [InlineData("nothing", "not a url", false)]
    public void What_the_user_wrote_may_be_fetched(string text, string url, bool isKnown) =>
        Assert.Equal(isKnown, Of($$"""{"messages":[{"role":"user","content":[{"type":"text","text":{{Json(text)}}}]}]}""").Contains(url));

    [Theory]
    [InlineData("""{"role":"user","content":"https://site.test/x"}""", true)]
    [InlineData("""{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"found https:\/\/site.test\/x"}]}""", true)]
    [InlineData("""{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"https://site.test/x"}]}]}""", true)]
    [InlineData("""{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"https://site.test/x"}}]}""", true)]
    [InlineData("""{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://site.test/x"}}]}""", true)]
    [InlineData("""{"role":"assistant","content":[{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","url":"https://site.test/x","title":"t","encrypted_content":"e"}]}]}""", true)]
    [InlineData("""{"role":"assistant","content":[{"type":"web_fetch_tool_result","tool_use_id":"s","content":{"type":"web_fetch_result","url":"https://a.test/","content":{"type":"document","source":{"type":"text","media_type":"text/plain","data":"[x](https://site.test/x)"}}}}]}""", true)]
    [InlineData("""{"role":"assistant","content":"https://site.test/x"}""", false)]
    [InlineData("""{"role":"assistant","content":[{"type":"text","text":"https://site.test/x"}]}""", false)]
    [InlineData("""{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":{"url":"https://site.test/x"}}]}""", false)]
    [InlineData("""{"role":"assistant","content":[{"type":"server_tool_use","id":"t","name":"web_fetch","input":{"url":"https://site.test/x"}}]}""", false)]
    [InlineData("""{"role":"assistant","content":[{"type":"bash_code_execution_tool_result","tool_use_id":"t","content":{"type":"bash_code_execution_result","stdout":"https://site.test/x"}}]}""", false)]
    [InlineData("""{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"site.test/x without a scheme"}]}""", false)]
    public void Who_put_it_there_decides(string message, bool isKnown) =>
        Assert.Equal(isKnown, Of($$"""{"messages":[{{message}}]}""").Contains("https://site.test/x"));

    [Fact]
    public void The_system_prompt_counts_and_so_does_what_was_found_since()
    {
        var known = Of("""{"system":[{"type":"text","text":"Docs: https://docs.test/"}],"messages":[]}""");

        Assert.True(known.Contains("https://docs.test"));
        Assert.False(known.Contains("https://later.test/"));
        known.Add("and https://later.test");
        Assert.True(known.Contains("https://later.test/"));
    }

    [Fact]
    public void Any_text_is_read() =>
        Gen.String[Gen.Char["hHtTpPsS:/\\.()[]'\"&;?#% 日a1@-"], 0, 80].Sample(text =>
        {
            var known = new KnownUrls();
            known.Add(text);
            known.Add("https://" + text);
            known.Contains(text);
        }, iter: 5000);

    private static string Json(string text) => JsonSerializer.Serialize(text);

    private static KnownUrls Of(string json)
    {
        using var text = JsonText.Parse(Encoding.UTF8.GetBytes(json));
        return KnownUrls.Of(new MessagesRequest(text.Root));
    }
}
