using System.Net;
using System.Text.Json;
using Dragoman.Configuration;
using Dragoman.Testing;
using Dragoman.Tests.Authentication;

namespace Dragoman.Tests.Accounting;

/// <summary>The accounting record: a line for each request, whatever became of it.</summary>
public sealed class AccountLogTests : IDisposable
{
    private const string Key = "dgm-alices-key";

    private readonly string _folder = Directory.CreateTempSubdirectory("dragoman-accounts-").FullName;

    private string File => Path.Combine(_folder, "accounts.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_streamed_answer_leaves_a_line_with_all_that_bills_need()
    {
        await using var backend = ScriptedBackend.Streaming(
            Chunks.Role, Chunks.Text("Hello"), Chunks.Stop,
            """{"choices":[],"usage":{"prompt_tokens":11,"completion_tokens":2,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":4}}}""");
        await using (var gateway = await StartAsync(backend))
        {
            using var answer = await AskAsync(gateway, stream: true);
            await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            await WrittenAsync(1);
        }

        var line = Assert.Single(Lines());
        Assert.StartsWith("req_", line.GetProperty("request_id").GetString(), StringComparison.Ordinal);
        Assert.True(line.GetProperty("time").TryGetDateTimeOffset(out _));
        Assert.Equal("alice", line.GetProperty("caller").GetString());
        Assert.Equal("research", line.GetProperty("labels").GetProperty("team").GetString());
        Assert.Equal("/v1/messages", line.GetProperty("path").GetString());
        Assert.Equal("claude-test", line.GetProperty("model").GetString());
        Assert.True(line.GetProperty("stream").GetBoolean());
        Assert.Equal("claude-*", line.GetProperty("route").GetString());
        Assert.Equal("scripted", line.GetProperty("backend").GetString());
        Assert.Equal("model-a", line.GetProperty("upstream_model").GetString());
        Assert.Equal(1, line.GetProperty("attempts").GetInt32());
        Assert.Equal(200, line.GetProperty("status").GetInt32());
        Assert.Equal("end_turn", line.GetProperty("stop_reason").GetString());
        Assert.Equal(7, line.GetProperty("input_tokens").GetInt64());
        Assert.Equal(4, line.GetProperty("cache_read_input_tokens").GetInt64());
        Assert.Equal(0, line.GetProperty("cache_creation_input_tokens").GetInt64());
        Assert.Equal(2, line.GetProperty("output_tokens").GetInt64());
        Assert.False(line.GetProperty("estimated").GetBoolean());
        // 7 at 3, 4 at 0.3, 2 at 15, for a million each.
        Assert.Equal(0.0000522m, line.GetProperty("cost").GetDecimal());
        Assert.InRange(line.GetProperty("first_event_ms").GetDouble(), 0, line.GetProperty("duration_ms").GetDouble());
        Assert.Equal(TestGateway.Request(stream: true).Length, line.GetProperty("request_bytes").GetInt64());
        Assert.InRange(line.GetProperty("response_bytes").GetInt64(), 300, 5000);
        Assert.Equal(0, line.GetProperty("dropped").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, line.GetProperty("error").ValueKind);
    }

    [Fact]
    public async Task Failed_refused_and_broken_off_requests_leave_a_line_too()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var backend = new ScriptedBackend(async call =>
        {
            if (call.Request.Text.Contains("\"stream\":true", StringComparison.Ordinal))
            {
                await call.BeginAsync();
                await call.EventAsync(Chunks.Text("Once upon a time"));
                await call.CallerIsGone;
            }
            else
            {
                await call.AnswerAsync("""{"error":{"message":"out of order"}}""", 500);
            }
        });
        await using (var gateway = await StartAsync(backend))
        {
            using var failed = await AskAsync(gateway);
            using var unknown = await gateway.PostAsync(TestGateway.Request(), headers: ("x-api-key", "dgm-somebody-elses"));
            using var bad = await gateway.PostAsync("{", headers: ("x-api-key", Key));
            using (var left = await AskAsync(gateway, stream: true))
            {
                using var events = await EventReader.OfAsync(left);
                await events.UntilAsync("content_block_delta");
            }

            await backend.NextCallAsync(cancellation);
            await (await backend.NextCallAsync(cancellation)).CallerIsGone.WaitAsync(cancellation);
            await WrittenAsync(4);
        }

        // A line is added when a request is over, and its caller may have sent the next one by then.
        var lines = Lines().OrderByDescending(line => line.GetProperty("status").GetInt32()).ToArray();
        Assert.Equal([500, 499, 401, 400], lines.Select(line => line.GetProperty("status").GetInt32()));
        Assert.Equal(["api_error", null, "authentication_error", "invalid_request_error"], lines.Select(line => line.GetProperty("error").GetString()));
        Assert.Equal(["alice", "alice", null, "alice"], lines.Select(line => line.GetProperty("caller").GetString()));
        var brokenOff = lines[1];
        Assert.True(brokenOff.GetProperty("estimated").GetBoolean());
        Assert.InRange(brokenOff.GetProperty("output_tokens").GetInt64(), 2, 10);
        Assert.True(brokenOff.GetProperty("cost").GetDecimal() > 0);
        Assert.Equal(JsonValueKind.Null, brokenOff.GetProperty("stop_reason").ValueKind);
    }

    // failures.md J1 and product.md section 8: no secret, no body.
    [Fact]
    public async Task Neither_keys_nor_bodies_nor_addresses_stand_in_the_accounts_or_the_request_log()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Streng geheime Antwort"));
        await using var log = new MemoryStream();
        await using (var gateway = await StartAsync(backend, log))
        {
            const string body = """{"model":"claude-test","max_tokens":64,"metadata":{"user_id":"private-user"},"system":"private system","messages":[{"role":"user","content":"private question"}]}""";
            using var answer = await gateway.PostAsync(body, headers: [("x-api-key", Key), ("x-private", "private header"), ("Cookie", "private=cookie")]);
            using var bearer = await gateway.PostAsync(body, "/v1/messages?key=private-query", headers: ("Authorization", "Bearer " + Key));
            using var wrong = await gateway.PostAsync(body, headers: ("x-api-key", "dgm-private-typo"));
            Assert.Equal(HttpStatusCode.OK, bearer.StatusCode);
            await WrittenAsync(3);
        }

        var written = await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken) + System.Text.Encoding.UTF8.GetString(log.ToArray());
        Assert.Equal(6, written.Count(letter => letter == '\n'));
        Assert.Contains("caller=alice", written, StringComparison.Ordinal);
        foreach (var secret in new[] { Key, CallerKeyTests.Hash(Key), "sk-upstream-secret", "private", "geheime", backend.Address.Authority })
            Assert.DoesNotContain(secret, written, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Probes_and_paths_that_lead_nowhere_leave_no_line()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using (var gateway = await StartAsync(backend))
        {
            foreach (var path in new[] { "/healthz", "/readyz", "/", "/nowhere" }) (await gateway.Http.GetAsync(path, TestContext.Current.CancellationToken)).Dispose();
            using var answer = await AskAsync(gateway);
            await WrittenAsync(1);
        }

        Assert.Single(Lines());
    }

    [Fact]
    public async Task A_file_that_was_moved_away_is_begun_anew()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        var moved = File + ".1";
        await using (var gateway = await StartAsync(backend))
        {
            using (await AskAsync(gateway)) await WrittenAsync(1);
            System.IO.File.Move(File, moved);
            using (await AskAsync(gateway)) await WrittenAsync(1);
            // Or emptied, as copying tools do.
            await System.IO.File.WriteAllTextAsync(File, "", TestContext.Current.CancellationToken);
            using (await AskAsync(gateway)) await WrittenAsync(1);
        }

        Assert.Single(await System.IO.File.ReadAllLinesAsync(moved, TestContext.Current.CancellationToken));
        Assert.Single(Lines());
    }

    [Fact]
    public async Task A_new_configuration_may_name_another_file_or_none()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        var other = Path.Combine(_folder, "other.jsonl");
        await using (var gateway = await StartAsync(backend))
        {
            using (await AskAsync(gateway)) await WrittenAsync(1);
            gateway.Reload(options => options with { Accounting = new() { File = other } });
            using (await AskAsync(gateway)) await WrittenAsync(1, other);
        }

        Assert.Single(Lines());
        Assert.Single(await System.IO.File.ReadAllLinesAsync(other, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Accounts_that_cannot_be_written_stop_no_request()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Accounting = new() { File = Path.Combine(_folder, "no", "such", "folder") } });

        using var answer = await gateway.PostAsync(TestGateway.Request());

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private Task<TestGateway> StartAsync(ScriptedBackend backend, Stream? log = null) => TestGateway.StartAsync(backend, options => options with
    {
        Backends = [.. options.Backends, options.Backends[0] with { Name = "another" }],
        Keys = [new() { Name = "alice", Sha256 = CallerKeyTests.Hash(Key), Labels = new Dictionary<string, string> { ["team"] = "research" } }],
        Routes = [new() { Model = "claude-*", To = [new("scripted", "model-a")] }],
        Prices = [new() { Model = "*", Backend = "another", Input = 100 }, new() { Model = "model-*", Input = 3, CachedRead = 0.3m, Output = 15 }],
        Accounting = new() { File = File },
        Log = new LogOptions { Requests = log is not null },
    }, log: log);

    private static Task<HttpResponseMessage> AskAsync(TestGateway gateway, bool stream = false) =>
        gateway.PostAsync(TestGateway.Request(stream), headers: ("x-api-key", Key));

    private JsonElement[] Lines() => [.. System.IO.File.ReadAllLines(File).Select(line => JsonDocument.Parse(line).RootElement)];

    private async Task WrittenAsync(int lines, string? file = null)
    {
        file ??= File;
        while (!System.IO.File.Exists(file) || (await System.IO.File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken)).Length < lines)
            await Task.Yield();
    }
}
