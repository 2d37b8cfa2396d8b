using System.Net;
using System.Net.Sockets;
using Dragoman.Configuration;
using Dragoman.WebSearch;

namespace Dragoman.Tests.WebSearch;

/// <summary>Any program can search.</summary>
public sealed class CommandProviderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dragoman");

    [Fact]
    public async Task The_query_comes_as_one_JSON_object_and_a_JSON_list_goes_back()
    {
        var seen = Path.Combine(_folder.FullName, "seen");
        DomainFilter.TryCreate(["example.com", "example.org/docs"], null, out var domains, out _);
        var outcome = await SearchAsync(
            $$"""cat > {{seen}}; echo '[{"title":"T","url":"https://a.example.com/x","snippet":"S","age":"2 days ago"},{"name":"U","link":"https://example.org/docs/y","description":"D"}]'""",
            new("what's \"this\"; $(rm)") { Count = 4, Domains = domains!, Location = new("Aleppo", null, "SY", "Asia/Damascus") });

        Assert.Equal([new("T", "https://a.example.com/x", "2 days ago", "S"), new("U", "https://example.org/docs/y", null, "D")], outcome.Results);
        Assert.Equal(
            """{"query":"what\u0027s \u0022this\u0022; $(rm)","count":8,"allowed_domains":["example.com","example.org/docs"],"blocked_domains":[],"user_location":{"city":"Aleppo","country":"SY","timezone":"Asia/Damascus"}}""" + "\n",
            await File.ReadAllTextAsync(seen, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("""echo '{"results":[{"title":"T","url":"https://example.com/"}]}'""")]
    [InlineData("""head -c 1000000 /dev/zero >&2; echo '[{"title":"T","url":"https://example.com/"}]'""")]
    [InlineData("""exec 0<&-; echo '[{"title":"T","url":"https://example.com/"}]'""")]
    public async Task Results_are_taken_however_the_program_treats_its_other_pipes(string script) =>
        Assert.Equal([new("T", "https://example.com/", null, "")], (await SearchAsync(script)).Results);

    [Theory]
    [InlineData("echo '[]'; exit 3")]
    [InlineData("echo 'not json'")]
    [InlineData("true")]
    [InlineData("yes 1234567890")]
    public async Task A_program_that_fails_or_talks_without_end_is_unavailable(string script) =>
        Assert.Equal(SearchError.Unavailable, (await SearchAsync(script)).Error);

    [Fact]
    public async Task A_program_that_does_not_exist_is_unavailable()
    {
        await using var searcher = ScriptedSearchServer.Searcher(new() { Provider = new() { Kind = SearchProviderKind.Command, Command = Path.Combine(_folder.FullName, "none") } });

        Assert.Equal(SearchError.Unavailable, (await searcher.SearchAsync(new("q"), TestContext.Current.CancellationToken)).Error);
    }

    [Fact]
    public async Task A_program_that_takes_too_long_is_killed_with_what_it_started()
    {
        using var witness = new Witness();

        Assert.Equal(SearchError.Unavailable, (await SearchAsync($"{witness.Connect}; sleep 600 & sleep 600", timeout: TimeSpan.FromSeconds(4))).Error);
        await witness.AllAreGoneAsync();
    }

    [Fact]
    public async Task A_caller_who_leaves_takes_the_program_along()
    {
        using var witness = new Witness();
        using var leaves = new CancellationTokenSource();
        var search = SearchAsync($"{witness.Connect}; sleep 600 & sleep 600", cancellation: leaves.Token);
        await witness.StartedAsync();
        await leaves.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => search);
        await witness.AllAreGoneAsync();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<SearchOutcome> SearchAsync(string script, SearchQuery? query = null, TimeSpan? timeout = null, CancellationToken? cancellation = null)
    {
        await using var searcher = ScriptedSearchServer.Searcher(new()
        {
            Provider = new() { Kind = SearchProviderKind.Command, Command = "/bin/bash", Arguments = ["-c", script], Timeout = timeout ?? TimeSpan.FromSeconds(60) },
        });
        return await searcher.SearchAsync(query ?? new("q"), cancellation ?? TestContext.Current.CancellationToken);
    }

    /// <summary>Sees processes start and end by a connection that they share and that closes with the last of them.</summary>
    private sealed class Witness : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private Task<Socket>? _accepted;

        public Witness() => _listener.Start();

        /// <summary>What a script does to be seen, and everything it starts afterwards.</summary>
        public string Connect => $"exec 9<>/dev/tcp/127.0.0.1/{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public Task<Socket> StartedAsync() => _accepted ??= _listener.AcceptSocketAsync(TestContext.Current.CancellationToken).AsTask();

        public async Task AllAreGoneAsync()
        {
            using var socket = await StartedAsync();
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
        }

        public void Dispose() => _listener.Dispose();
    }
}
