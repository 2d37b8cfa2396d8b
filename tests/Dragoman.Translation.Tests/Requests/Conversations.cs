using CsCheck;

namespace Dragoman.Translation.Tests.Requests;

/// <summary>Conversations as agents have them, and as they could be.</summary>
internal static class Conversations
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAUCAIAAAA=";

    private static readonly string[] UserBlocks =
    [
        """{"type":"text","text":"Do it.\n\"Now\""}""",
        """{"type":"text","text":" "}""",
        """{"type":"text","text":"<system-reminder>\nbe good\n</system-reminder>"}""",
        $$$"""{"type":"image","source":{"type":"base64","media_type":"image/png","data":"{{{Png}}}"}}""",
        """{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}""",
        """{"type":"image","source":{"type":"file","file_id":"file_1"}}""",
        """{"type":"document","title":"T","source":{"type":"text","media_type":"text/plain","data":"doc"}}""",
        """{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}}""",
        """{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"found"}]}""",
        """{"type":"container_upload","file_id":"f"}""",
    ];

    private static readonly string[] AssistantBlocks =
    [
        """{"type":"text","text":"Well."}""",
        """{"type":"text","text":""}""",
        """{"type":"thinking","thinking":"Hm.","signature":""}""",
        """{"type":"thinking","thinking":"Hm.","signature":"EuYBCkQYAi"}""",
        """{"type":"redacted_thinking","data":"xyz"}""",
        """{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}}""",
        """{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","url":"u","title":"t","encrypted_content":"e"}]}""",
        """{"type":"from_the_future","x":1}""",
    ];

    private static readonly string[] Results =
    [
        "\"done\"", "[]", "\"\"", """[{"type":"text","text":"a"},{"type":"text","text":"b"}]""",
        $$$"""[{"type":"text","text":"pic"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"{{{Png}}}"}}]""",
        """[{"type":"tool_reference","tool_name":"WebSearch"}]""",
        """[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}}]""",
    ];

    private static readonly Gen<string> System = CsCheck.Gen.Int[0, 3].Select(kind => kind switch
    {
        0 => """{"role":"system","content":"date: today"}""",
        1 => """{"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"output_config":{"effort":"low"}}""",
        _ => "",
    });

    // A turn: what the assistant says, and what comes back. Some results get lost, some ids repeat.
    private static readonly Gen<(int[] Assistant, int Calls, int[] User, int Faults, string System, int Result)> Turn = CsCheck.Gen.Select(
        CsCheck.Gen.Int[0, AssistantBlocks.Length - 1].Array[0, 3],
        CsCheck.Gen.Int[0, 3],
        CsCheck.Gen.Int[0, UserBlocks.Length - 1].Array[0, 3],
        CsCheck.Gen.Int[0, 9],
        System,
        CsCheck.Gen.Int[0, Results.Length - 1]);

    public static readonly Gen<string> Gen = CsCheck.Gen.Select(Turn.Array[1, 6], System).Select((turns, system) => Build(turns, system));

    private static string Build((int[] Assistant, int Calls, int[] User, int Faults, string System, int Result)[] turns, string system)
    {
        var messages = new List<string> { """{"role":"user","content":"Begin"}""" };
        Add(messages, system);
        for (var t = 0; t < turns.Length; t++)
        {
            var turn = turns[t];
            var said = turn.Assistant.Select(i => AssistantBlocks[i]).ToList();
            var heard = new List<string>();
            for (var call = 0; call < turn.Calls; call++)
            {
                var id = turn.Faults == 0 ? $"call_{call}" : $"toolu_{t}_{call}";
                said.Add($$$"""{"type":"tool_use","id":"{{{id}}}","name":"Read","input":{"b":1.0,"a":"x"}}""");
                if (turn.Faults != 1 || call > 0)
                    heard.Add($$$"""{"type":"tool_result","tool_use_id":"{{{id}}}","content":{{{Results[(turn.Result + call) % Results.Length]}}},"is_error":{{{(call == 1 ? "true" : "false")}}} }""");
            }

            heard.AddRange(turn.User.Select(i => UserBlocks[i]));
            messages.Add($$$"""{"role":"assistant","content":[{{{string.Join(",", said)}}}]}""");
            messages.Add($$$"""{"role":"user","content":[{{{string.Join(",", heard)}}}]}""");
            Add(messages, turn.System);
        }

        return $$$"""
            {"model":"m","max_tokens":100,"system":"S","tools":[{"name":"Read","input_schema":{"type":"object","properties":{} } }],"messages":[{{{string.Join(",", messages)}}}]}
            """;
    }

    private static void Add(List<string> messages, string message)
    {
        if (message.Length > 0)
            messages.Add(message);
    }
}
