using System.Text;

namespace Dragoman.Testing.Native;

/// <summary>An answer of Claude's, as all services that offer it send it: thinking of its own, text, a tool call.</summary>
public static class ClaudeAnswer
{
    /// <summary>What it says.</summary>
    public const string Text = "Grüße aus Paris 🗼";

    /// <summary>A signature that only the service could have given.</summary>
    public const string Signature = "EqQBCgIYAhIMservice";

    /// <summary>The whole answer.</summary>
    public static string Whole(string model) =>
        $$$"""{"id":"msg_01Double","type":"message","role":"assistant","model":"{{{model}}}","content":[{"type":"thinking","thinking":"Paris, then.","signature":"{{{Signature}}}"},{"type":"text","text":"{{{Text}}}"},{"type":"tool_use","id":"toolu_01Double","name":"get_weather","input":{"location":"Paris"}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":21,"cache_creation_input_tokens":5,"cache_read_input_tokens":7,"output_tokens":42}}""";

    /// <summary>The events before there is content.</summary>
    public static string[] Before(string model) =>
    [
        $$$"""{"type":"message_start","message":{"id":"msg_01Double","type":"message","role":"assistant","model":"{{{model}}}","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":21,"cache_creation_input_tokens":5,"cache_read_input_tokens":7,"output_tokens":1}}     }""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}   }""",
    ];

    /// <summary>The events of the first half of the content.</summary>
    public static string[] FirstHalf { get; } =
    [
        """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Paris, then."}             }""",
        $$$"""{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"{{{Signature}}}"}}""",
        """{"type":"content_block_stop","index":0}""",
        """{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}          }""",
        """{"type":"ping"}""",
        """{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Grüße aus "}       }""",
    ];

    /// <summary>The events of the second half.</summary>
    public static string[] SecondHalf { get; } =
    [
        """{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Paris 🗼"}}""",
        """{"type":"content_block_stop","index":1               }""",
        """{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_01Double","name":"get_weather","input":{}}}""",
        """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}""",
        """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"location\": \"Paris\"}"}       }""",
        """{"type":"content_block_stop","index":2}""",
        """{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":42}              }""",
    ];

    /// <summary>The last event.</summary>
    public const string Stop = """{"type":"message_stop"}""";

    /// <summary>As server-sent events.</summary>
    public static byte[] Sse(params string[] events) => Encoding.UTF8.GetBytes(string.Concat(events.Select(data => $"event: {data.Split('"')[3]}\ndata: {data}\n\n")));

    /// <summary>As messages of Bedrock's, each with padding of another length.</summary>
    public static byte[] Frames(params string[] events) => [.. events.SelectMany((data, i) => EventStreamFrames.Chunk(data, new string('a', i * 7 % 31)))];
}
