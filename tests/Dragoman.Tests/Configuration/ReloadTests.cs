using System.Globalization;
using System.Net;
using Dragoman.Configuration;
using Dragoman.Testing;
using Dragoman.Tests.Commands;

namespace Dragoman.Tests.Configuration;

/// <summary>Edits of the file while the gateway runs.</summary>
public sealed class ReloadTests
{
    [Fact]
    public async Task A_file_edited_100_times_under_load_good_and_bad_fails_no_request_and_every_bad_edit_is_named()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var one = ScriptedBackend.Streaming(Chunks.Role, Chunks.Text("one"), Chunks.Text("two"), Chunks.Stop, Chunks.Usage);
        await using var other = ScriptedBackend.Streaming(Chunks.Role, Chunks.Text("one"), Chunks.Text("two"), Chunks.Stop, Chunks.Usage);
        using var file = new WrittenFile(Yaml(0));
        var (gateway, watch) = await StartAsync(file);
        await using var running = gateway;
        await using var watching = watch;
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        var callers = Enumerable.Range(0, 8).Select(_ => CallAsync(gateway, done.Token)).ToArray();
        for (var edit = 1; edit <= 100; edit++)
        {
            var before = gateway.Running.Configuration.LoadedAt;
            var isBad = edit % 3 == 0;
            if (edit % 2 == 0) file.Write(isBad ? Bad(edit) : Yaml(edit));
            else await File.WriteAllTextAsync(file.Path, isBad ? Bad(edit) : Yaml(edit), cancellation); // In place, as some editors do.
            await UntilAsync(gateway, status => isBad ? status.LastFault is not null : status.LoadedAt > before);

            var status = gateway.Running.Configuration;
            if (isBad)
            {
                Assert.Equal($"{file.Path}:1:19: timeouts.ping: 'soon{edit}' is no time like 500ms, 10s, 5m, 1h or 1d, of at most a day.", Assert.Single(status.LastFault!.Faults).ToString());
            }
            else
            {
                Assert.Null(status.LastFault);
                Assert.Equal(edit % 2 == 0 ? "one" : "other", Assert.Single(gateway.Running.Snapshots.Current.Options.Backends).Name);
            }
        }

        await done.CancelAsync();
        var counts = await Task.WhenAll(callers);
        Assert.All(counts, count => Assert.True(count > 10, "Too few requests to tell anything."));
        Assert.NotEmpty(one.Calls);
        Assert.NotEmpty(other.Calls);

        string Yaml(int edit) => $"backends: {{ {(edit % 2 == 0 ? "one" : "other")}: {{ url: {(edit % 2 == 0 ? one : other).Address}, dialect: generic }} }} # {edit}\n";
        static string Bad(int edit) => $"timeouts: {{ ping: soon{edit} }}\nbackends: {{ one: {{ url: http://127.0.0.1:9 }} }}\n";
    }

    [Fact]
    public async Task A_bad_edit_is_told_in_the_log_and_its_place_in_readyz_and_the_last_good_configuration_stays() // failures.md J8
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        using var file = new WrittenFile($"urls: http://127.0.0.1:0\nbackends: {{ gpu: {{ url: {backend.Address} }} }}\n");
        await using var gateway = await GatewayProcess.Start($"serve --config \"{file.Path}\"").ListeningAsync();
        using var http = new HttpClient { BaseAddress = gateway.Address };

        file.Write("urls: http://127.0.0.1:0\nbackends: { gpu: { url: s3cret } }\nretry: { atempts: 2 }\n");
        var ready = await UntilAsync(http, "\"fault\"");
        using var answer = await http.PostAsync("/v1/messages", TestGateway.Json(TestGateway.Request()), TestContext.Current.CancellationToken);
        file.Write($"urls: http://127.0.0.1:1\nbackends: {{ gpu: {{ url: {backend.Address} }} }}\n");
        await UntilAsync(http, "\"fault\"", isThere: false);
        gateway.Terminate();
        await gateway.ExitAsync();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("\"places\":[\"dragoman.yaml:2:25: backends.gpu.url\",\"dragoman.yaml:3:10: retry.atempts\"]", ready, StringComparison.Ordinal);
        Assert.Contains("but not taken over", gateway.Errors, StringComparison.Ordinal);
        Assert.Contains("dragoman.yaml:2:25: backends.gpu.url: The value is no address.", gateway.Errors, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'attempts'?", gateway.Errors, StringComparison.Ordinal);
        Assert.Contains("These take effect at the next start: urls", gateway.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", gateway.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secrets_file_that_changes_is_read_again()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        using var file = new WrittenFile($"backends: {{ gpu: {{ url: {backend.Address}, api_key: \"${{file:key}}\" }} }}\n");
        file.WriteBeside("key", "first\n");
        var (gateway, watch) = await StartAsync(file);
        await using var running = gateway;
        await using var watching = watch;
        var before = gateway.Running.Configuration.LoadedAt;

        file.WriteBeside("key", "second\n");
        await UntilAsync(gateway, status => status.LoadedAt > before);

        Assert.Equal("second", gateway.Running.Snapshots.Current.Options.Backends[0].ApiKey);
    }

    // As Kubernetes mounts a ConfigMap: the file is a link into a folder that is a link, and only the latter is swapped.
    [Fact]
    public async Task A_folder_that_is_swapped_as_a_whole_is_seen()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        var mount = Directory.CreateTempSubdirectory("dragoman").FullName;
        foreach (var (version, name) in new[] { ("v1", "first"), ("v2", "second") })
        {
            Directory.CreateDirectory(Path.Combine(mount, version));
            await File.WriteAllTextAsync(Path.Combine(mount, version, "dragoman.yaml"), $"backends: {{ {name}: {{ url: {backend.Address} }} }}\n", TestContext.Current.CancellationToken);
        }

        Directory.CreateSymbolicLink(Path.Combine(mount, "..data"), "v1");
        File.CreateSymbolicLink(Path.Combine(mount, "dragoman.yaml"), "..data/dragoman.yaml");
        var (gateway, watch) = await StartAsync(new ConfigurationSource(Path.Combine(mount, "dragoman.yaml"), _ => null, []));
        await using (gateway)
        await using (watch)
        {
            var before = gateway.Running.Configuration.LoadedAt;
            Directory.Delete(Path.Combine(mount, "..data"));
            Directory.CreateSymbolicLink(Path.Combine(mount, "..data"), "v2");
            await UntilAsync(gateway, status => status.LoadedAt > before);

            Assert.Equal("second", gateway.Running.Snapshots.Current.Options.Backends[0].Name);
        }

        Directory.Delete(mount, recursive: true);
    }

    // A gateway that listens everywhere must not come to believe that it listens on loopback.
    [Fact]
    public async Task Keys_cannot_be_edited_away_from_a_gateway_that_listens_beyond_this_machine()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        var open = $"backends: {{ gpu: {{ url: {backend.Address} }} }}\n";
        using var file = new WrittenFile($"urls: http://0.0.0.0:0\n{open}keys: [{{ name: a, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 }}]\n");
        var (gateway, watch) = await StartAsync(file.Source(), "http://0.0.0.0:0");
        await using var running = gateway;
        await using var watching = watch;

        file.Write($"urls: http://127.0.0.1:0\n{open}");
        await UntilAsync(gateway, status => status.LastFault is not null);

        Assert.Contains("would let everyone who can reach this machine use your backends", gateway.Running.Configuration.LastFault!.Faults[0].ToString(), StringComparison.Ordinal);
        Assert.Single(gateway.Running.Snapshots.Current.Options.Keys);
    }

    private static Task<(TestGateway Gateway, IAsyncDisposable Watch)> StartAsync(WrittenFile file) => StartAsync(file.Source());

    private static async Task<(TestGateway Gateway, IAsyncDisposable Watch)> StartAsync(ConfigurationSource source, string urls = "http://127.0.0.1:0")
    {
        var reading = source.Read();
        var options = reading.OptionsOrThrow() with { Urls = urls, Log = new LogOptions { Requests = false } };
        var gateway = await TestGateway.StartAsync(options.Backends[0], _ => options);
        return (gateway, gateway.Running.Watch(source, reading));
    }

    /// <summary>Calls, streamed and whole in turn, until it is told to stop; each call must be answered in full.</summary>
    private static async Task<int> CallAsync(TestGateway gateway, CancellationToken done)
    {
        var count = 0;
        for (; !done.IsCancellationRequested; count++)
        {
            using var response = await gateway.PostAsync(TestGateway.Request(stream: true));
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(response.StatusCode == HttpStatusCode.OK, string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} {text}"));
            Assert.EndsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", text, StringComparison.Ordinal);
        }

        return count;
    }

    /// <summary>Asks for readiness until the status is as expected.</summary>
    private static async Task UntilAsync(TestGateway gateway, Func<Dragoman.Reloading.ConfigurationStatus, bool> isThere)
    {
        while (!isThere(gateway.Running.Configuration))
        {
            using var ready = await gateway.Http.GetAsync("/readyz", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        }
    }

    private static async Task<string> UntilAsync(HttpClient http, string text, bool isThere = true)
    {
        while (true)
        {
            var ready = await http.GetStringAsync("/readyz", TestContext.Current.CancellationToken);
            if (ready.Contains(text, StringComparison.Ordinal) == isThere) return ready;
        }
    }
}
