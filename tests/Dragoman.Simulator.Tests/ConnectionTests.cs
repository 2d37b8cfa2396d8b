using System.Net.Sockets;
using System.Text;

namespace Dragoman.Simulator.Tests;

/// <summary>Breaks, silence and callers that leave, over bare sockets.</summary>
public sealed class ConnectionTests(Backend backend) : IClassFixture<Backend>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private async Task<Socket> SendAsync(string json)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(backend.Server.BaseAddress.Host, backend.Server.BaseAddress.Port, Ct);
        var body = Encoding.UTF8.GetBytes(json);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: sim\r\nContent-Length: {body.Length}\r\n\r\n"), Ct);
        await socket.SendAsync(body, Ct);
        return socket;
    }

    /// <summary>Reads until the other side ends; says whether it ended with a reset.</summary>
    private static async Task<(string Received, bool Reset)> ReadToEndAsync(Socket socket)
    {
        var received = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            int count;
            while ((count = await socket.ReceiveAsync(buffer, Ct)) > 0) received.Write(buffer, 0, count);
            return (Encoding.UTF8.GetString(received.ToArray()), false);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return (Encoding.UTF8.GetString(received.ToArray()), true);
        }
    }

    // failures.md G2
    [Theory]
    [InlineData("sim/break-reset", true, "the ans")]
    [InlineData("sim/break-hang-up", false, "the ans")]
    [InlineData("sim/break-before-headers", true, "")]
    [InlineData("sim/break-after-headers", true, "text/event-stream")]
    [InlineData("sim/break-reset-in-tool", true, "{\\\"ci")]
    [InlineData("sim/break-short-length", false, "Content-Length: 100000")]
    public async Task A_break_is_a_reset_or_an_end_in_mid_body_after_what_was_sent(string model, bool reset, string last)
    {
        using var socket = await SendAsync(Backend.Ask(model));
        var (received, wasReset) = await ReadToEndAsync(socket);
        Assert.Equal(reset, wasReset);
        Assert.Contains(last, received, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\n0\r\n\r\n", received, StringComparison.Ordinal);
    }

    // failures.md G2
    [Theory]
    [InlineData("sim/break-eof"), InlineData("sim/break-eof-in-tool"), InlineData("sim/break-eof-in-event"), InlineData("sim/break-empty")]
    public async Task A_clean_end_is_a_complete_body_without_a_finish_reason(string model)
    {
        using var response = await backend.PostAsync(Backend.Ask(model), Ct);
        var body = await response.Content.ReadAsStringAsync(Ct);
        Assert.DoesNotContain("\"finish_reason\":\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_event_is_an_http_chunk_of_its_own()
    {
        using var socket = await SendAsync(Backend.Ask("sim/text"));
        var buffer = new byte[64 * 1024];
        var received = "";
        while (!received.Contains("\r\n0\r\n\r\n", StringComparison.Ordinal)) received += Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, Ct));
        var chunks = received[(received.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].Split("\r\n").Where((_, i) => i % 2 == 1).TakeWhile(c => c.Length > 0).ToList();
        Assert.Equal(9, chunks.Count); // The opening, five words, the finish, the usage, [DONE].
        Assert.All(chunks, c => Assert.StartsWith("data: ", c, StringComparison.Ordinal));
    }

    // failures.md G10, G11
    [Theory]
    [InlineData("sim/hang", true, false), InlineData("sim/hang", false, false), InlineData("sim/endless", false, false), InlineData("sim/endless", true, true), InlineData("sim/endless-fast", true, true)]
    [InlineData("sim/endless-comments", true, true), InlineData("sim/hang-after-headers", true, true), InlineData("sim/hang-after-text", true, true), InlineData("sim/silence-60", true, false)]
    public async Task A_caller_who_leaves_is_noticed_and_recorded(string model, bool stream, bool answers)
    {
        var mark = Guid.NewGuid().ToString();
        using (var socket = await SendAsync(Backend.Ask(model, mark, stream)))
        {
            var recorded = await backend.Server.WaitForRequestAsync(r => Encoding.UTF8.GetString(r.Body.Span).Contains(mark, StringComparison.Ordinal), Ct);
            if (answers) Assert.True(await socket.ReceiveAsync(new byte[1024], Ct) > 0);
            Assert.False(recorded.WasAborted);
            Assert.Equal(model, recorded.Model);
        }

        var request = backend.Server.Requests.Single(r => Encoding.UTF8.GetString(r.Body.Span).Contains(mark, StringComparison.Ordinal));
        await request.Aborted.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        await request.Ended.WaitAsync(TimeSpan.FromSeconds(10), Ct);
    }

    [Theory]
    [InlineData("sim/text")]
    [InlineData("sim/break-reset")]
    public async Task An_answer_given_or_broken_by_the_backend_is_no_abort(string model)
    {
        var mark = Guid.NewGuid().ToString();
        using (var socket = await SendAsync(Backend.Ask(model, mark)))
        {
            var recorded = await backend.Server.WaitForRequestAsync(r => Encoding.UTF8.GetString(r.Body.Span).Contains(mark, StringComparison.Ordinal), Ct);
            await recorded.Ended.WaitAsync(TimeSpan.FromSeconds(10), Ct);
            Assert.False(recorded.WasAborted);
        }
    }

    // failures.md G10
    [Theory]
    [InlineData("sim/silence-1"), InlineData("sim/pings-1"), InlineData("sim/stall-1"), InlineData("sim/silence-after-headers-1")]
    public async Task After_its_silence_an_answer_is_complete(string model)
    {
        var answer = await backend.StreamAsync(Backend.Ask(model), Ct);
        Assert.Equal("Hello from the simulated backend.", answer.Text);
        Assert.Equal("stop", answer.FinishReason);
    }

    [Fact]
    public async Task The_journal_keeps_headers_and_body_and_forgets_the_oldest()
    {
        await using var server = await SimulatorApp.StartAsync(new SimulatorOptions { JournalSize = 2 }, Ct);
        foreach (var question in (string[])["one", "two", "three"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.BaseAddress, "v1/chat/completions?x=1")) { Content = new StringContent(Backend.Ask("sim/text", question)), Headers = { { "X-Test", question } } };
            using var response = await backend.Client.SendAsync(request, Ct);
        }

        Assert.Equal(["two", "three"], server.Requests.Select(r => r.Headers["x-test"]));
        Assert.All(server.Requests, r => Assert.Equal("?x=1", r.Query));
        Assert.Contains("three", Encoding.UTF8.GetString(server.Requests[1].Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_endless_answers()
    {
        var server = await SimulatorApp.StartAsync(new SimulatorOptions(), Ct);
        using var response = await backend.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(server.BaseAddress, "v1/chat/completions")) { Content = new StringContent(Backend.Ask("sim/endless")) }, HttpCompletionOption.ResponseHeadersRead, Ct);
        await server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), Ct);
    }
}
