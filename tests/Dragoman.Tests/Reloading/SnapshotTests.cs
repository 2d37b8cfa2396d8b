using System.Net;
using Dragoman.Configuration;
using Dragoman.Testing;

namespace Dragoman.Tests.Reloading;

public sealed class SnapshotTests
{
    [Fact]
    public async Task A_running_stream_ends_on_the_configuration_it_began_with_and_the_next_request_sees_the_new_one()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var goOn = new TaskCompletionSource();
        await using var old = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("old "));
            await goOn.Task;
            await call.EventAsync(Chunks.Text("still old"));
            await call.EventAsync(Chunks.Stop);
            await call.EndAsync();
        });
        await using var fresh = ScriptedBackend.Streaming(Chunks.Text("new"), Chunks.Stop);
        await using var gateway = await TestGateway.StartAsync(old);

        using var first = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var events = new EventReader(await first.Content.ReadAsStreamAsync(cancellation));
        await events.UntilAsync("content_block_delta");
        gateway.Reload(options => options with { Backends = [fresh.As("generic", "fresh")] });
        using var second = await gateway.PostAsync(TestGateway.Request(stream: true));
        var secondText = await second.Content.ReadAsStringAsync(cancellation);
        goOn.SetResult();

        Assert.Contains("\"new\"", secondText, StringComparison.Ordinal);
        Assert.Contains("still old", await events.UntilAsync("content_block_delta"), StringComparison.Ordinal);
        await events.UntilAsync("message_stop");
    }

    [Fact]
    public async Task A_backend_that_stays_the_same_keeps_its_connections_and_its_model_list() // failures.md J3
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hi"));
        await using var gateway = await TestGateway.StartAsync(backend, options => options with
        {
            Backends = [backend.As("generic") with { Headers = new Dictionary<string, string> { ["x-team"] = "a" } }],
        });
        using (await gateway.PostAsync(TestGateway.Request())) { }
        var connections = backend.Connections;

        gateway.Reload(options => options with
        {
            Backends = [backend.As("generic") with { Headers = new Dictionary<string, string> { ["x-team"] = "a" } }],
            Retry = new RetryOptions { Attempts = 1 },
        });
        using var answer = await gateway.PostAsync(TestGateway.Request());

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(connections, backend.Connections);
    }

    [Fact]
    public async Task Options_that_contradict_each_other_change_nothing()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hi"));
        await using var gateway = await TestGateway.StartAsync(backend);

        Assert.Throws<ConfigurationException>(() => gateway.Reload(options => options with { Backends = [] }));
        using var answer = await gateway.PostAsync(TestGateway.Request());

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
