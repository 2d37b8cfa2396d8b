using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Tests.Streaming;

/// <summary>A caller that leaves is not worth another token: the backend is told at once (failures.md G11, G12, G15).</summary>
public sealed class CallerGoneTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Before_the_backend_has_sent_headers(bool stream)
    {
        await using var backend = new ScriptedBackend(call => call.CallerIsGone);
        await using var gateway = await TestGateway.StartAsync(backend);
        using var leave = new CancellationTokenSource();

        var posting = gateway.PostAsync(TestGateway.Request(stream), cancellation: leave.Token);
        var call = await backend.NextCallAsync(TestContext.Current.CancellationToken);
        await leave.CancelAsync();

        await call.CallerIsGone.WaitAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => posting);
    }

    [Fact]
    public async Task After_headers_and_before_the_first_event()
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.ChunkAsync(": processing\n\n");
            await call.CallerIsGone;
        });
        await using var gateway = await TestGateway.StartAsync(backend);
        using var leave = new CancellationTokenSource();

        var posting = gateway.PostAsync(TestGateway.Request(stream: true), cancellation: leave.Token);
        var call = await backend.NextCallAsync(TestContext.Current.CancellationToken);
        await leave.CancelAsync();

        await call.CallerIsGone.WaitAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => posting);
    }

    [Fact]
    public async Task In_the_middle_of_a_stream()
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("Hi"));
            await call.CallerIsGone;
        });
        await using var gateway = await TestGateway.StartAsync(backend);

        var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using (var reader = await EventReader.OfAsync(response)) await reader.UntilAsync("content_block_delta");
        response.Dispose();

        await backend.Calls[0].CallerIsGone.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task While_the_backend_never_pauses()
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            while (!call.CallerIsGone.IsCompleted) await call.EventAsync(Chunks.Text("on and on "));
        });
        await using var gateway = await TestGateway.StartAsync(backend);

        var response = await gateway.PostAsync(TestGateway.Request(stream: true));
        using (var reader = await EventReader.OfAsync(response)) await reader.UntilAsync("content_block_delta");
        response.Dispose();

        await backend.Calls[0].CallerIsGone.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("generic")]
    [InlineData("llama.cpp")] // Notices a gone caller only in streams, so it is always asked for one.
    public async Task In_the_middle_of_a_whole_answer(string dialect)
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync(contentType: "application/json");
            await call.ChunkAsync(dialect == "generic" ? "{\"choices\":" : $"data: {Chunks.Text("Hi")}\n\n");
            await call.CallerIsGone;
        });
        await using var gateway = await TestGateway.StartAsync(backend.As(dialect));
        using var leave = new CancellationTokenSource();

        var posting = gateway.PostAsync(TestGateway.Request(), cancellation: leave.Token);
        var call = await backend.NextCallAsync(TestContext.Current.CancellationToken);
        await leave.CancelAsync();

        await call.CallerIsGone.WaitAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => posting);
        Assert.Equal(Dialects.Find(dialect)!.AlwaysStream, call.Request.Text.Contains("\"stream\":true", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_gateway_serves_on_after_many_have_left()
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("Hi"));
            if (call.Request.Text.Contains("stay", StringComparison.Ordinal)) await call.StreamRestAsync();
            else await call.CallerIsGone;
        });
        await using var gateway = await TestGateway.StartAsync(backend);

        for (var i = 0; i < 20; i++)
        {
            var left = await gateway.PostAsync(TestGateway.Request(stream: true));
            using (var reader = await EventReader.OfAsync(left)) await reader.UntilAsync("content_block_delta");
            left.Dispose();
        }

        using var response = await gateway.PostAsync(TestGateway.Request(stream: true).Replace("Hi", "stay", StringComparison.Ordinal));
        using var rest = await EventReader.OfAsync(response);
        await rest.UntilAsync("message_stop");
        await Task.WhenAll(backend.Calls.SkipLast(1).Select(call => call.CallerIsGone.WaitAsync(TestContext.Current.CancellationToken)));
    }
}
