using System.Buffers;

namespace Dragoman.Protocol.Anthropic;

/// <summary>Writes errors as the client API shapes them (anthropic-messages.md section 13.1, failures.md G3).</summary>
public static class ErrorWriter
{
    /// <summary>Writes <c>{"type":"error","error":{…},"request_id":…}</c>: the body of an error answer, or the data of an <c>error</c>
    /// event.</summary>
    /// <param name="error">What to say.</param>
    /// <param name="requestId">The request's id, or null to leave the member out.</param>
    /// <param name="output">Takes the JSON.</param>
    public static void Write(AnthropicError error, string? requestId, IBufferWriter<byte> output)
    {
        output.Write("{\"type\":\"error\",\"error\":{\"type\":"u8);
        MessageJson.WriteString(output, error.TypeName);
        output.Write(",\"message\":"u8);
        MessageJson.WriteString(output, error.Message);
        if (error.ErrorCode is not null) WriteDetails(error, output);
        output.Write("}"u8);
        if (requestId is not null)
        {
            output.Write(",\"request_id\":"u8);
            MessageJson.WriteString(output, requestId);
        }

        output.Write("}"u8);
    }

    private static void WriteDetails(AnthropicError error, IBufferWriter<byte> output)
    {
        output.Write(",\"details\":{\"error_code\":"u8);
        MessageJson.WriteString(output, error.ErrorCode);
        if (error.Unsupported is { } unsupported)
        {
            output.Write(",\"unsupported\":["u8);
            for (var i = 0; i < unsupported.Count; i++)
            {
                if (i > 0) output.Write(","u8);
                MessageJson.WriteString(output, unsupported[i]);
            }

            output.Write("]"u8);
        }

        output.Write("}"u8);
    }
}
