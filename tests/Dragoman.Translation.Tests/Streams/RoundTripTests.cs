using System.Text;
using System.Text.Json.Nodes;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Translation.Tests.Requests;

namespace Dragoman.Translation.Tests.Streams;

/// <summary>What a backend must get back of its own answer goes through the client and comes back, with no memory in the gateway
/// (mapping.md sections 0.5 and 12.3).</summary>
public sealed class RoundTripTests
{
    private const string LongName = "mcp__a_server_with_quite_a_long_name__and_a_tool_with_a_name_that_is_longer_still_than_that";

    [Fact] // failures.md C1
    public void DeepSeek_gets_its_reasoning_back_over_three_turns()
    {
        var conversation = new Conversation("deepseek");
        for (var turn = 0; turn < 3; turn++)
        {
            conversation.Answer(
                $$"""{"reasoning_content":"Thought {{turn}}."}""",
                $$$"""{"tool_calls":[{"index":0,"id":"call_0","type":"function","function":{"name":"Read","arguments":"{\"turn\":{{{turn}}}}"}}]}""");
        }

        var assistants = conversation.Assistants();
        Assert.Equal(["Thought 0.", "Thought 1.", "Thought 2."], assistants.Select(static message => message["reasoning_content"]!.GetValue<string>()));

        // The backend numbers its calls anew in every turn; the client must be able to tell them apart.
        var ids = assistants.Select(static message => message["tool_calls"]![0]!["id"]!.GetValue<string>()).ToArray();
        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal(ids, conversation.ToolResultIds());
    }

    [Fact]
    public void OpenRouter_gets_its_reasoning_details_back_in_order()
    {
        var conversation = new Conversation("openrouter");
        conversation.Answer(
            """{"reasoning":"Let","reasoning_details":[{"type":"reasoning.text","text":"Let","format":"anthropic-claude-v1","index":0}]}""",
            """{"reasoning":" me","reasoning_details":[{"type":"reasoning.text","text":" me","format":"anthropic-claude-v1","index":0}]}""",
            """{"reasoning_details":[{"type":"reasoning.text","signature":"sig==","format":"anthropic-claude-v1","index":0}]}""",
            """{"reasoning_details":[{"type":"reasoning.encrypted","data":"xyz","index":1}]}""",
            """{"tool_calls":[{"index":0,"id":"toolu_abc","type":"function","function":{"name":"Read","arguments":"{}"}}]}""");
        Assert.Equal(
            """[{"type":"reasoning.text","text":"Let me","format":"anthropic-claude-v1","index":0,"signature":"sig=="},{"type":"reasoning.encrypted","data":"xyz","index":1}]""",
            conversation.Assistants()[0]["reasoning_details"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Fact]
    public void Gemini_gets_the_signature_of_each_call_back_with_that_call()
    {
        var conversation = new Conversation("gemini");
        conversation.Answer(
            """{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"Read","arguments":"{\"p\":1}"},"extra_content":{"google":{"thought_signature":"S1"}}},{"index":1,"id":"b","type":"function","function":{"name":"Read","arguments":"{\"p\":2}"}}]}""");
        var calls = conversation.Assistants()[0]["tool_calls"]!.AsArray();
        Assert.Equal("""{"google":{"thought_signature":"S1"}}""", calls[0]!["extra_content"]!.ToJsonString());
        Assert.Null(calls[1]!["extra_content"]);
    }

    [Fact]
    public void Mistral_gets_its_thinking_back_as_a_part_and_ids_of_nine_characters()
    {
        var conversation = new Conversation("mistral");
        conversation.Answer(
            """{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]}]}""",
            """{"tool_calls":[{"id":"abcDEF123","function":{"name":"Read","arguments":"{}"}}]}""");
        var assistant = conversation.Assistants()[0];
        Assert.Contains("\"Hm.\"", assistant["content"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("abcDEF123", assistant["tool_calls"]![0]!["id"]!.GetValue<string>());
        Assert.Equal(["abcDEF123"], conversation.ToolResultIds());
    }

    [Theory]
    [InlineData("moonshot", "functions.Read:0")]
    [InlineData("vllm", "chatcmpl-tool-0123456789abcdef0123456789abcdef")]
    public void An_id_that_the_client_could_not_carry_comes_back_as_one_id_for_call_and_result(string dialect, string id)
    {
        var conversation = new Conversation(dialect);
        conversation.Answer($$$"""{"tool_calls":[{"index":0,"id":"{{{id}}}","type":"function","function":{"name":"Read","arguments":"{}"}}]}""");
        var sent = conversation.Assistants()[0]["tool_calls"]![0]!["id"]!.GetValue<string>();
        Assert.Equal([sent], conversation.ToolResultIds());
    }

    [Fact] // failures.md B10
    public void A_long_tool_name_is_the_clients_on_its_side_and_one_alias_on_the_backends()
    {
        var conversation = new Conversation("openai");
        var alias = conversation.UpstreamToolName(1);
        Assert.True(alias.Length <= 64);
        conversation.Answer($$$"""{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"{{{alias}}}","arguments":"{\"q\":1.50,\"a\":2}"}}]}""");
        Assert.Equal(LongName, conversation.LastMessage["content"]!.AsArray()[^1]!["name"]!.GetValue<string>());
        var call = conversation.Assistants()[0]["tool_calls"]![0]!["function"]!;
        Assert.Equal(alias, call["name"]!.GetValue<string>());

        // failures.md B19: spelling and order of the arguments stay as the model wrote them, for the backend's prefix cache.
        Assert.Equal("""{"q":1.50,"a":2}""", call["arguments"]!.GetValue<string>());
    }

    /// <summary>A client that sends back all it got, and answers every call.</summary>
    private sealed class Conversation(string dialect)
    {
        private readonly JsonArray _messages = [new JsonObject { ["role"] = "user", ["content"] = "Go on." }];
        private int _turns;

        internal JsonObject LastMessage { get; private set; } = [];

        internal void Answer(params string[] deltas)
        {
            var (_, context) = Request();
            var upstream = new StringBuilder();
            foreach (var delta in deltas) upstream.Append($$$"""data: {"choices":[{"index":0,"delta":{{{delta}}}}]}""").Append("\n\n");
            upstream.Append("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n");
            var run = AnswerRun.Stream(Encoding.UTF8.GetBytes(upstream.ToString()), context);
            Assert.Empty(run.Reading.Violations);
            LastMessage = run.Reading.Message!;

            // Fresh ids count from 1 in every run; a real server gives random ones.
            var content = JsonNode.Parse(LastMessage["content"]!.ToJsonString().Replace("toolu_fresh", $"toolu_turn{_turns}fresh", StringComparison.Ordinal))!.AsArray();
            _turns++;
            var results = new JsonArray();
            foreach (var block in content.Where(static block => block!["type"]!.GetValue<string>() == "tool_use"))
                results.Add(new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = block!["id"]!.GetValue<string>(), ["content"] = "done" });
            _messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = content });
            _messages.Add(new JsonObject { ["role"] = "user", ["content"] = results });
        }

        internal JsonObject[] Assistants() => Sent("assistant");

        internal string[] ToolResultIds() => [.. Sent("tool").Select(static message => message["tool_call_id"]!.GetValue<string>())];

        internal string UpstreamToolName(int index) => JsonNode.Parse(Request().Body)!["tools"]![index]!["function"]!["name"]!.GetValue<string>();

        private JsonObject[] Sent(string role) =>
            [.. JsonNode.Parse(Request().Body)!["messages"]!.AsArray().Select(static message => message!.AsObject()).Where(message => message["role"]!.GetValue<string>() == role)];

        private (string Body, AnswerContext Answer) Request() => Translating.Request(
            new JsonObject
            {
                ["model"] = "claude-test",
                ["max_tokens"] = 2000,
                ["stream"] = true,
                ["thinking"] = new JsonObject { ["type"] = "adaptive" },
                ["tools"] = new JsonArray(Tool("Read"), Tool(LongName)),
                ["messages"] = _messages.DeepClone(),
            }.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }),
            Dialects.Find(dialect)!);

        private static JsonObject Tool(string name) => new() { ["name"] = name, ["input_schema"] = new JsonObject { ["type"] = "object" } };
    }
}
