namespace Dragoman.Simulator.Requests;

/// <summary>Why a request is refused, in OpenAI's words.</summary>
internal sealed record RequestFault(string Message, string? Param = null, string? Code = null, int Status = 400,
    string Type = "invalid_request_error")
{
    /// <summary>The body, where it is not in OpenAI's shape.</summary>
    public string? Body { get; init; }
}
