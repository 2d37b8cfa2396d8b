using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using CsCheck;
using Dragoman.Configuration;
using Dragoman.Telemetry;
using Dragoman.WebSearch;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dragoman.Tests.WebSearch;

/// <summary>Whatever providers do, a search ends in results that can be relied on or in an error code.</summary>
public sealed class WebSearcherTests
{
    private const string OneResult = """{"results":[{"title":"T","url":"https://example.com/","content":"S"}]}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_provider_that_is_down_is_followed_by_the_next()
    {
        await using var down = await ScriptedSearchServer.AnsweringAsync("", 500);
        await using var up = await ScriptedSearchServer.AnsweringAsync(OneResult);
        await using var searcher = Searcher(new() { Providers = [Searxng(down, "first"), Searxng(up, "second")] });

        var outcome = await searcher.SearchAsync(new("q"), Cancellation);

        Assert.Equal((null, "second", 1), (outcome.Error, outcome.Provider, outcome.Results.Count));
    }

    [Fact]
    public async Task A_provider_that_failed_a_moment_ago_is_asked_last()
    {
        await using var down = await ScriptedSearchServer.AnsweringAsync("", 500);
        await using var up = await ScriptedSearchServer.AnsweringAsync(OneResult);
        await using var searcher = Searcher(new() { Providers = [Searxng(down, "first"), Searxng(up, "second")] });

        for (var i = 0; i < 3; i++) await searcher.SearchAsync(new($"q{i}"), Cancellation);

        Assert.Equal((1, 3), (down.Requests.Count, up.Requests.Count));
    }

    [Fact]
    public async Task One_that_rests_is_asked_if_there_is_no_other()
    {
        await using var server = await ScriptedSearchServer.AnsweringAsync("", 500);
        await using var searcher = Searcher(new() { Provider = Searxng(server) });

        for (var i = 0; i < 2; i++) Assert.Equal(SearchError.Unavailable, (await searcher.SearchAsync(new("q"), Cancellation)).Error);

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task One_that_never_answers_is_given_up_after_its_time_out_and_its_request_ends()
    {
        var gone = new TaskCompletionSource();
        await using var silent = await ScriptedSearchServer.StartAsync(async http =>
        {
            using var left = http.RequestAborted.Register(gone.SetResult);
            await gone.Task;
        });
        await using var up = await ScriptedSearchServer.AnsweringAsync(OneResult);
        await using var searcher = Searcher(new() { Providers = [Searxng(silent) with { Timeout = TimeSpan.FromMilliseconds(100) }, Searxng(up, "second")] });

        Assert.Equal("second", (await searcher.SearchAsync(new("q"), Cancellation)).Provider);
        await gone.Task.WaitAsync(Cancellation);
    }

    [Fact]
    public async Task A_caller_who_leaves_ends_the_search()
    {
        var (arrived, gone) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var silent = await ScriptedSearchServer.StartAsync(async http =>
        {
            using var left = http.RequestAborted.Register(gone.SetResult);
            arrived.SetResult();
            await gone.Task;
        });
        await using var next = await ScriptedSearchServer.AnsweringAsync(OneResult);
        await using var searcher = new WebSearcher(new() { Providers = [Searxng(silent), Searxng(next)] }, TimeProvider.System, NullLoggerFactory.Instance);
        using var leaves = new CancellationTokenSource();

        var search = searcher.SearchAsync(new("q"), leaves.Token);
        await arrived.Task;
        await leaves.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => search);
        await gone.Task.WaitAsync(Cancellation);
        Assert.Empty(next.Requests);
    }

    [Theory]
    [InlineData(429, 500, "too_many_requests")]
    [InlineData(500, 429, "too_many_requests")]
    [InlineData(400, 500, "unavailable")]
    [InlineData(414, 429, "query_too_long")]
    [InlineData(400, 400, "invalid_tool_input")]
    public async Task Of_several_failures_the_model_is_told_the_one_it_can_do_most_about(int first, int second, string expected)
    {
        await using var one = await ScriptedSearchServer.AnsweringAsync("", first);
        await using var two = await ScriptedSearchServer.AnsweringAsync("", second);
        await using var searcher = Searcher(new() { Providers = [Searxng(one), Searxng(two)] });

        Assert.Equal(expected, (await searcher.SearchAsync(new("q"), Cancellation)).Error?.Code());
    }

    [Fact]
    public async Task One_that_finds_nothing_is_believed_only_if_nobody_finds_anything()
    {
        await using var empty = await ScriptedSearchServer.AnsweringAsync("""{"results":[]}""");
        await using var up = await ScriptedSearchServer.AnsweringAsync(OneResult);
        await using var both = Searcher(new() { Providers = [Searxng(empty, "first"), Searxng(up, "second")] });
        await using var alone = Searcher(new() { Provider = Searxng(empty, "first") });

        Assert.Equal("second", (await both.SearchAsync(new("q"), Cancellation)).Provider);
        var outcome = await alone.SearchAsync(new("q"), Cancellation);
        Assert.Equal((null, "first", 0), (outcome.Error, outcome.Provider, outcome.Results.Count));
    }

    [Fact]
    public async Task Searches_beyond_the_rate_wait_and_go_elsewhere_when_they_waited_too_long()
    {
        await using var slow = await ScriptedSearchServer.AnsweringAsync(OneResult);
        await using var other = await ScriptedSearchServer.AnsweringAsync(OneResult);
        await using var searcher = Searcher(new()
        {
            Providers = [Searxng(slow, "slow") with { RequestsPerSecond = 0.001, Timeout = TimeSpan.FromSeconds(4) }, Searxng(other, "other")],
        });

        Assert.Equal("slow", (await searcher.SearchAsync(new("a"), Cancellation)).Provider);
        Assert.Equal("other", (await searcher.SearchAsync(new("b"), Cancellation)).Provider);
        Assert.Equal((1, 1), (slow.Requests.Count, other.Requests.Count));
    }

    [Fact]
    public async Task Searches_within_the_rate_are_all_made()
    {
        await using var server = await ScriptedSearchServer.AnsweringAsync(OneResult);
        await using var searcher = Searcher(new() { Provider = Searxng(server) with { RequestsPerSecond = 20, Timeout = TimeSpan.FromMinutes(1) } });

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => searcher.SearchAsync(new($"q{i}"), Cancellation)));

        Assert.All(outcomes, outcome => Assert.Null(outcome.Error));
        Assert.Equal(30, server.Requests.Count);
    }

    [Fact]
    public async Task The_same_search_is_answered_from_memory_and_another_one_is_not()
    {
        await using var server = await ScriptedSearchServer.AnsweringAsync(OneResult);
        await using var searcher = Cached(server);
        DomainFilter.TryCreate(["example.com"], null, out var domains, out _);

        var first = await searcher.SearchAsync(new("gates of  Aleppo"), Cancellation);
        var second = await searcher.SearchAsync(new(" gates\nof Aleppo "), Cancellation);
        Assert.Equal((false, true), (first.IsCached, second.IsCached));
        Assert.Equal(first.Results, second.Results);
        Assert.Equal(first.Provider, second.Provider);
        Assert.Single(server.Requests);

        foreach (var other in new SearchQuery[] { new("Gates of Aleppo"), new("gates of Aleppo") { Count = 1 }, new("gates of Aleppo") { Domains = domains! }, new("gates of Aleppo") { Location = new(Country: "SY") } })
            Assert.False((await searcher.SearchAsync(other, Cancellation)).IsCached);
        Assert.Equal(5, server.Requests.Count);
    }

    [Fact]
    public async Task What_is_kept_grows_old()
    {
        var time = new FakeTimeProvider();
        await using var server = await ScriptedSearchServer.AnsweringAsync(OneResult);
        await using var searcher = new WebSearcher(new() { Provider = Searxng(server), CacheTime = TimeSpan.FromMinutes(15) }, time, NullLoggerFactory.Instance);

        Assert.False((await searcher.SearchAsync(new("q"), Cancellation)).IsCached);
        time.Advance(TimeSpan.FromMinutes(14));
        Assert.True((await searcher.SearchAsync(new("q"), Cancellation)).IsCached);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.False((await searcher.SearchAsync(new("q"), Cancellation)).IsCached);
    }

    [Fact]
    public async Task A_search_that_nobody_waits_for_any_more_ends()
    {
        var (arrived, gone) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await ScriptedSearchServer.StartAsync(async http =>
        {
            using var left = http.RequestAborted.Register(gone.SetResult);
            arrived.SetResult();
            await gone.Task;
        });
        await using var searcher = Cached(server);
        using var leaves = new CancellationTokenSource();

        var searches = Enumerable.Range(0, 2).Select(_ => searcher.SearchAsync(new("q"), leaves.Token)).ToArray();
        await arrived.Task;
        await leaves.CancelAsync();

        foreach (var search in searches) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => search);
        await gone.Task.WaitAsync(Cancellation);
    }

    [Fact]
    public async Task Searches_that_are_alike_and_run_at_once_are_one()
    {
        var go = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        await using var server = await ScriptedSearchServer.StartAsync(async http =>
        {
            arrived.TrySetResult();
            await go.Task;
            await http.Response.WriteAsync(OneResult);
        });
        await using var searcher = Cached(server);
        using var leaves = new CancellationTokenSource();

        var left = searcher.SearchAsync(new("q"), leaves.Token);
        var others = Enumerable.Range(0, 5).Select(_ => searcher.SearchAsync(new("q"), Cancellation)).ToArray();
        await arrived.Task;
        // One who leaves takes the search from nobody else.
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        go.SetResult();

        Assert.All(await Task.WhenAll(others), outcome => Assert.Single(outcome.Results));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Failures_are_not_kept()
    {
        var calls = 0;
        await using var server = await ScriptedSearchServer.StartAsync(http =>
        {
            http.Response.StatusCode = calls++ == 0 ? 500 : 200;
            return http.Response.WriteAsync(OneResult);
        });
        await using var searcher = Cached(server);

        Assert.Equal(SearchError.Unavailable, (await searcher.SearchAsync(new("q"), Cancellation)).Error);
        Assert.Null((await searcher.SearchAsync(new("q"), Cancellation)).Error);
    }

    [Theory]
    [InlineData("", "invalid_tool_input")]
    [InlineData(" \n\t", "invalid_tool_input")]
    [InlineData("12345678901", "query_too_long")]
    [InlineData("1234567890", null)]
    public async Task A_query_must_have_a_legal_length(string text, string? expected)
    {
        await using var server = await ScriptedSearchServer.AnsweringAsync(OneResult);
        await using var searcher = Searcher(new() { MaxQueryLength = 10, Provider = Searxng(server) });

        Assert.Equal(expected, (await searcher.SearchAsync(new(text), Cancellation)).Error?.Code());
        Assert.Equal(expected is null ? 1 : 0, server.Requests.Count);
    }

    [Fact]
    public async Task A_provider_that_takes_no_query_of_that_length_is_passed_over()
    {
        await using var brave = await ScriptedSearchServer.AnsweringAsync("{}");
        await using var searxng = await ScriptedSearchServer.AnsweringAsync(OneResult);
        SearchProviderOptions strict = new() { Kind = SearchProviderKind.Brave, ApiKey = "k", Url = brave.Address };
        await using var both = Searcher(new() { Providers = [strict, Searxng(searxng)] });
        await using var alone = Searcher(new() { Provider = strict });
        var query = new SearchQuery(new string('x', 401));

        Assert.Equal("searxng", (await both.SearchAsync(query, Cancellation)).Provider);
        Assert.Equal(SearchError.QueryTooLong, (await alone.SearchAsync(query, Cancellation)).Error);
        Assert.Empty(brave.Requests);
    }

    [Fact]
    public async Task Domains_are_kept_whatever_the_provider_sends()
    {
        await using var server = await ScriptedSearchServer.AnsweringAsync(
            """{"results":[{"url":"https://evil.net/"},{"url":"https://example.com/a"},{"url":"https://docs.example.com/b"},{"url":"https://example.com.evil.net/"},{"url":"https://bad.example.com/"}]}""");
        await using var searcher = Searcher(new() { Provider = Searxng(server), BlockedDomains = ["bad.example.com"] });
        DomainFilter.TryCreate(["example.com"], null, out var allowed, out _);
        DomainFilter.TryCreate(null, ["example.com"], out var blocked, out _);

        Assert.Equal(["https://example.com/a", "https://docs.example.com/b"], (await searcher.SearchAsync(new("q") { Domains = allowed! }, Cancellation)).Results.Select(result => result.Url));
        Assert.Equal(["https://evil.net/", "https://example.com.evil.net/"], (await searcher.SearchAsync(new("q") { Domains = blocked! }, Cancellation)).Results.Select(result => result.Url));
    }

    [Fact]
    public async Task Each_page_comes_once_without_tracking_and_no_more_than_wanted()
    {
        await using var server = await ScriptedSearchServer.AnsweringAsync(
            """
            {"results":[
              {"url":"https://www.example.com/a/?utm_source=x&id=1&fbclid=2","title":"A"},
              {"url":"http://example.com/a?id=1#part","title":"A again"},
              {"url":"//duckduckgo.com/l/?uddg=https%3A%2F%2Fb.example%2F&rut=1","title":"B"},
              {"url":"https://www.google.com/url?q=https://c.example/&sa=U","title":"C"},
              {"url":"https://d.example/","title":"D"}]}
            """);
        await using var searcher = Searcher(new() { Provider = Searxng(server), Results = 3 });

        Assert.Equal(
            ["https://www.example.com/a/?id=1", "https://b.example/", "https://c.example/"],
            (await searcher.SearchAsync(new("q") { Count = 50 }, Cancellation)).Results.Select(result => result.Url));
    }

    [Theory]
    [InlineData("a <b>bold</b> &amp; <script>x</script>", "a bold & <script>x</script>")]
    [InlineData("one<br>two<br/>three<p>four</p>", "one\ntwo\nthree\nfour")]
    [InlineData("List<T> and Map<K, V>", "List<T> and Map<K, V>")]
    [InlineData("a\u0000b\u200Bc\u202Ed\uFEFFe", "abcde")]
    [InlineData("hidden\U000E0041\U000E0042 words", "hidden words")]
    [InlineData("one\r\n\n\ttwo  three", "one\ntwo three")]
    [InlineData("&amp;lt;b&amp;gt;", "&lt;b&gt;")]
    public void Snippets_are_plain_text_without_what_nobody_sees(string markup, string expected) => Assert.Equal(expected, PlainText.Lines(markup, 1000));

    [Theory]
    [InlineData("2025-04-30", "April 30, 2025")]
    [InlineData("2025-04-30T23:30:00-05:00", "May 1, 2025")]
    [InlineData("3 hours ago", "3 hours ago")]
    [InlineData("Apr 30, 2025", "Apr 30, 2025")]
    [InlineData("2025-99-99", "2025-99-99")]
    [InlineData(" ", null)]
    [InlineData(null, null)]
    public void Ages_are_words(string? text, string? expected) => Assert.Equal(expected, PlainText.Age(text));

    [Fact]
    public void Text_of_any_kind_becomes_valid_text_of_bounded_length() => Gen.Select(Gen.String, Gen.Int[1, 20]).Sample((text, length) =>
    {
        var line = PlainText.Line(text, length);
        Assert.True(line.Length <= length + 1);
        Assert.DoesNotContain('\n', line);
        Assert.Equal(line, System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(line)));
    });

    [Fact]
    public void Any_text_is_an_address_of_a_page_or_none() => Gen.String.Sample(text =>
        Assert.True(PageAddress.Read(text) is not { } url || (url.IsAbsoluteUri && url.Scheme is "http" or "https")));

    [Fact]
    public async Task Neither_keys_nor_addresses_nor_queries_stand_in_log_or_span()
    {
        var log = new Lines();
        using var logs = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        await using var server = await ScriptedSearchServer.AnsweringAsync("the-key is wrong for 127.0.0.1 and secret-query", 403);
        await using var searcher = new WebSearcher(
            new() { Providers = [new() { Kind = SearchProviderKind.Google, ApiKey = "the-key", EngineId = "cx", Url = server.Address }, new() { Kind = SearchProviderKind.Brave, ApiKey = "the-key", Url = server.Address }] },
            TimeProvider.System, logs);
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener { ShouldListenTo = source => source.Name == TelemetryNames.Activities, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData, ActivityStopped = spans.Enqueue };
        ActivitySource.AddActivityListener(listener);
        using var parent = new Activity("test").Start();

        Assert.Equal(SearchError.Unavailable, (await searcher.SearchAsync(new("secret-query"), Cancellation)).Error);

        var span = Assert.Single(spans, span => span.ParentId == parent.Id);
        Assert.Equal((TelemetryNames.WebSearch, "unavailable"), (span.OperationName, span.GetTagItem(TelemetryNames.Outcome)));
        Assert.Equal(2, log.All.Count);
        foreach (var text in log.All.Append(string.Join(' ', span.TagObjects)))
        {
            Assert.DoesNotContain("the-key", text, StringComparison.Ordinal);
            Assert.DoesNotContain("127.0.0.1", text, StringComparison.Ordinal);
            Assert.DoesNotContain("secret-query", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Searches_and_what_each_provider_did_are_measured()
    {
        var seen = new ConcurrentQueue<string>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == TelemetryNames.Meter) listener.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => seen.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray().OrderBy(tag => tag.Key).Select(tag => $"{tag.Key}={tag.Value}"))}"));
        listener.Start();
        await using var down = await ScriptedSearchServer.AnsweringAsync("", 429);
        await using var up = await ScriptedSearchServer.AnsweringAsync(OneResult);
        await using var searcher = Searcher(new() { Providers = [Searxng(down, "measured-1"), Searxng(up, "measured-2")] });

        await searcher.SearchAsync(new("q"), Cancellation);

        Assert.Contains("dragoman.web_search.provider.duration outcome=too_many_requests provider=measured-1", seen);
        Assert.Contains("dragoman.web_search.provider.duration outcome=ok provider=measured-2", seen);
        Assert.Contains("dragoman.web_search.duration cached=False outcome=ok provider=measured-2", seen);
    }

    private static SearchProviderOptions Searxng(ScriptedSearchServer server, string? name = null) => new() { Kind = SearchProviderKind.Searxng, Url = server.Address, Name = name };

    private static WebSearcher Searcher(WebSearchOptions options) => ScriptedSearchServer.Searcher(options);

    private static WebSearcher Cached(ScriptedSearchServer server) => new(new() { Provider = Searxng(server) }, TimeProvider.System, NullLoggerFactory.Instance);

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
