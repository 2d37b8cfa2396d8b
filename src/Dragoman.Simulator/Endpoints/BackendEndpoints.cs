using Dragoman.Simulator.Journal;
using Dragoman.Simulator.Replies;
using Microsoft.AspNetCore.Http;

namespace Dragoman.Simulator.Endpoints;

/// <summary>The backend's routes, door to door: read, record, answer, and notice how it ended.</summary>
internal sealed class BackendEndpoints(SimulatorOptions options, ServerPersona persona, RequestJournal journal)
{
    private const int ReadStep = 64 * 1024;
    private readonly ChatCompletionsEndpoint _chat = new(options.Server is { } played ? "sim/" + played : options.DefaultScenario);
    private readonly ModelsEndpoint _models = new(persona);

    public async Task HandleAsync(HttpContext http)
    {
        var gone = http.RequestAborted;
        var body = await ReadBodyAsync(http, gone);
        var record = Record(http, body);
        await using var watch = gone.UnsafeRegister(static r => ((RecordedRequest)r!).MarkAborted(), record);
        try
        {
            var reply = Route(http.Request, body);
            if (persona.Header is { } server) http.Response.Headers.Server = server;
            if (!options.Quiet) Console.Out.WriteLine($"{http.Request.Method} {http.Request.Path} {record.Model} -> {reply.Status}");
            await ReplyWriter.WriteAsync(http, reply, options.Pace, gone);
            record.MarkEnded();
        }
        catch (BreakConnectionException)
        {
            record.MarkEnded();
            http.Abort();
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            record.MarkAborted();
            record.MarkEnded();
        }
    }

    private Reply Route(HttpRequest request, byte[] body)
    {
        var path = request.Path.Value ?? "/";
        if (path is "/health" or "/") return Reply.Json("""{"status":"ok"}""");
        if (options.ApiKey is { } key && request.Headers.Authorization != $"Bearer {key}")
        {
            return ErrorReply.Of(401, "Incorrect API key provided.", param: null, code: "invalid_api_key");
        }

        if (path.StartsWith("/v1/", StringComparison.Ordinal)) path = path[3..];
        return (request.Method, path) switch
        {
            ("POST", "/chat/completions") => _chat.Answer(body),
            ("GET", "/models") => _models.All(),
            ("GET", _) when path.StartsWith("/models/", StringComparison.Ordinal) => _models.One(path["/models/".Length..]),
            ("GET", _) when persona.Pages.TryGetValue(path, out var page) => Reply.Json(page),
            ("POST", "/tokenize") => TokenizeEndpoint.Answer(body),
            _ => ErrorReply.Of(404, $"Unknown request URL: {request.Method} {request.Path}. Please check the URL for typos.",
                code: "unknown_url"),
        };
    }

    private RecordedRequest Record(HttpContext http, byte[] body)
    {
        var request = http.Request;
        var headers = journal.Keeps ? request.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value.ToArray()),
            StringComparer.OrdinalIgnoreCase) : [];
        var record = new RecordedRequest(request.Method, request.Path.Value ?? "/", request.QueryString.Value ?? "", headers, body);
        journal.Add(record);
        return record;
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContext http, CancellationToken gone)
    {
        if (http.Request.ContentLength is { } length)
        {
            var body = new byte[length];
            await http.Request.Body.ReadExactlyAsync(body, gone);
            return body;
        }

        using var collected = new MemoryStream();
        await http.Request.Body.CopyToAsync(collected, ReadStep, gone);
        return collected.ToArray();
    }
}
