using System.Net;
using System.Net.Sockets;
using Dragoman.Commands;
using Dragoman.Testing;

namespace Dragoman.Tests.Commands;

/// <summary>The program from outside: what it prints, and the status it ends with (product.md section 2).</summary>
public sealed class CommandLineTests
{
    [Fact]
    public async Task Without_anything_it_serves_the_demonstration_backend_and_says_so()
    {
        await using var gateway = await GatewayProcess.Start("--urls http://127.0.0.1:0", environment: ("DRAGOMAN_DISCOVERY", "false")).ListeningAsync();
        using var http = new HttpClient { BaseAddress = gateway.Address };

        using var response = await http.PostAsync("/v1/messages", TestGateway.Json(TestGateway.Request()), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("built in", gateway.Output, StringComparison.Ordinal);
        Assert.Contains($"curl -N {gateway.Address.ToString().TrimEnd('/')}/v1/messages", gateway.Output, StringComparison.Ordinal);
        Assert.Contains("ANTHROPIC_AUTH_TOKEN=any ANTHROPIC_MODEL='sim/demo' claude", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_to_stop_ends_it_in_order()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await GatewayProcess.Start($"serve --backend {backend.Address} --urls http://127.0.0.1:0").ListeningAsync();

        gateway.Terminate();

        Assert.Equal(0, await gateway.ExitAsync());
    }

    [Fact]
    public async Task One_backend_and_one_model_are_a_whole_configuration()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await GatewayProcess.Start($"serve --backend {backend.Address} --model my-model --api-key sk-upstream-secret --urls http://127.0.0.1:0").ListeningAsync();
        using var http = new HttpClient { BaseAddress = gateway.Address };

        using var response = await http.PostAsync("/v1/messages", TestGateway.Json(TestGateway.Request()), TestContext.Current.CancellationToken);
        using var bad = await http.PostAsync("/v1/messages", TestGateway.Json("{"), TestContext.Current.CancellationToken);
        gateway.Terminate();
        await gateway.ExitAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"model\":\"my-model\"", Assert.Single(backend.Calls).Request.Text, StringComparison.Ordinal);
        // A line for each request, without bodies and secrets.
        Assert.Contains("model=claude-test backend=backend upstream_model=my-model upstream_status=200", gateway.Errors, StringComparison.Ordinal);
        Assert.Contains("error=invalid_request_error", gateway.Errors, StringComparison.Ordinal);
        foreach (var secret in new[] { "sk-upstream-secret", "Hello", "\"Hi\"", backend.Address.Authority })
            Assert.DoesNotContain(secret, gateway.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-upstream-secret", gateway.Output, StringComparison.Ordinal);
    }

    // failures.md G15
    [Fact]
    public async Task A_caller_that_left_is_a_499_in_the_log_and_no_error()
    {
        await using var backend = new ScriptedBackend(async call =>
        {
            await call.BeginAsync();
            await call.EventAsync(Chunks.Text("Hi"));
            await call.CallerIsGone;
        });
        await using var gateway = await GatewayProcess.Start($"serve --backend {backend.Address} --urls http://127.0.0.1:0").ListeningAsync();
        using var http = new HttpClient { BaseAddress = gateway.Address };

        using (var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = TestGateway.Json(TestGateway.Request(stream: true)) })
        using (var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
        using (var reader = await EventReader.OfAsync(response)) await reader.UntilAsync("content_block_delta");
        await backend.Calls[0].CallerIsGone.WaitAsync(TestContext.Current.CancellationToken);
        gateway.Terminate();

        Assert.Equal(0, await gateway.ExitAsync());
        Assert.Contains("POST /v1/messages 499 ", gateway.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", gateway.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serve --config my.yaml", "'my.yaml' does not exist")]
    [InlineData("serve --config my.yaml --backend http://127.0.0.1:9/v1", "leave one of the two out")]
    [InlineData("serve --config my.yaml --model x", "the backends are those of my.yaml")]
    [InlineData("serve --backend nonsense", "no address")]
    [InlineData("serve --backend http://user:pw@host/v1", "must not hold a user name")]
    [InlineData("serve --backend http://127.0.0.1:9/v1 --schema gemini", "Known schemas: openai")]
    [InlineData("serve --backend http://127.0.0.1:9/v1 --dialect nope", "Known dialects: auto, ")]
    [InlineData("serve --dialect vllm", "no --backend")]
    [InlineData("serve --backend http://127.0.0.1:9/v1 --set timeouts.pong=5s", "Did you mean 'timeouts.ping'?")]
    [InlineData("serve --backend http://127.0.0.1:9/v1 --set timeouts.ping=soon", "no time like")]
    [InlineData("serve --backend http://127.0.0.1:9/v1 --urls http://0.0.0.0:0", "--allow-anonymous")] // failures.md J9
    [InlineData("serve --backend http://127.0.0.1:9/v1 --urls https://127.0.0.1:0", "TLS")]
    [InlineData("serve --backend http://127.0.0.1:9/v1 --urls nonsense", "no address to listen on")]
    [InlineData("serve --nonsense", "--nonsense")]
    public async Task Bad_arguments_end_in_status_1_and_one_readable_paragraph(string arguments, string says)
    {
        await using var gateway = GatewayProcess.Start(arguments);

        Assert.Equal(1, await gateway.ExitAsync());
        Assert.Contains(says, gateway.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", gateway.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("pw@", gateway.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_file_in_the_folder_is_read()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        var folder = Directory.CreateTempSubdirectory("dragoman");
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "dragoman.yaml"),
            $$"""
            urls: http://127.0.0.1:0
            backends:
              gpu: { url: {{backend.Address}}, api_key: "${GPU_KEY}" }
            routes:
              - { model: "claude-*", to: [{ backend: gpu, model: my-model }] }
            """,
            TestContext.Current.CancellationToken);
        await using (var gateway = await GatewayProcess.Start("", folder.FullName, ("GPU_KEY", "sk-upstream-secret")).ListeningAsync())
        {
            using var http = new HttpClient { BaseAddress = gateway.Address };
            using var response = await http.PostAsync("/v1/messages", TestGateway.Json(TestGateway.Request()), TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains("as dragoman.yaml says", gateway.Output, StringComparison.Ordinal);
            Assert.Equal("Bearer sk-upstream-secret", Assert.Single(backend.Calls).Request.Headers["Authorization"]);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_address_in_use_ends_in_status_2()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        await using var gateway = GatewayProcess.Start($"serve --backend http://127.0.0.1:9/v1 --urls http://{taken.LocalEndpoint}");

        Assert.Equal(2, await gateway.ExitAsync());
        Assert.Contains("--urls", gateway.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", gateway.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listening_beyond_this_machine_works_where_it_is_meant()
    {
        await using var gateway = await GatewayProcess.Start("serve --backend http://127.0.0.1:9/v1 --urls http://0.0.0.0:0 --allow-anonymous").ListeningAsync();
        using var http = new HttpClient { BaseAddress = gateway.Address };

        using var response = await http.GetAsync("/healthz", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task The_simulator_runs_alone()
    {
        await using var simulator = await GatewayProcess.Start("simulate --urls http://127.0.0.1:0").ListeningAsync();
        using var http = new HttpClient();

        var models = await http.GetStringAsync(simulator.Address + "/models", TestContext.Current.CancellationToken);

        Assert.Contains("sim/demo", models, StringComparison.Ordinal);
        Assert.Contains("sim/demo", simulator.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_foresaw_is_not_explained_away() => Assert.Null(ExitStatus.Explain(new InvalidOperationException("x"), TextWriter.Null));
}
