using System.Collections.Concurrent;
using System.Net;
using Dragoman.Configuration;
using Dragoman.WebSearch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dragoman.Tests.WebSearch;

/// <summary>What a search server was sent.</summary>
internal sealed record SearchRequest(string Method, string Path, IReadOnlyDictionary<string, string> Query, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A search service on a real socket that answers as a test tells it.</summary>
internal sealed class ScriptedSearchServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<SearchRequest> _requests = new();

    private ScriptedSearchServer(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var body = await reader.ReadToEndAsync();
            _requests.Enqueue(new(
                http.Request.Method,
                http.Request.Path,
                http.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString()),
                http.Request.Headers.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                body));
            await answer(http);
        });
    }

    /// <summary>Its root.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>What was asked so far.</summary>
    public IReadOnlyList<SearchRequest> Requests => [.. _requests];

    public static async Task<ScriptedSearchServer> StartAsync(Func<HttpContext, Task> answer)
    {
        var server = new ScriptedSearchServer(answer);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Answers every request alike.</summary>
    public static Task<ScriptedSearchServer> AnsweringAsync(string body, int status = 200, string contentType = "application/json", params (string Name, string Value)[] headers) => StartAsync(http =>
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        foreach (var (name, value) in headers) http.Response.Headers[name] = value;
        return http.Response.WriteAsync(body);
    });

    /// <summary>A searcher with these providers.</summary>
    public static WebSearcher Searcher(WebSearchOptions options) => new(options with { CacheTime = TimeSpan.Zero }, TimeProvider.System, NullLoggerFactory.Instance);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
