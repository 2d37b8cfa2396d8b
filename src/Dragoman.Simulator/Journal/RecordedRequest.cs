using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator;

/// <summary>A request as it reached the simulated backend, and how its caller left it.</summary>
public sealed class RecordedRequest
{
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal RecordedRequest(string method, string path, string query, IReadOnlyDictionary<string, string> headers,
        ReadOnlyMemory<byte> body)
    {
        Method = method;
        Path = path;
        Query = query;
        Headers = headers;
        Body = body;
        ReceivedAt = DateTimeOffset.UtcNow;
    }

    /// <summary>The HTTP method, in capitals.</summary>
    public string Method { get; }

    /// <summary>The path without query, such as <c>/v1/chat/completions</c>.</summary>
    public string Path { get; }

    /// <summary>The query string with its question mark, or empty.</summary>
    public string Query { get; }

    /// <summary>Header names (any case) and values; several values of one name are joined by <c>, </c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The body's bytes as they came.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The body's <c>model</c>, where it has one. Parsed on each call.</summary>
    public string? Model => RequestJson.Parse(Body)?.StringAt("model");

    /// <summary>When the whole request was there, in UTC.</summary>
    public DateTimeOffset ReceivedAt { get; }

    /// <summary>True once the caller has closed the connection before the answer was complete.</summary>
    public bool WasAborted => _aborted.Task.IsCompleted;

    /// <summary>Completes when the caller closes the connection before the answer is complete; never otherwise.</summary>
    public Task Aborted => _aborted.Task;

    /// <summary>Completes when the backend is done with the request: answered, broken off, or left by its caller.</summary>
    public Task Ended => _ended.Task;

    internal void MarkAborted()
    {
        // A connection that we broke ourselves looks the same from below.
        if (!_ended.Task.IsCompleted) _aborted.TrySetResult();
    }

    internal void MarkEnded() => _ended.TrySetResult();
}
