using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Dragoman.TokenCounting;
using Dragoman.Translation.ChatCompletions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dragoman.Tests.TokenCounting;

/// <summary>Counting against scripted backends on real sockets.</summary>
public sealed class TokenCounterTests : IAsyncLifetime
{
    private const string Chat = """
        {"model":"m","max_tokens":100,"stream":true,"messages":[{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}],"tools":[{"type":"function","function":{"name":"read"}}],"chat_template_kwargs":{"enable_thinking":false}}
        """;

    private static readonly PromptSize Size = new(60, 0, 1, 1);

    private readonly HttpClient _http = new();
    private readonly TokenCounter _counter = new(new() { BackendTimeout = TimeSpan.FromSeconds(30), MaxConcurrent = 1 });
    private readonly ConcurrentQueue<(string Path, JsonElement Body)> _asked = new();
    private readonly WebApplication _backend;
    private RequestDelegate _answer = _ => Task.CompletedTask;

    public TokenCounterTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _backend = builder.Build();
        _backend.Run(async http =>
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            _asked.Enqueue((http.Request.Path.Value!, body.RootElement.Clone()));
            await _answer(http);
        });
    }

    public async ValueTask InitializeAsync() => await _backend.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();
        _counter.Dispose();
        _http.Dispose();
    }

    private CountRequest Request(CountTokens by, string chat = Chat, PromptSize? size = null, string path = "/v1") => new()
    {
        Chat = Encoding.UTF8.GetBytes(chat),
        Size = size ?? Size,
        Dialect = new Dialect { Name = "test", CountTokens = by },
        Estimator = _counter.Estimator("gpu", "m"),
        Url = new Uri(_backend.Urls.First() + path),
        Send = (request, cancellation) => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation),
        ErrorContext = new("claude-x", "gpu", 0, null, 0),
    };

    private Task<TokenCount> CountAsync(CountRequest request) => _counter.CountAsync(request, TestContext.Current.CancellationToken);

    [Fact]
    public async Task Vllm_counts_the_translated_messages_tools_and_template_switches()
    {
        _answer = http => http.Response.WriteAsync("""{"count":4321,"max_model_len":8192,"tokens":[1,2,3]}""");

        var count = await CountAsync(Request(CountTokens.VllmTokenize));

        Assert.Equal(new TokenCount(4321, Estimated: false), count);
        var (path, body) = Assert.Single(_asked);
        Assert.Equal("/tokenize", path);
        Assert.Equal("""{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"see"}]}],"tools":[{"type":"function","function":{"name":"read"}}],"chat_template_kwargs":{"enable_thinking":false}}""",
            body.GetRawText());
    }

    [Theory]
    [InlineData("/v1", "/tokenize")]
    [InlineData("/v1/", "/tokenize")]
    [InlineData("", "/tokenize")]
    [InlineData("/llm/v1", "/llm/tokenize")]
    public async Task The_tokenizer_stands_beside_v1(string path, string asked)
    {
        _answer = http => http.Response.WriteAsync("""{"count":1}""");

        await CountAsync(Request(CountTokens.VllmTokenize, path: path));

        Assert.Equal(asked, Assert.Single(_asked).Path);
    }

    [Fact]
    public async Task Llama_cpp_counts_what_its_template_makes_of_the_messages()
    {
        _answer = http => http.Response.WriteAsync(http.Request.Path == "/apply-template"
            ? """{"prompt":"<|user|>\nsee \"this\"<|assistant|>"}"""
            : """{"tokens":[1,2,3,4,5,6,7]}""");

        var count = await CountAsync(Request(CountTokens.LlamaCpp));

        Assert.Equal(new TokenCount(7, Estimated: false), count);
        Assert.Equal(["/apply-template", "/tokenize"], _asked.Select(a => a.Path));
        Assert.Equal("<|user|>\nsee \"this\"<|assistant|>", _asked.Last().Body.GetProperty("content").GetString());
    }

    // failures.md E9
    [Fact]
    public async Task Images_are_added_to_a_backends_count_and_make_it_an_estimate()
    {
        _answer = http => http.Response.WriteAsync("""{"count":20}""");

        var count = await CountAsync(Request(CountTokens.VllmTokenize, size: Size with { ImageTokens = 1600 }));

        Assert.Equal(new TokenCount(1620, Estimated: true), count);
    }

    // failures.md F4: Claude Code's /context asks 24 times at once, and again at the next look.
    [Fact]
    public async Task The_same_prompt_is_not_sent_twice()
    {
        _answer = http => http.Response.WriteAsync("""{"count":20}""");

        await CountAsync(Request(CountTokens.VllmTokenize));
        var again = await CountAsync(Request(CountTokens.VllmTokenize));

        Assert.Equal(20, again.InputTokens);
        Assert.Single(_asked);
    }

    [Fact]
    public async Task A_backend_without_a_tokenizer_is_estimated_and_left_alone()
    {
        _answer = http =>
        {
            http.Response.StatusCode = 404;
            return http.Response.WriteAsync("<html>not here</html>");
        };

        var first = await CountAsync(Request(CountTokens.VllmTokenize));
        var second = await CountAsync(Request(CountTokens.VllmTokenize));

        Assert.True(first.Estimated);
        Assert.True(second.Estimated);
        Assert.Single(_asked);
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"template failed"}}""")]
    [InlineData(500, "oops")]
    [InlineData(200, "not json")]
    [InlineData(200, "[]")]
    [InlineData(200, """{"count":"many"}""")]
    public async Task A_count_the_backend_could_not_make_is_estimated(int status, string body)
    {
        _answer = http =>
        {
            http.Response.StatusCode = status;
            return http.Response.WriteAsync(body);
        };

        var count = await CountAsync(Request(CountTokens.VllmTokenize));

        Assert.True(count.Estimated);
        Assert.InRange(count.InputTokens, 1, 1000);
    }

    [Fact]
    public async Task A_backend_that_is_gone_is_estimated()
    {
        var request = Request(CountTokens.LlamaCpp);
        await _backend.StopAsync(TestContext.Current.CancellationToken);

        Assert.True((await CountAsync(request)).Estimated);
    }

    // failures.md F5
    [Theory]
    [InlineData(401)]
    [InlineData(402)]
    [InlineData(403)]
    [InlineData(429)]
    public async Task A_refused_key_is_told_and_not_guessed_over(int status)
    {
        _answer = http =>
        {
            http.Response.StatusCode = status;
            return http.Response.WriteAsync("""{"error":{"message":"Incorrect API key provided: sk-proj-abcdefgh1234","code":"invalid_api_key"}}""");
        };

        var refusal = await Assert.ThrowsAsync<CountRefusedException>(() => CountAsync(Request(CountTokens.VllmTokenize)));

        Assert.True(refusal.Error.Status >= 400);
        Assert.DoesNotContain("sk-proj", refusal.Error.Error.Message, StringComparison.Ordinal);
    }

    // failures.md F4
    [Fact]
    public async Task Too_many_counts_are_answered_by_size_and_not_queued()
    {
        using var counter = new TokenCounter(new() { MaxConcurrent = 1, MaxWaiting = 0 });
        var text = new StringBuilder("""{"messages":[{"role":"user","content":" """);
        text.Insert(text.Length, "some words of text ", 10_000).Append("\"}]}");
        var chat = text.ToString();
        var size = new PromptSize(chat.Length, 0, 1, 0);
        var bySize = counter.Estimator("gpu", "m").Estimate(size);
        var request = Request(CountTokens.Estimate, chat, size) with { Estimator = counter.Estimator("gpu", "m") };

        var counts = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => counter.CountAsync(request, TestContext.Current.CancellationToken)));

        Assert.Contains(counts, c => c.InputTokens == bySize);
        Assert.Contains(counts, c => c.InputTokens != bySize);
        Assert.All(counts, c => Assert.InRange(c.InputTokens, bySize * 0.5, bySize * 2.0));
    }

    [Fact]
    public async Task A_count_the_caller_gave_up_stops()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _counter.CountAsync(Request(CountTokens.Estimate), gone.Token));
    }

    [Fact]
    public async Task Sampled_requests_teach_the_tokenizers_estimate()
    {
        var chat = $$"""{"messages":[{"role":"user","content":"{{string.Concat(Enumerable.Repeat("some words of text ", 2000))}}"}]}""";
        var size = new PromptSize(chat.Length, 0, 1, 0);
        var request = Request(CountTokens.Estimate, chat, size);
        var before = await CountAsync(request);

        // There is one slot here, so the next count comes after the learning.
        var sample = _counter.TrySample(request.Estimator, request.Chat.Span, size);
        _counter.Observe(request.Estimator, size, before.InputTokens * 3 / 2, sample);
        var after = await CountAsync(request);

        Assert.NotNull(sample);
        Assert.InRange(after.InputTokens, before.InputTokens * 1.4, before.InputTokens * 1.6);
    }

    [Fact]
    public void Nothing_is_sampled_before_somebody_counts() =>
        Assert.Null(_counter.TrySample(_counter.Estimator("gpu", "m"), "{}"u8, Size));

    [Fact]
    public void Each_backend_and_model_is_learnt_for_itself()
    {
        Assert.Same(_counter.Estimator("a", "m"), _counter.Estimator("a", "m"));
        Assert.NotSame(_counter.Estimator("a", "m"), _counter.Estimator("b", "m"));
        Assert.NotSame(_counter.Estimator("a", "m"), _counter.Estimator("a", "n"));
    }
}
