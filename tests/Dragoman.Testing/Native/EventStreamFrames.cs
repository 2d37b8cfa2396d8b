using System.Buffers.Binary;
using System.Text;

namespace Dragoman.Testing.Native;

/// <summary>Writes messages of a <c>vnd.amazon.eventstream</c> as Bedrock does. Shares nothing with the gateway's reader.</summary>
public static class EventStreamFrames
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(static entry =>
    {
        var sum = (uint)entry;
        for (var bit = 0; bit < 8; bit++) sum = (sum & 1) == 1 ? 0xEDB88320 ^ (sum >> 1) : sum >> 1;
        return sum;
    })];

    /// <summary>An event of an answer: Anthropic's JSON in base64, and padding of any length as Bedrock adds.</summary>
    public static byte[] Chunk(string json, string padding = "abcdefgh") => Message(
        $$"""{"bytes":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(json))}}","p":"{{padding}}"}""",
        (":event-type", "chunk"), (":content-type", "application/json"), (":message-type", "event"));

    /// <summary>A failure inside an answer, such as <c>throttlingException</c>.</summary>
    public static byte[] Exception(string type, string message) => Message(
        $$"""{"message":"{{message}}"}""", (":exception-type", type), (":content-type", "application/json"), (":message-type", "exception"));

    /// <summary>A message with text headers.</summary>
    public static byte[] Message(string payload, params (string Name, string Value)[] headers)
    {
        var head = new List<byte>();
        foreach (var (name, value) in headers)
        {
            head.Add((byte)name.Length);
            head.AddRange(Encoding.UTF8.GetBytes(name));
            head.Add(7);
            head.Add((byte)(Encoding.UTF8.GetByteCount(value) >> 8));
            head.Add((byte)Encoding.UTF8.GetByteCount(value));
            head.AddRange(Encoding.UTF8.GetBytes(value));
        }

        return Message([.. head], Encoding.UTF8.GetBytes(payload));
    }

    /// <summary>A message with headers of any bytes.</summary>
    public static byte[] Message(byte[] headers, byte[] payload)
    {
        var message = new byte[12 + headers.Length + payload.Length + 4];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), headers.Length);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), Sum(message.AsSpan(0, 8)));
        headers.CopyTo(message, 12);
        payload.CopyTo(message, 12 + headers.Length);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(message.Length - 4), Sum(message.AsSpan(0, message.Length - 4)));
        return message;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes) sum = Table[(byte)(sum ^ value)] ^ (sum >> 8);
        return ~sum;
    }
}
