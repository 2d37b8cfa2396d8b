using System.Net;
using Dragoman.Configuration;
using Dragoman.WebFetch;
using Dragoman.WebFetch.Guard;

namespace Dragoman.Tests.WebFetch;

/// <summary>Nothing gets through: a server that listens on every address of this machine counts who comes.</summary>
public sealed class ForbiddenAddressTests
{
    /// <summary>Ways to write this machine, its networks and what they hide. PORT is the canary's.</summary>
    public static TheoryData<string> Spellings =>
    [
        // Loopback, as numbers.
        "http://127.0.0.1:PORT/", "http://127.0.0.1.:PORT/", "http://127.1:PORT/", "http://127.0.1:PORT/", "http://2130706433:PORT/", "http://0x7f000001:PORT/",
        "http://0x7F.0x0.0x0.0x1:PORT/", "http://0x7f.1:PORT/", "http://0177.0.0.1:PORT/", "http://0177.0.0.01:PORT/", "http://017700000001:PORT/", "http://00000177.0.0.1:PORT/",
        "http://127.0.0.0x1:PORT/", "http://127.127.127.127:PORT/", "http://127.255.255.254:PORT/", "http://127.0.0.1:0PORT/", "http://4294967297:PORT/", "http://256.256.256.256:PORT/",
        "http://127.0.0.1.0x0:PORT/", "http://0:PORT/", "http://0.0.0.0:PORT/", "http://00.0:PORT/", "http://0.1.2.3:PORT/", "http://1.2.3.4.5:PORT/",
        // In other scripts and escapes.
        "http://%31%32%37.0.0.1:PORT/", "http://127%2e0%2e0%2e1:PORT/", "http://①②⑦.0.0.1:PORT/", "http://127。0。0。1:PORT/", "http://１２７.0.0.1:PORT/", "http://127．0．0．1:PORT/",
        "http://ⓛocalhost:PORT/", "http://ｌｏｃａｌｈｏｓｔ:PORT/", "http://loc%61lhost:PORT/", "http://localhost%00.example:PORT/", "http://local\u00adhost:PORT/",
        // By name.
        "http://localhost:PORT/", "http://LOCALHOST:PORT/", "http://localhost.:PORT/", "http://LocalHost..:PORT/", "http://a.localhost:PORT/", "https://localhost:PORT/", "http://loopback.test:PORT/",
        "http://loopback6.test:PORT/", "http://mapped.test:PORT/", "http://nat64.test:PORT/", "http://mixed.test:PORT/", "http://mixed6.test:PORT/", "http://zero.test:PORT/", "http://metadata.test:PORT/",
        // IPv6.
        "http://[::1]:PORT/", "http://[0:0:0:0:0:0:0:1]:PORT/", "http://[0000::0001]:PORT/", "http://[::]:PORT/", "http://[::ffff:127.0.0.1]:PORT/", "http://[::ffff:7f00:1]:PORT/", "http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/",
        "http://[::127.0.0.1]:PORT/", "http://[64:ff9b::127.0.0.1]:PORT/", "http://[64:ff9b::7f00:1]:PORT/", "http://[64:ff9b:1::7f00:1]:PORT/", "http://[2002:7f00:1::]:PORT/", "http://[2001:0:7f00:1::]:PORT/",
        "http://[::1%25lo]:PORT/", "http://[::1%lo]:PORT/", "http://[fe80::1%25eth0]:PORT/", "http://[fe80::1]:PORT/", "http://[fec0::1]:PORT/", "http://[fc00::1]:PORT/", "http://[fd00::1]:PORT/",
        "http://[ff02::1]:PORT/", "http://[100::1]:PORT/", "http://[2001:db8::1]:PORT/", "http://[3fff::1]:PORT/", "http://[::ffff:0:127.0.0.1]:PORT/", "http://[2600::5efe:127.0.0.1]:PORT/",
        // Private and special IPv4.
        "http://10.0.0.1:PORT/", "http://172.16.0.1:PORT/", "http://172.31.255.255:PORT/", "http://192.168.1.1:PORT/", "http://0300.0250.1.1:PORT/", "http://100.64.0.1:PORT/", "http://192.0.0.1:PORT/",
        "http://192.0.2.1:PORT/", "http://198.18.0.1:PORT/", "http://198.51.100.1:PORT/", "http://203.0.113.1:PORT/", "http://224.0.0.1:PORT/", "http://240.0.0.1:PORT/", "http://255.255.255.255:PORT/",
        // Metadata.
        "http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://0xa9fea9fe/", "http://0251.0376.0251.0376/", "http://[::ffff:169.254.169.254]/", "http://[fd00:ec2::254]/", "http://[64:ff9b::a9fe:a9fe]/",
        "http://[fd20:ce::254]/", "http://100.100.100.200/", "http://168.63.129.16/", "http://192.0.0.192/", "http://169.254.170.2/",
        // Users, backslashes, other schemes, white space.
        "http://example.com@127.0.0.1:PORT/", "http://user:password@127.0.0.1:PORT/", "http://@127.0.0.1:PORT/", "http://:@127.0.0.1:PORT/", "http://example.com\\@127.0.0.1:PORT/", "http://127.0.0.1:PORT\\@example.com/",
        "http:\\\\127.0.0.1:PORT\\", "http://127.0.0.1:PORT#@example.com/", "http://127.0.0.1:PORT?@example.com/", "http:127.0.0.1:PORT", "http:/127.0.0.1:PORT/", "//127.0.0.1:PORT/", "127.0.0.1:PORT",
        "file:///etc/passwd", "file://127.0.0.1:PORT/x", "ftp://127.0.0.1:PORT/", "gopher://127.0.0.1:PORT/_x", "ws://127.0.0.1:PORT/", "data:text/plain,x", "javascript:alert(1)", "dict://127.0.0.1:PORT/", "unix:/run/docker.sock",
        "http://127.0.0.1\t:PORT/", "http://127.0.0.1\n:PORT/", "http://127.0.0.1 :PORT/", " http://127.0.0.1:PORT/ ", "http://127.0.0.1:PORT/\r\nHost: x", "http://127.0.0.1:PORT:80/", "http://[127.0.0.1]:PORT/", "http://", "",
    ];

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task No_spelling_of_an_inner_address_is_connected_to(string spelling)
    {
        await using var canary = ScriptedSite.Canary();
        using var fetching = Names(new(new() { Ports = [80, 443, canary.Port], Robots = false }));

        var failure = await fetching.FailureAsync(spelling.Replace("PORT", $"{canary.Port}", StringComparison.Ordinal));

        Assert.Equal(0, canary.Connections);
        Assert.True(failure.Error is FetchError.UrlNotAllowed or FetchError.InvalidToolInput or FetchError.UrlNotAccessible, failure.ToString());
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task No_redirect_leads_to_an_inner_address(string spelling)
    {
        await using var canary = ScriptedSite.Canary();
        var location = spelling.Replace("PORT", $"{canary.Port}", StringComparison.Ordinal).ReplaceLineEndings("").Replace("\t", "", StringComparison.Ordinal).Trim();
        if (location.Length == 0) return;
        await using var site = new ScriptedSite(call => call.Path == "/start" ? call.RedirectAsync(location) : call.AnswerAsync("not redirected"), IPAddress.Parse("127.0.0.2"));
        using var fetching = Names(new(new() { AllowPrivate = ["127.0.0.2"], Ports = [80, 443, site.Port, canary.Port], Robots = false }));

        var outcome = await fetching.FetchAsync(site.Url("/start"));

        Assert.Equal(0, canary.Connections);
        // A few are relative, and so lead back to the site.
        if (outcome is FetchedPage page) Assert.StartsWith(site.Url(), page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_canary_is_reached_if_that_is_allowed()
    {
        await using var canary = ScriptedSite.Canary();
        using var fetching = Names(new(Fetching.Reaching(canary)));

        foreach (var spelling in new[] { "http://127.0.0.1:PORT/", "http://2130706433:PORT/1", "http://loopback.test:PORT/", "http://mapped.test:PORT/" })
            Assert.Equal("secret", (await fetching.PageAsync(spelling.Replace("PORT", $"{canary.Port}", StringComparison.Ordinal))).Text);
        Assert.Equal(4, canary.Connections);
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_the_second_time_is_not_followed()
    {
        await using var canary = ScriptedSite.Canary();
        await using var site = new ScriptedSite(call => call.AnswerAsync("first", "text/plain"), IPAddress.Parse("127.0.0.2"));
        using var fetching = new Fetching(new() { AllowPrivate = ["127.0.0.2"], Ports = [site.Port, canary.Port], Robots = false, CacheTime = TimeSpan.Zero });
        fetching.Knowing("rebinding.test", ["127.0.0.2"], ["127.0.0.1"]);

        Assert.Equal("first", (await fetching.PageAsync($"http://rebinding.test:{site.Port}/")).Text);
        // The address that was judged is the one that was connected to: no second question.
        Assert.Equal(1, fetching.Resolutions);
        Assert.Equal(FetchError.UrlNotAllowed, (await fetching.FailureAsync($"http://rebinding.test:{canary.Port}/")).Error);
        Assert.Equal(0, canary.Connections);
    }

    [Fact]
    public async Task A_page_that_redirects_to_its_own_rebound_name_is_not_followed()
    {
        await using var canary = ScriptedSite.Canary();
        await using var site = new ScriptedSite(call => call.RedirectAsync($"http://rebinding.test:{canary.Port}/"), IPAddress.Parse("127.0.0.2"));
        using var fetching = new Fetching(new() { AllowPrivate = ["127.0.0.2"], Ports = [site.Port, canary.Port], Robots = false });
        fetching.Knowing("rebinding.test", ["127.0.0.2"], ["127.0.0.1"]);

        Assert.Equal(FetchError.UrlNotAllowed, (await fetching.FailureAsync($"http://rebinding.test:{site.Port}/")).Error);
        Assert.Equal(0, canary.Connections);
    }

    [Fact]
    public async Task An_allowed_host_may_be_private_but_never_a_clouds_metadata()
    {
        await using var site = ScriptedSite.With("inside", "text/plain");
        using var fetching = new Fetching(new() { AllowPrivate = ["corp.test"], Ports = [80, site.Port], Robots = false });
        fetching.Knowing("wiki.corp.test", ["127.0.0.1"]).Knowing("evil.corp.test", ["169.254.169.254"]).Knowing("corp.test.evil.test", ["127.0.0.1"]).Knowing("notcorp.test", ["127.0.0.1"]);

        Assert.Equal("inside", (await fetching.PageAsync($"http://wiki.corp.test:{site.Port}/")).Text);
        foreach (var url in new[] { "http://evil.corp.test/", $"http://corp.test.evil.test:{site.Port}/", $"http://notcorp.test:{site.Port}/", $"http://127.0.0.1:{site.Port}/" })
            Assert.Equal(FetchError.UrlNotAllowed, (await fetching.FailureAsync(url)).Error);
    }

    [Theory]
    [InlineData("169.254.0.0/16", false)]
    [InlineData("0.0.0.0/0", false)]
    [InlineData("169.254.169.254", true)]
    [InlineData("169.254.169.254/32", true)]
    public void Metadata_is_only_allowed_by_its_very_address(string entry, bool isAllowed)
    {
        var guard = new AddressGuard(new() { AllowPrivate = [entry] });

        Assert.Equal(isAllowed, guard.Allows(IPAddress.Parse("169.254.169.254"), "169.254.169.254"));
        Assert.Equal(isAllowed, guard.Allows(IPAddress.Parse("::ffff:169.254.169.254"), "h.test"));
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("93.184.216.34")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.1")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.1")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::808:808")]
    [InlineData("2606:4700::1111")]
    [InlineData("2a00:1450:4001:81b::200e")]
    public void Public_addresses_are_allowed(string address) => Assert.True(new AddressGuard(new()).Allows(IPAddress.Parse(address), "public.test"));

    [Fact]
    public async Task Only_allowed_ports_are_connected_to()
    {
        await using var site = ScriptedSite.With("x");
        using var fetching = new Fetching(new() { AllowPrivate = ["127.0.0.0/8"], Robots = false });

        Assert.Equal(FetchError.UrlNotAllowed, (await fetching.FailureAsync(site.Url())).Error);
        Assert.Equal(0, site.Connections);
    }

    private static Fetching Names(Fetching fetching) => fetching
        .Knowing("loopback.test", ["127.0.0.1"])
        .Knowing("loopback6.test", ["::1"])
        .Knowing("mapped.test", ["::ffff:127.0.0.1"])
        .Knowing("nat64.test", ["64:ff9b::7f00:1"])
        .Knowing("mixed.test", ["192.0.2.1", "127.0.0.1"])
        .Knowing("mixed6.test", ["2606:4700::1111", "::1"])
        .Knowing("zero.test", ["0.0.0.0"])
        .Knowing("metadata.test", ["169.254.169.254"]);
}
