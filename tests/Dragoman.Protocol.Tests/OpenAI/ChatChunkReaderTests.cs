using System.Text;
using CsCheck;
using Dragoman.Protocol.OpenAI;
using Dragoman.Protocol.ServerSentEvents;
using Dragoman.Testing;

namespace Dragoman.Protocol.Tests.OpenAI;

/// <summary>The short way (chunks of a known shape) must say what the full parser says, of every chunk, in whatever order they come.</summary>
public sealed class ChatChunkReaderTests
{
    private static readonly string[] Chunks =
    [
        """{"id":"a","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"content":" \"you\" \\ \u00e9\n"},"finish_reason":null}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"content":""},"finish_reason":null}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"content":"bad \q escape"},"finish_reason":null}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}],"usage":{"prompt_tokens":1}}""",
        """{"id":"a","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}],"error":"y"}""",
        """{"id":"a","choices":[{"index":0,"delta":{"reasoning_content":"Hm"},"finish_reason":null}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"reasoning_content":"Hm","content":null},"finish_reason":null}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"reasoning":"m","reasoning_content":"x"},"finish_reason":null}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"reasoning":"m","reasoning_content":""},"finish_reason":null}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":""}}]}}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]}}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":":1}"}}]}}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"tool_calls":[{"index":5,"id":"","function":{"name":"","arguments":"5"}}]}}]}""",
        """{"id":"a","choices":[{"index":0,"delta":{"content":"x"}}],"obfuscation":"abc"}""",
        """{"id":"a","choices":[{"index":0,"delta":{"content":"yy"}}],"obfuscation":"defghi"}""",
        """{"id":"a","choices":[{"index":0,"delta":{"content":"yy"}}],"obfuscation":"a\"b"}""",
        """{"id":"a","choices":[{"index":1,"delta":{"content":"other"}}]}""",
        "[DONE]",
        """{"id":"a","choices":[{"index":0,"delta":{"content":"cut""",
    ];

    [Fact]
    public void A_chunk_of_a_known_shape_says_what_the_full_parser_says() =>
        OneOf(Chunks).Array[1, 30].Sample(chunks => Agree(chunks.Select(Encoding.UTF8.GetBytes)));

    [Fact]
    public void A_damaged_chunk_says_what_the_full_parser_says() =>
        Gen.Select(OneOf(Chunks), Gen.Double[0, 1], OneOf("", "\"", "\\", "}", "\n", "\0", "x", "é", ","), Gen.Bool).Array[1, 30].Sample(
            damaged => Agree(damaged.Select(static one =>
            {
                var bytes = Encoding.UTF8.GetBytes(one.Item1);
                var at = (int)(one.Item2 * bytes.Length);
                return (byte[])[.. bytes[..at], .. Encoding.UTF8.GetBytes(one.Item3), .. bytes[(one.Item4 ? Math.Min(at + 1, bytes.Length) : at)..]];
            })));

    [Fact]
    public void Recorded_chunks_say_what_the_full_parser_says()
    {
        var folder = SharedData.Require("corpus/openai");
        foreach (var file in Directory.EnumerateFiles(folder, "*.sse"))
        {
            using var events = new ServerSentEventReader();
            var chunks = new List<byte[]>();
            ReadOnlySpan<byte> bytes = File.ReadAllBytes(file);
            while (events.TryRead(ref bytes, out var next)) chunks.Add(next.Data.ToArray());
            Assert.True(Agree(chunks), Path.GetFileName(file));
        }
    }

    private static Gen<string> OneOf(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(which => choices[which]);

    private static bool Agree(IEnumerable<byte[]> chunks)
    {
        using var reader = new ChatChunkReader();
        foreach (var data in chunks)
        {
            var isFull = ChatChunk.TryParse(data, out var full);
            if (reader.TryReadPiece(data, out var piece))
            {
                if (!isFull || Show(piece) != Show(full)) return false;
                continue;
            }

            if (reader.TryRead(data, out var read) != isFull || Show(read) != Show(full)) return false;
        }

        return true;
    }

    private static string Show(ChatPiece piece)
    {
        // The chunk that the short way claims to have seen, said in full.
        var payload = Encoding.UTF8.GetString(piece.Payload);
        var delta = piece.ToolCall >= 0 ? $$"""{"tool_calls":[{"index":{{piece.ToolCall}},"function":{"arguments":"{{payload}}"} }]}"""
            : piece.ReasoningField == ReasoningField.ReasoningContent ? $$"""{"reasoning_content":"{{payload}}"}"""
            : piece.ReasoningField == ReasoningField.Reasoning ? $$"""{"reasoning":"{{payload}}"}"""
            : $$"""{"content":"{{payload}}"}""";
        Assert.True(ChatChunk.TryParse(Encoding.UTF8.GetBytes($$"""{"choices":[{"delta":{{delta}} }]}"""), out var chunk), payload);
        return Show(chunk);
    }

    private static string Show(ChatChunk chunk)
    {
        var shown = new StringBuilder();
        shown.Append(chunk.HasChoice).Append(chunk.HasEmptyChoices).Append(chunk.ReasoningField);
        Add(shown, chunk.Content);
        Add(shown, chunk.ContentParts);
        Add(shown, chunk.Reasoning);
        Add(shown, chunk.ReasoningDetails);
        Add(shown, chunk.ThinkingBlocks);
        Add(shown, chunk.Refusal);
        Add(shown, chunk.FinishReason);
        Add(shown, chunk.MatchedStop);
        Add(shown, chunk.Usage);
        Add(shown, chunk.Timings);
        Add(shown, chunk.Error);
        foreach (var call in chunk.ToolCalls)
        {
            shown.Append('[').Append(call.Index);
            Add(shown, call.Id);
            Add(shown, call.Name);
            Add(shown, call.Arguments);
            Add(shown, call.ArgumentsValue);
            Add(shown, call.ExtraContent);
        }

        return shown.ToString();
    }

    private static void Add(StringBuilder shown, ReadOnlySpan<byte> bytes) => shown.Append('|').Append(Convert.ToHexString(bytes));
}
