using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Dragoman.Tests.Corpus;

/// <summary>A backend that answers with recorded bodies, in pieces as a network may cut them, and keeps what it was sent.</summary>
internal sealed class ReplayBackend : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Func<string, RecordedAnswer> _answers;

    private ReplayBackend(WebApplication app, Func<string, RecordedAnswer> answers)
    {
        _app = app;
        _answers = answers;
    }

    /// <summary>The address that <c>chat/completions</c> is appended to.</summary>
    public string Url => $"{_app.Urls.First()}/v1";

    /// <summary>Bodies of the requests, newest last, under the model that they asked for.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<JsonElement>> Requests { get; } = new();

    /// <param name="answers">The answer to a model's requests.</param>
    public static async Task<ReplayBackend> StartAsync(Func<string, RecordedAnswer> answers, CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var backend = new ReplayBackend(app, answers);
        app.Run(backend.AnswerAsync);
        await app.StartAsync(ct);
        return backend;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        if (!http.Request.Path.Value!.EndsWith("/chat/completions", StringComparison.Ordinal))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var document = await JsonDocument.ParseAsync(http.Request.Body, new JsonDocumentOptions { MaxDepth = 512 }, http.RequestAborted);
        var model = document.RootElement.GetProperty("model").GetString()!;
        Requests.GetOrAdd(model, _ => new()).Enqueue(document.RootElement.Clone());

        var answer = _answers(model);
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = answer.ContentType;
        // The same cuts in every run: a failure can be repeated.
        var random = new Random(answer.Name.Length * 7919 + answer.Body.Length);
        for (var at = 0; at < answer.Body.Length;)
        {
            // Few enough for long bodies, and now and then within an event or a character.
            var length = Math.Min(answer.Body.Length - at, random.Next(1, Math.Max(40, answer.Body.Length / 20)));
            await http.Response.Body.WriteAsync(answer.Body.AsMemory(at, length), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            at += length;
        }
    }
}
