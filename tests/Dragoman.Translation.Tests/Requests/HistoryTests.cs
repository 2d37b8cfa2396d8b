using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Requests;

/// <summary>An old turn must not make a session unusable: clients send everything again with each request (mapping.md section 0, principle 3).</summary>
public sealed class HistoryTests
{
    public static TheoryData<string> DialectNames() => [.. Dialects.Names];

    // failures.md C9, D7, D8; mapping.md section 12.8
    [Theory]
    [MemberData(nameof(DialectNames))]
    public void No_block_of_an_earlier_turn_is_an_error(string dialect) => Translating.Request(
        """
        {"model":"m","max_tokens":10,"messages":[
         {"role":"user","content":[
           {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},
           {"type":"image","source":{"type":"url","url":"https://example.com/a.png"}},
           {"type":"image","source":{"type":"file","file_id":"file_1"}},
           {"type":"image","source":{"type":"from_the_future"}},
           {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}},
           {"type":"document","source":{"type":"url","url":"https://example.com/a.pdf"}},
           {"type":"document","source":{"type":"file","file_id":"file_2"}},
           {"type":"document","source":{"type":"from_the_future"}},
           {"type":"container_upload","file_id":"file_3"},
           {"type":"from_the_future","x":[1]}]},
         {"role":"assistant","content":[
           {"type":"thinking","thinking":"Hm.","signature":"EuYBCkQYAiJAw"},
           {"type":"thinking","thinking":"","signature":"gw1.forged"},
           {"type":"redacted_thinking","data":"x"},
           {"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}},
           {"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":{"type":"web_search_tool_result_error","error_code":"unavailable"}},
           {"type":"encrypted_code_execution_tool_result","tool_use_id":"s2","content":{"type":"encrypted_code_execution_result","encrypted_stdout":"x"}},
           {"type":"tool_use","id":"call.with:odd/characters","name":"a tool with spaces","input":[1,2]},
           {"type":"tool_use","id":"call.with:odd/characters","name":"a tool with spaces","input":"text"},
           {"type":"document","source":{"type":"text","media_type":"text/plain","data":"x"}},
           {"type":"from_the_future"}]},
         {"role":"user","content":[{"type":"tool_result","tool_use_id":"nobody's","content":[{"type":"from_the_future"}]},{"type":"text","text":"go on"}]}]}
        """,
        Dialects.Find(dialect)!);

    // failures.md B19
    [Fact]
    public void The_input_of_a_call_keeps_its_key_order_and_the_spelling_of_its_numbers()
    {
        var (body, _) = Translating.Request(
            """
            {"model":"m","max_tokens":10,"messages":[{"role":"user","content":"a"},
             {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"A","input":{ "z" : 1.50, "a" : [ 1e3, "\u00e9 \"q\" \\ \n / \t" ] }}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"ok"}]}]}
            """);
        Assert.Contains("""
            "arguments":"{\"z\":1.50,\"a\":[1e3,\"\\u00e9 \\\"q\\\" \\\\ \\n / \\t\"]}"
            """.Trim(), body);
    }

    [Fact]
    public void Text_is_copied_as_it_was_escaped()
    {
        var (body, _) = Translating.Request("""{"model":"m","max_tokens":10,"messages":[{"role":"user","content":"\u00e9\/\ud83d\ude00é\n"}]}""");
        Assert.Contains("""{"role":"user","content":"\u00e9\/\ud83d\ude00é\n"}""", body);
    }

    [Fact]
    public void A_conversation_of_many_calls_with_one_id_is_translated_in_a_moment()
    {
        var calls = string.Join(",", Enumerable.Repeat("""{"type":"tool_use","id":"x","name":"A","input":{}}""", 20_000));
        var results = string.Join(",", Enumerable.Repeat("""{"type":"tool_result","tool_use_id":"x"}""", 20_000));
        Translating.Request(
            $$"""{"model":"m","max_tokens":10,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{{calls}}]},{"role":"user","content":[{{results}}]}]}""");
    }

    [Theory]
    [InlineData("\"exclusiveMinimum\":1")]
    [InlineData("\"type\":[\"string\",\"null\"]")]
    [InlineData("\"$ref\":\"#/$defs/A\"")]
    [InlineData("\"properties\":{}")]
    public void A_schema_that_says_one_thing_endlessly_is_translated_in_a_moment(string member)
    {
        var schema = "{\"$defs\":{\"A\":{" + string.Join(",", Enumerable.Repeat("\"format\":\"x\"", 20_000)) + "}},"
            + string.Join(",", Enumerable.Repeat(member, 20_000)) + "}";
        Translating.Request(
            "{\"model\":\"m\",\"max_tokens\":10,\"tools\":[{\"name\":\"A\",\"strict\":true,\"input_schema\":" + schema
                + "}],\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}",
            Dialects.Find("gemini")! with { StrictTools = true });
    }
}
