using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Testing;
using Dragoman.Translation.Messages;

namespace Dragoman.Translation.Tests.Messages;

/// <summary>What a service that speaks the Messages API is sent.</summary>
public sealed class MessagesForwardingTests
{
    private const string Ours = """{"type":"thinking","thinking":"hm","signature":"gw1.AAAA"}""";
    private const string Theirs = """{"type":"thinking","thinking":"hm","signature":"EqQBCgIYAhIM"}""";

    [Fact]
    public void Only_the_models_name_differs()
    {
        const string request = """{ "max_tokens" : 1e3, "model":"claude-x" ,"unknown":[1.0,"\u00e9"],"stream":true, "messages":[ {"role":"user","content":"Hi"} ] }""";

        Assert.Equal(request.Replace("claude-x", "up\\\"stream", StringComparison.Ordinal), Forward(request, new(MessagesService.Anthropic, "up\"stream")));
    }

    [Fact]
    public void Bedrock_has_model_and_stream_in_its_path_and_version_and_betas_in_the_body()
    {
        var target = new ForwardingTarget(MessagesService.Bedrock, "m") { Betas = ["a-2025", "b-2025"] };

        Assert.Equal(
            """{"max_tokens":5,"messages":[],"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["a-2025","b-2025"]}""",
            Forward("""{"model":"x","max_tokens":5,"stream":true,"messages":[]}""", target));
    }

    [Fact]
    public void Vertex_has_the_model_in_its_path_and_the_version_in_the_body()
    {
        Assert.Equal(
            """{"stream":true,"messages":[],"anthropic_version":"vertex-2023-10-16"}""",
            Forward("""{"model":"x","stream":true,"messages":[]}""", new(MessagesService.Vertex, "m")));
        Assert.Equal(
            """{"model":"m","messages":[],"anthropic_version":"vertex-2023-10-16"}""",
            Forward("""{"model":"x","messages":[]}""", new(MessagesService.Vertex, "m") { NamesModel = true }));
    }

    [Theory]
    [InlineData("""{"model":"x"}""")]
    [InlineData("""{"stream":false,"model":"x"}""")]
    [InlineData("""{"messages":[],"stream":false,"model":"x"}""")]
    [InlineData("""{"model":"x","messages":[],"stream":false}""")]
    [InlineData("""{"stream":false,"messages":[],"model":"x","metadata":{}}""")]
    [InlineData("""{ "model" : "x" , "stream" : true , "messages" : [ ] , "model" : "y" }""")]
    public void Wherever_the_members_stand_that_go_the_rest_is_whole(string request)
    {
        var sent = JsonNode.Parse(Forward(request, new(MessagesService.Bedrock, "m") { RefusedMembers = ["metadata"] }))!.AsObject();

        var expected = request.Contains("messages", StringComparison.Ordinal) ? new[] { "messages", "anthropic_version" } : ["anthropic_version"];
        Assert.Equal(expected, sent.Select(member => member.Key));
    }

    [Fact]
    public void What_the_service_has_refused_is_left_out_and_named()
    {
        var dropped = Run("""{"model":"x","metadata":{"user_id":"u"},"messages":[]}""", new(MessagesService.Anthropic, "m") { RefusedMembers = ["metadata"] }, out var sent);

        Assert.Equal("""{"model":"m","messages":[]}""", sent);
        Assert.Equal(["metadata"], dropped);
    }

    // failures.md C8
    [Fact]
    public void Thinking_that_another_backend_did_goes_and_Anthropics_own_stays_untouched()
    {
        var dropped = Run(Conversation($$"""[{{Ours}}, {{Theirs}},{"type":"text","text":"a"},{{Ours}}]"""), new(MessagesService.Anthropic, "x"), out var sent);

        Assert.Equal(Conversation($$"""[{{Theirs}},{"type":"text","text":"a"}]"""), sent);
        Assert.Equal(["thinking"], dropped);
    }

    [Fact]
    public void A_turn_of_nothing_but_our_thinking_goes_whole()
    {
        Run(Conversation($"[{Ours},{Ours}]"), new(MessagesService.Anthropic, "x"), out var sent);

        Assert.Equal("""{"model":"x","messages":[{"role":"user","content":"q"},{"role":"user","content":"r"}]}""", sent);
    }

    [Fact]
    public void Searches_of_this_gateway_go_with_their_calls_and_citations_and_Anthropics_own_stay()
    {
        static string Search(string id, string seal) =>
            $$$"""{"type":"server_tool_use","id":"{{{id}}}","name":"web_search","input":{"query":"q"}},{"type":"web_search_tool_result","tool_use_id":"{{{id}}}","content":[{"type":"web_search_result","url":"u","title":"t","encrypted_content":"{{{seal}}}","page_age":null}]}""";
        const string cited = """{"type":"web_search_result_location","url":"u","title":"t","cited_text":"c","encrypted_index":"SEAL"}""";
        var theirs = $$"""{"type":"text","citations":[{{cited.Replace("SEAL", "Eo8B", StringComparison.Ordinal)}}],"text":"b"}""";
        var ours = $$"""{"type":"text","text":"a","citations":[{{cited.Replace("SEAL", "gw1.x", StringComparison.Ordinal)}}]}""";

        var dropped = Run(Conversation($"[{Search("srvtoolu_1", "gw1.y")},{ours},{Search("srvtoolu_2", "EpYB")},{theirs}]"), new(MessagesService.Anthropic, "x"), out var sent);

        Assert.Equal(Conversation($$"""[{"type":"text","text":"a"},{{Search("srvtoolu_2", "EpYB")}},{{theirs}}]"""), sent);
        Assert.Equal(["web_search_tool_result", "citations"], dropped);
    }

    [Fact]
    public void A_text_that_looks_like_our_signature_is_no_thinking()
    {
        var request = Conversation("""[{"type":"text","text":"gw1.","signature":"gw1.AAAA"}]""");

        Assert.Equal(request, Forward(request, new(MessagesService.Anthropic, "x")));
    }

    [Fact]
    public void Whatever_mixture_of_turns_and_blocks_there_is_what_stays_is_the_same_JSON() =>
        Gen.Select(Gen.Int[0, 3].Array[0, 5].Array[0, 5], Gen.Bool).Sample((turns, spaced) =>
        {
            string[] kinds = [Ours, Theirs, """{"type":"text","text":"a"}""", """{"type":"tool_use","id":"t","name":"n","input":{"a":[1,2]}}"""];
            var comma = spaced ? " , " : ",";
            string Turn(IEnumerable<int> blocks) => $$"""{"role":"assistant","content":[{{string.Join(comma, blocks.Select(block => kinds[block]))}}]}""";
            string Body(IEnumerable<string> messages) => $$"""{"messages":[{{string.Join(comma, messages)}}],"model":"x"}""";

            var sent = Forward(Body(turns.Select(blocks => Turn(blocks))), new(MessagesService.Anthropic, "x"));

            // A turn that was empty already is the caller's own affair.
            var expected = Body(turns.Where(blocks => blocks.Length == 0 || blocks.Any(block => block != 0)).Select(blocks => Turn(blocks.Where(block => block != 0))));
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(sent)), sent);
        });

    private static string Conversation(string content) =>
        $$"""{"model":"x","messages":[{"role":"user","content":"q"},{"role":"assistant","content":{{content}}},{"role":"user","content":"r"}]}""";

    private static string Forward(string request, ForwardingTarget target)
    {
        Run(request, target, out var sent);
        return sent;
    }

    private static IReadOnlyList<string> Run(string request, ForwardingTarget target, out string sent)
    {
        using var json = JsonText.Parse(Encoding.UTF8.GetBytes(request));
        var output = new ArrayBufferWriter<byte>();
        var forwarded = MessagesForwarding.Write(new MessagesRequest(json.Root), target, output);
        sent = Encoding.UTF8.GetString(output.WrittenSpan);
        return forwarded.Dropped;
    }
}
