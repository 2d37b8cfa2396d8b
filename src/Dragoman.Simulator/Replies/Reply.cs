using System.Text;

namespace Dragoman.Simulator.Replies;

/// <summary>How the end of a body is told to the caller.</summary>
internal enum Delivery
{
    /// <summary><c>Transfer-Encoding: chunked</c>, a chunk per step.</summary>
    Chunked,

    /// <summary><c>Content-Length</c>, the sum of what the steps send.</summary>
    Sized,

    /// <summary>Chunked, and the steps' bytes already hold the chunk framing with its end.</summary>
    Framed,

    /// <summary>The end of the connection is the end of the body.</summary>
    UntilClose,
}

/// <summary>An HTTP answer: its head, and what happens on the connection afterwards.</summary>
internal sealed class Reply
{
    public int Status { get; init; } = 200;

    public string? ContentType { get; init; } = "application/json";

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public Delivery Delivery { get; init; } = Delivery.Sized;

    public required IReadOnlyList<Step> Steps { get; init; }

    public static Reply Json(string json, int status = 200, params IReadOnlyList<(string Name, string Value)> headers) =>
        Whole(json, "application/json", status, headers);

    public static Reply Whole(string body, string contentType, int status = 200,
        params IReadOnlyList<(string Name, string Value)> headers) => new()
    {
        Status = status,
        ContentType = contentType,
        Headers = headers,
        Steps = [new Step.Send(Encoding.UTF8.GetBytes(body))],
    };

    public static Reply Events(IReadOnlyList<Step> steps, string? contentType = "text/event-stream",
        Delivery delivery = Delivery.Chunked) => new()
    {
        ContentType = contentType,
        Delivery = delivery,
        Headers = [("Cache-Control", "no-cache")],
        Steps = steps,
    };

    /// <summary>The same head, and other things happening after it.</summary>
    public Reply With(IReadOnlyList<Step> steps) => new() { Status = Status, ContentType = ContentType, Headers = Headers,
        Delivery = Delivery, Steps = steps };

    /// <summary>The same answer with another header.</summary>
    public Reply With(string name, string value) =>
        new() { Status = Status, ContentType = ContentType, Headers = [.. Headers, (name, value)], Delivery = Delivery, Steps = Steps };

    /// <summary>No answer at all: not even a status line.</summary>
    public static Reply Nothing { get; } = new() { Steps = [new Step.Silence()] };
}
