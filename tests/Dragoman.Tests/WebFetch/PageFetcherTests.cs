using System.IO.Compression;
using System.Net;
using System.Text;
using CsCheck;
using Dragoman.WebFetch;
using Microsoft.Extensions.Time.Testing;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;

namespace Dragoman.Tests.WebFetch;

/// <summary>Pages over real sockets.</summary>
public sealed class PageFetcherTests
{
    private static readonly string[] Starts = ["", "http://", "https://", "HTTP://[", "http:"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
    }

    [Fact]
    public async Task The_server_learns_nothing_but_what_was_asked_and_who_asks()
    {
        await using var site = new ScriptedSite(call => call.AnswerAsync([], "text/plain", 200, "Set-Cookie: session=1; Path=/"));
        using var fetching = new Fetching(Fetching.Reaching(site) with { CacheTime = TimeSpan.Zero });
        using var activity = new System.Diagnostics.Activity("caller").Start();

        await fetching.PageAsync(site.Url("/a"));
        await fetching.PageAsync(site.Url("/b"));

        Assert.All(site.Calls, call => Assert.Equal(["Accept", "Accept-Encoding", "Host", "User-Agent"], call.Headers.Keys.Order(StringComparer.Ordinal)));
        Assert.Equal("Dragoman/1.0 (fetches single pages for a user)", site.Calls[0].Headers["User-Agent"]);
    }

    [Fact]
    public async Task JSON_text_feeds_and_Markdown_come_as_they_are()
    {
        string[] types = ["application/json", "text/plain", "application/rss+xml", "text/markdown; charset=utf-8", "application/ld+json", "text/csv", "application/atom+xml", "text/xml"];
        foreach (var type in types)
        {
            await using var site = ScriptedSite.With("{\"a\": <b>1</b>}\n", type);
            using var fetching = new Fetching(Fetching.Reaching(site));

            var page = await fetching.PageAsync(site.Url());

            Assert.Equal("{\"a\": <b>1</b>}\n", page.Text);
            Assert.Equal(type.Split(';')[0], page.MediaType);
        }
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("video/mp4")]
    [InlineData("application/zip")]
    [InlineData("application/vnd.ms-excel")]
    [InlineData("font/woff2")]
    public async Task What_is_no_text_is_refused_before_it_is_read(string type)
    {
        // The body never comes: reading it would last until the time-out.
        await using var site = new ScriptedSite(async call =>
        {
            await call.HeadAsync(200, $"Content-Type: {type}", "Content-Length: 1000000");
            await call.WaitForEndAsync();
        });
        using var fetching = new Fetching(Fetching.Reaching(site));

        Assert.Equal(FetchError.UnsupportedContentType, (await fetching.FailureAsync(site.Url())).Error);
    }

    [Theory]
    [InlineData("%PDF-", null, "application/pdf")]
    [InlineData("<!DOCTYPE html><p>hi", null, "text/html")]
    [InlineData("  <html><p>hi", "application/octet-stream", "application/octet-stream")]
    [InlineData("plain words", null, "text/plain")]
    [InlineData("plain words", "nonsense", "text/plain")]
    public async Task A_type_that_was_not_told_is_guessed(string start, string? type, string expected)
    {
        var body = start == "%PDF-" ? Pdf("hi") : Encoding.UTF8.GetBytes(start);
        await using var site = new ScriptedSite(call => call.AnswerAsync(body, type));
        using var fetching = new Fetching(Fetching.Reaching(site));

        Assert.Equal(expected, (await fetching.PageAsync(site.Url())).MediaType);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused_whatever_they_are_called()
    {
        await using var site = new ScriptedSite(call => call.AnswerAsync([1, 0, 2, 0, 200, 0], call.Path == "/told" ? "text/plain" : null));
        using var fetching = new Fetching(Fetching.Reaching(site));

        Assert.Equal(FetchError.UnsupportedContentType, (await fetching.FailureAsync(site.Url("/told"))).Error);
        Assert.Equal(FetchError.UnsupportedContentType, (await fetching.FailureAsync(site.Url("/not"))).Error);
    }

    [Fact]
    public async Task A_PDF_document_comes_as_it_is_and_as_text()
    {
        var document = Pdf("Hello from a document.");
        await using var site = new ScriptedSite(call => call.AnswerAsync(document, "application/pdf"));
        using var fetching = new Fetching(Fetching.Reaching(site));

        var page = await fetching.PageAsync(site.Url());
        Assert.Equal("Hello from a document.", page.Text);
        Assert.Equal(document, page.Pdf.ToArray());

        var short1 = Assert.IsType<FetchedPage>(await fetching.Fetcher.FetchAsync(new(site.Url()) { MaxContentTokens = 3 }, Cancellation));
        Assert.True(short1.IsCut);
        Assert.True(short1.Pdf.IsEmpty);
    }

    [Fact]
    public async Task A_PDF_document_that_is_too_long_is_refused_and_longer_text_is_cut()
    {
        await using var site = new ScriptedSite(call => call.AnswerAsync(call.Path == "/pdf" ? [.. "%PDF-1.7\n"u8, .. new byte[5000]] : Encoding.UTF8.GetBytes(new string('a', 5000)), call.Path == "/pdf" ? "application/pdf" : "text/plain"));
        using var fetching = new Fetching(Fetching.Reaching(site) with { MaxBytes = 2000 });

        Assert.Equal(FetchError.UrlNotAccessible, (await fetching.FailureAsync(site.Url("/pdf"))).Error);
        var page = await fetching.PageAsync(site.Url("/text"));
        Assert.True(page.IsCut);
        Assert.Equal(new string('a', 2000) + "\n\n[The page is longer; it was cut here.]", page.Text);
    }

    [Fact]
    public async Task A_body_that_unpacks_to_gigabytes_is_read_no_further_than_allowed()
    {
        await using var site = new ScriptedSite(async call =>
        {
            await call.HeadAsync(200, "Content-Type: text/plain", "Content-Encoding: gzip");
            var zeros = new byte[1 << 20];
            Array.Fill(zeros, (byte)'z');
            var packed = new MemoryStream();
            await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            {
                for (var i = 0; i < 64; i++) await gzip.WriteAsync(zeros, call.Stop);
            }

            // Without an end: whoever does not stop reading waits for ever.
            for (var i = 0; i < 20; i++) await call.WriteAsync(packed.ToArray());
            await call.WaitForEndAsync();
        });
        using var fetching = new Fetching(Fetching.Reaching(site) with { MaxBytes = 1 << 20, MaxCharacters = 1000 });
        var before = GC.GetTotalAllocatedBytes();

        Assert.True((await fetching.PageAsync(site.Url())).IsCut);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 200 << 20);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Damaged_compression_is_an_outcome(string encoding)
    {
        await using var site = new ScriptedSite(call => call.AnswerAsync("this is not packed at all"u8.ToArray(), "text/html", 200, $"Content-Encoding: {encoding}"));
        using var fetching = new Fetching(Fetching.Reaching(site));

        Assert.Equal(FetchError.UrlNotAccessible, (await fetching.FailureAsync(site.Url())).Error);
    }

    [Theory]
    [InlineData("gzip, gzip")]
    [InlineData("compress")]
    [InlineData("zstd")]
    public async Task Compression_that_is_left_over_is_refused(string encoding)
    {
        await using var site = new ScriptedSite(call => call.AnswerAsync([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0], "text/html", 200, $"Content-Encoding: {encoding}"));
        using var fetching = new Fetching(Fetching.Reaching(site));

        Assert.Equal(FetchError.UnsupportedContentType, (await fetching.FailureAsync(site.Url())).Error);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nshort")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nshort")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("220 smtp ready\r\n")]
    [InlineData("")]
    [InlineData("\0\0\0\0")]
    public async Task A_server_that_breaks_off_or_speaks_no_HTTP_is_an_outcome(string answer)
    {
        await using var site = new ScriptedSite(call => call.WriteAsync(Encoding.Latin1.GetBytes(answer)));
        using var fetching = new Fetching(Fetching.Reaching(site));

        Assert.Equal(FetchError.UrlNotAccessible, (await fetching.FailureAsync(site.Url())).Error);
    }

    [Fact]
    public async Task Headers_without_end_are_an_outcome()
    {
        await using var site = new ScriptedSite(async call =>
        {
            await call.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray());
            while (true) await call.WriteAsync("X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"u8.ToArray());
        });
        using var fetching = new Fetching(Fetching.Reaching(site));

        Assert.Equal(FetchError.UrlNotAccessible, (await fetching.FailureAsync(site.Url())).Error);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(204)]
    [InlineData(304)]
    [InlineData(300)]
    public async Task Any_other_status_is_an_outcome_that_names_it(int status)
    {
        await using var site = new ScriptedSite(call => call.AnswerAsync("no", status: status));
        using var fetching = new Fetching(Fetching.Reaching(site));

        var failure = await fetching.FailureAsync(site.Url());

        Assert.Equal(FetchError.UrlNotAccessible, failure.Error);
        Assert.Contains($"{status}", failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_end_somewhere()
    {
        await using var site = new ScriptedSite(call => call.Path == "/loop" ? call.RedirectAsync("/loop", 307) : int.Parse(call.Path[1..]) is var left && left > 0 ? call.RedirectAsync($"{left - 1}", 308) : call.AnswerAsync("end", "text/plain"));
        using var fetching = new Fetching(Fetching.Reaching(site));

        Assert.Equal("end", (await fetching.PageAsync(site.Url("/5"))).Text);
        Assert.Equal(FetchError.UrlNotAccessible, (await fetching.FailureAsync(site.Url("/6"))).Error);
        Assert.Equal(FetchError.UrlNotAccessible, (await fetching.FailureAsync(site.Url("/loop"))).Error);
    }

    [Fact]
    public async Task A_list_of_domains_holds_for_every_redirect_and_for_what_is_kept()
    {
        await using var site = new ScriptedSite(call => call.Path == "/start" ? call.RedirectAsync($"http://other.test:{call.Headers["Host"].Split(':')[1]}/") : call.AnswerAsync("there", "text/plain"));
        using var fetching = new Fetching(Fetching.Reaching(site)).Knowing("site.test", ["127.0.0.1"]).Knowing("other.test", ["127.0.0.1"]);
        var url = $"http://site.test:{site.Port}/start";
        Dragoman.WebSearch.DomainFilter.TryCreate(["site.test"], null, out var only, out _);

        Assert.Equal("there", (await fetching.PageAsync(url)).Text);
        Assert.True((await fetching.PageAsync(url)).IsCached);
        // The page is kept, but was found where this request must not go.
        var failure = Assert.IsType<FetchFailure>(await fetching.Fetcher.FetchAsync(new(url) { Domains = only! }, Cancellation));
        Assert.Equal(FetchError.UrlNotAllowed, failure.Error);
        Assert.Equal(3, site.Calls.Count);
    }

    [Fact]
    public async Task A_configured_list_of_domains_holds_for_every_request()
    {
        await using var site = ScriptedSite.With("x");
        using var fetching = new Fetching(Fetching.Reaching(site) with { BlockedDomains = ["bad.test"] }).Knowing("a.bad.test", ["127.0.0.1"]).Knowing("good.test", ["127.0.0.1"]);

        Assert.Equal(FetchError.UrlNotAllowed, (await fetching.FailureAsync($"http://A.Bad.test.:{site.Port}/")).Error);
        Assert.IsType<FetchedPage>(await fetching.FetchAsync($"http://good.test:{site.Port}/"));
    }

    [Fact]
    public async Task A_page_that_drips_or_says_nothing_ends_with_its_time()
    {
        await using var site = new ScriptedSite(async call =>
        {
            if (call.Path == "/drip") await call.HeadAsync(200, "Content-Type: text/plain");
            // One byte after the other until the other side has had enough.
            while (call.Path == "/drip") await call.WriteAsync([(byte)'.']);
            await call.WaitForEndAsync();
        });
        using var fetching = new Fetching(Fetching.Reaching(site) with { Timeout = TimeSpan.FromMilliseconds(300), MaxBytes = int.MaxValue / 2 });

        Assert.Equal("The page took too long.", (await fetching.FailureAsync(site.Url("/drip"))).Reason);
        Assert.Equal("The page took too long.", (await fetching.FailureAsync(site.Url("/silent"))).Reason);
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_fetch_and_the_connection()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var site = new ScriptedSite(async call =>
        {
            await call.HeadAsync(200, "Content-Type: text/plain");
            arrived.SetResult();
            await call.WaitForEndAsync();
            gone.SetResult();
        });
        using var fetching = new Fetching(Fetching.Reaching(site));
        using var leaving = new CancellationTokenSource();

        var fetch = fetching.Fetcher.FetchAsync(new(site.Url()), leaving.Token);
        await arrived.Task.WaitAsync(Cancellation);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        await gone.Task.WaitAsync(Cancellation);
    }

    [Fact]
    public async Task More_than_so_many_at_once_wait_for_their_turn()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var site = new ScriptedSite(async call =>
        {
            arrived.TrySetResult();
            await goOn.Task;
            await call.AnswerAsync("ok", "text/plain");
        });
        using var fetching = new Fetching(Fetching.Reaching(site) with { Concurrent = 1 });

        var first = fetching.FetchAsync(site.Url("/1"));
        await arrived.Task.WaitAsync(Cancellation);
        var second = fetching.FetchAsync(site.Url("/2"));
        Assert.Equal(1, site.Connections);
        goOn.SetResult();

        Assert.IsType<FetchedPage>(await first);
        Assert.IsType<FetchedPage>(await second);
    }

    [Fact]
    public async Task A_page_is_kept_for_a_while_unless_a_fresh_one_is_wanted()
    {
        var count = 0;
        await using var site = new ScriptedSite(call => call.AnswerAsync($"{Interlocked.Increment(ref count)}", "text/plain"));
        var time = new FakeTimeProvider(new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        using var fetching = new Fetching(Fetching.Reaching(site), time);

        var first = await fetching.PageAsync(site.Url());
        time.Advance(TimeSpan.FromMinutes(14));
        var kept = await fetching.PageAsync(site.Url("/#elsewhere"));
        var fresh = Assert.IsType<FetchedPage>(await fetching.Fetcher.FetchAsync(new(site.Url()) { UseCache = false }, Cancellation));
        time.Advance(TimeSpan.FromMinutes(15));
        var later = await fetching.PageAsync(site.Url());

        Assert.Equal(["1", "1", "2", "3"], [first.Text, kept.Text, fresh.Text, later.Text]);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), kept.RetrievedAt);
        Assert.Equal([false, true, false, false], [first.IsCached, kept.IsCached, fresh.IsCached, later.IsCached]);
    }

    [Fact]
    public async Task A_text_is_cut_at_about_so_many_tokens_between_words()
    {
        var text = string.Concat(Enumerable.Range(0, 2000).Select(i => $"word{i:d4} "));
        await using var site = ScriptedSite.With(text, "text/plain");
        using var fetching = new Fetching(Fetching.Reaching(site));

        var page = Assert.IsType<FetchedPage>(await fetching.Fetcher.FetchAsync(new(site.Url()) { MaxContentTokens = 100 }, Cancellation));

        Assert.True(page.IsCut);
        Assert.Equal(string.Join(' ', Enumerable.Range(0, 44).Select(i => $"word{i:d4}")) + "\n\n[The page is longer; it was cut here.]", page.Text);
    }

    [Fact]
    public async Task Robots_txt_is_heeded_once_a_site_and_one_that_cannot_be_had_forbids_nothing()
    {
        await using var site = new ScriptedSite(call => call.Path == "/robots.txt" ? call.AnswerAsync("User-agent: *\nDisallow: /private\n", "text/plain") : call.AnswerAsync("ok", "text/plain"));
        await using var without = new ScriptedSite(call => call.Path == "/robots.txt" ? call.AnswerAsync("broken", status: 500) : call.AnswerAsync("ok", "text/plain"));
        using var fetching = new Fetching(Fetching.Reaching(site, without) with { Robots = true });

        Assert.Equal("ok", (await fetching.PageAsync(site.Url("/public"))).Text);
        Assert.Equal(FetchError.UrlNotAllowed, (await fetching.FailureAsync(site.Url("/private/x"))).Error);
        Assert.Equal(2, site.Connections);
        Assert.Equal("ok", (await fetching.PageAsync(without.Url("/private/x"))).Text);
    }

    [Fact]
    public async Task A_robots_txt_does_not_lead_inside()
    {
        await using var canary = ScriptedSite.Canary();
        await using var site = new ScriptedSite(call => call.Path == "/robots.txt" ? call.RedirectAsync($"http://127.0.0.1:{canary.Port}/") : call.AnswerAsync("ok", "text/plain"), IPAddress.Parse("127.0.0.2"));
        using var fetching = new Fetching(new() { AllowPrivate = ["127.0.0.2"], Ports = [site.Port, canary.Port] });

        await fetching.FetchAsync(site.Url());

        Assert.Equal(0, canary.Connections);
    }

    [Fact]
    public async Task Too_long_a_URL_has_an_error_of_its_own()
    {
        using var fetching = new Fetching(new());

        Assert.Equal(FetchError.UrlTooLong, (await fetching.FailureAsync("https://example.com/" + new string('a', 2048))).Error);
    }

    [Fact]
    public async Task A_page_without_text_says_so()
    {
        await using var site = ScriptedSite.With("<title>App</title><div id=root></div><script>render()</script>");
        using var fetching = new Fetching(Fetching.Reaching(site));

        var page = await fetching.PageAsync(site.Url());

        Assert.Equal("App", page.Title);
        Assert.Contains("scripts", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fetch_is_measured_and_spanned_without_its_URL()
    {
        await using var site = ScriptedSite.With("hello", "text/plain");
        using var fetching = new Fetching(Fetching.Reaching(site));
        var measured = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var spans = new System.Collections.Concurrent.ConcurrentQueue<System.Diagnostics.Activity>();
        using var meters = new System.Diagnostics.Metrics.MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Name == "dragoman.web_fetch.duration") listener.EnableMeasurementEvents(instrument); } };
        meters.SetMeasurementEventCallback<double>((_, seconds, tags, _) => measured.Enqueue(string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
        meters.Start();
        using var listener = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = source => source.Name == "Dragoman",
            Sample = (ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> _) => System.Diagnostics.ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        System.Diagnostics.ActivitySource.AddActivityListener(listener);
        using var caller = new System.Diagnostics.Activity("caller").Start();

        await fetching.PageAsync(site.Url("/secret"));
        await fetching.FailureAsync("ftp://secret/");

        var ours = spans.Where(span => span.TraceId == caller.TraceId).ToArray();
        Assert.Equal(["web_fetch", "web_fetch"], ours.Select(span => span.OperationName));
        Assert.Equal(["ok", "invalid_tool_input"], ours.Select(span => span.GetTagItem("outcome")));
        Assert.DoesNotContain(ours.SelectMany(span => span.TagObjects), tag => $"{tag.Value}".Contains("secret", StringComparison.Ordinal));
        Assert.Contains("outcome=ok cached=False", measured);
        Assert.Contains("outcome=invalid_tool_input cached=False", measured);
    }

    [Fact]
    public void Any_text_is_a_URL_or_is_refused() =>
        Gen.Select(Gen.Int[0, 4].Select(i => Starts[i]), Gen.String[Gen.Char["htp:/\\.@[]%?#019afx-_~ \t。①ｌß日\u00ad\0"], 0, 30]).Sample((start, rest) =>
        {
            if (!Dragoman.WebFetch.Guard.UrlRules.TryRead(start + rest, 2048, out var url, out _)) return;
            Assert.True(url.Scheme is "http" or "https");
            Assert.Equal("", url.UserInfo);
            Assert.All(url.IdnHost, c => Assert.True(char.IsAscii(c) && c is not '%'));
            // What is asked for is what was judged: reading it again changes nothing.
            Assert.True(Dragoman.WebFetch.Guard.UrlRules.TryRead(url.AbsoluteUri, 1 << 20, out var again, out _));
            Assert.Equal(url.AbsoluteUri, again.AbsoluteUri);
        }, iter: 20_000);

    [Fact]
    public async Task Nothing_on_a_page_is_loaded_with_it()
    {
        await using var canary = ScriptedSite.Canary();
        var to = $"http://127.0.0.1:{canary.Port}";
        var article = string.Concat(Enumerable.Repeat("<p>A sentence, long enough to be taken for an article, with commas, and some more words in it.</p>", 20));
        await using var site = ScriptedSite.With(
            $"""
            <html><head><title>t</title><link rel=stylesheet href={to}/css><script src={to}/js></script><meta http-equiv=refresh content="0;url={to}/refresh"><base href="{to}/base/"></head>
            <body><div class=post>{article}<img src={to}/img srcset="{to}/srcset 2x" alt=picture><iframe src={to}/frame></iframe><object data={to}/object></object><embed src={to}/embed>
            <video src={to}/video poster={to}/poster></video><style>@import url({to}/import); body {"{"} background: url({to}/background) {"}"}</style></div></body></html>
            """);
        using var fetching = new Fetching(Fetching.Reaching(site, canary));

        Assert.Contains("A sentence", (await fetching.PageAsync(site.Url())).Text, StringComparison.Ordinal);
        Assert.Equal(0, canary.Connections);
    }

    private static byte[] Pdf(string line)
    {
        var builder = new PdfDocumentBuilder();
        var font = builder.AddStandard14Font(Standard14Font.Helvetica);
        builder.AddPage(PageSize.A4).AddText(line, 12, new PdfPoint(50, 780), font);
        return builder.Build();
    }
}
