using System.Net;
using Dragoman.Testing;
using Dragoman.Tests.Commands;

namespace Dragoman.Tests;

/// <summary>The program under SIGTERM, as a process of its own.</summary>
public sealed class GracefulStopTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signal_lets_open_streams_end_and_tells_new_requests_to_try_again()
    {
        var go = new TaskCompletionSource();
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("Good "));
            await go.Task;
            await call.EventAsync(Chunks.Text("morning"));
            await call.StreamRestAsync();
        });
        await using var gateway = await GatewayProcess.Start($"serve --backend {backend.Address} --urls http://127.0.0.1:0").ListeningAsync();
        using var http = new HttpClient { BaseAddress = gateway.Address };
        using var open = await AskAsync(http);
        using var reader = await EventReader.OfAsync(open);
        await reader.UntilAsync("content_block_delta");

        gateway.Terminate();
        await StoppingAsync(http);
        using (var late = await AskAsync(http))
        {
            await late.ErrorAsync((HttpStatusCode)529, "overloaded_error");
            Assert.Equal("1", Assert.Single(late.Headers.GetValues("retry-after")));
            Assert.Equal("true", Assert.Single(late.Headers.GetValues("x-should-retry")));
        }

        go.SetResult();
        Assert.Contains("morning", await reader.UntilAsync("content_block_delta"), StringComparison.Ordinal);
        await reader.UntilAsync("message_stop");
        Assert.Equal(0, await gateway.ExitAsync());
        Assert.Single(backend.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_still_open_when_the_grace_time_is_over_ends_in_an_error(bool stream)
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("Good "));
            await call.CallerIsGone;
        });
        await using var gateway = await GatewayProcess
            .Start($"serve --backend {backend.Address} --urls http://127.0.0.1:0", environment: ("DRAGOMAN_TIMEOUTS_SHUTDOWN", "300ms")).ListeningAsync();
        using var http = new HttpClient { BaseAddress = gateway.Address };
        var asking = AskAsync(http, stream);
        var call = await backend.NextCallAsync(Now);
        if (stream)
        {
            using var reader = await EventReader.OfAsync(await asking);
            await reader.UntilAsync("content_block_delta");
            gateway.Terminate();
            Assert.Contains("overloaded_error", await reader.UntilAsync("error"), StringComparison.Ordinal);
            Assert.Empty(await reader.RestAsync());
        }
        else
        {
            gateway.Terminate();
            using var response = await asking;
            await response.ErrorAsync((HttpStatusCode)529, "overloaded_error");
        }

        await call.CallerIsGone.WaitAsync(Now);
        Assert.Equal(0, await gateway.ExitAsync());
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient http, bool stream = true) =>
        http.SendAsync(new(HttpMethod.Post, "/v1/messages") { Content = TestGateway.Json(TestGateway.Request(stream)) }, HttpCompletionOption.ResponseHeadersRead, Now);

    /// <summary>Waits until the signal has arrived.</summary>
    private static async Task StoppingAsync(HttpClient http)
    {
        while (true)
        {
            using var ready = await http.GetAsync("/readyz", Now);
            if (ready.StatusCode == HttpStatusCode.OK) continue;
            Assert.Contains("stopping", await ready.Content.ReadAsStringAsync(Now), StringComparison.Ordinal);
            return;
        }
    }
}
