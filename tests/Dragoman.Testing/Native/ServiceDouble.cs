using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dragoman.Testing.Native;

/// <summary>What a double was sent.</summary>
/// <param name="Target">Path and query, untouched.</param>
/// <param name="Headers">By lower-case name.</param>
public sealed record ReceivedCall(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The body as JSON.</summary>
    public JsonObject Json => JsonNode.Parse(Body)!.AsObject();
}

/// <summary>How a double behaves to a call that it has found no fault with.</summary>
public enum Manner
{
    /// <summary>As it should.</summary>
    Answers,

    /// <summary>Is overloaded.</summary>
    Refuses,

    /// <summary>Begins to stream, and fails before there is content.</summary>
    FailsEarly,

    /// <summary>Fails in the middle of a stream.</summary>
    FailsLate,

    /// <summary>Resets the connection in the middle of a stream, when it is told to.</summary>
    BreaksOff,

    /// <summary>Falls silent in the middle of a stream, until its caller goes.</summary>
    Hangs,
}

/// <summary>A service on a real socket that checks what it is sent as the real one does, and answers in its shapes.</summary>
public abstract class ServiceDouble : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedCall> _calls = new();
    private readonly TaskCompletionSource _callerIsGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _breakOff = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _app = null!;

    /// <summary>How it behaves.</summary>
    public Manner Manner { get; set; }

    /// <summary>Where it is.</summary>
    public Uri Address => new(_app.Urls.Single() + "/");

    /// <summary>What it was sent so far, with and without fault.</summary>
    public IReadOnlyList<ReceivedCall> Calls => [.. _calls];

    /// <summary>Completes when a caller goes away in the middle.</summary>
    public Task CallerIsGone => _callerIsGone.Task;

    /// <summary>Completes when it has fallen silent in the middle of a stream.</summary>
    public Task IsHanging => _hangs.Task;

    /// <summary>Resets the connection of a stream that <see cref="Manner.BreaksOff"/>.</summary>
    public void BreakOff() => _breakOff.TrySetResult();

    /// <summary>Begins to listen.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.Run(ServeAsync);
        await _app.StartAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Checks and answers.</summary>
    protected abstract Task HandleAsync(HttpContext http, ReceivedCall call);

    /// <summary>Answers whole.</summary>
    protected static async Task AnswerAsync(HttpContext http, string json, int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(json, http.RequestAborted);
    }

    /// <summary>Streams what it is given, as <see cref="Manner"/> has it.</summary>
    /// <param name="http">The call.</param>
    /// <param name="contentType">Of the stream.</param>
    /// <param name="before">What comes before content.</param>
    /// <param name="content">The content's first half, second half, and the end.</param>
    /// <param name="failure">How it fails.</param>
    protected async Task StreamAsync(HttpContext http, string contentType, byte[] before, byte[][] content, byte[] failure)
    {
        http.Response.ContentType = contentType;
        await SendAsync(http, before);
        if (Manner == Manner.FailsEarly)
        {
            await SendAsync(http, failure);
            return;
        }

        await SendAsync(http, content[0]);
        switch (Manner)
        {
            case Manner.FailsLate:
                await SendAsync(http, failure);
                return;
            case Manner.BreaksOff:
                // Not before its caller has what was sent: a reset overtakes it.
                await _breakOff.Task.WaitAsync(http.RequestAborted);
                http.Abort();
                return;
            case Manner.Hangs:
                _hangs.TrySetResult();
                await Task.Delay(Timeout.Infinite, http.RequestAborted);
                return;
        }

        foreach (var piece in content[1..]) await SendAsync(http, piece);
    }

    private static async Task SendAsync(HttpContext http, byte[] bytes)
    {
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private async Task ServeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var headers = http.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
        var call = new ReceivedCall(http.Request.Method, http.Features.Get<IHttpRequestFeature>()!.RawTarget, headers, body.ToArray());
        _calls.Enqueue(call);
        try
        {
            await HandleAsync(http, call);
        }
        catch (OperationCanceledException)
        {
            _callerIsGone.TrySetResult();
        }
    }
}
