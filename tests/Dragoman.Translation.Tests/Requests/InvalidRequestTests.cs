using System.Text;
using Dragoman.Protocol.Json;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Requests;

/// <summary>Errors name the place as the real service does.</summary>
public sealed class InvalidRequestTests
{
    [Theory]
    [InlineData("[]", "The request body should be a JSON object")]
    [InlineData("""{"max_tokens":1,"messages":[]}""", "model: Field required")]
    [InlineData("""{"model":7,"max_tokens":1}""", "model: Input should be a valid string")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}]}""", "max_tokens: Field required")]
    [InlineData("""{"model":"m","max_tokens":"9","messages":[]}""", "max_tokens: Input should be a valid integer")]
    [InlineData("""{"model":"m","max_tokens":-1,"messages":[]}""", "max_tokens: Input should be greater than or equal to 0")]
    [InlineData("""{"model":"m","max_tokens":1.5,"messages":[]}""", "max_tokens: Input should be a valid integer")]
    [InlineData("""{"model":"m","max_tokens":1,"stream":"yes","messages":[]}""", "stream: Input should be a valid boolean")]
    [InlineData("""{"model":"m","max_tokens":1}""", "messages: Field required")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":{}}""", "messages: Input should be a valid list")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[]}""", "messages: at least one message is required")]
    [InlineData("""{"model":"m","max_tokens":1,"system":7,"messages":[{"role":"user","content":"x"}]}""", "system: Input should be a valid string or list of text blocks")]
    [InlineData("""{"model":"m","max_tokens":1,"system":[{"type":"image"}],"messages":[{"role":"user","content":"x"}]}""", "system.0: Input should be a text block")]
    [InlineData("""{"model":"m","max_tokens":1,"temperature":3,"messages":[{"role":"user","content":"x"}]}""", "temperature: Input should be between 0 and 2")]
    [InlineData("""{"model":"m","max_tokens":1,"stop_sequences":["a",7],"messages":[{"role":"user","content":"x"}]}""", "stop_sequences.1: Input should be a valid string")]
    [InlineData("""{"model":"m","max_tokens":1,"thinking":{"type":"enabled","budget_tokens":"x"},"messages":[{"role":"user","content":"x"}]}""", "thinking.budget_tokens: Input should be a valid integer")]
    [InlineData("""{"model":"m","max_tokens":1,"output_config":{"format":{"type":"xml"}},"messages":[{"role":"user","content":"x"}]}""", "output_config.format.type: Input should be 'json_schema'")]
    public void The_top_of_a_request_is_checked(string json, string message) => AssertRefused(json, message);

    [Theory]
    [InlineData("7", "messages.0: Input should be an object")]
    [InlineData("""{"content":"x"}""", "messages.0.role: Field required")]
    [InlineData("""{"role":"tool","content":"x"}""", "messages.0.role: Input should be 'user', 'assistant' or 'system'")]
    [InlineData("""{"role":"user"}""", "messages.0.content: Field required")]
    [InlineData("""{"role":"user","content":7}""", "messages.0.content: Input should be a valid string or list")]
    [InlineData("""{"role":"user","content":["x"]}""", "messages.0.content.0: Input should be an object")]
    [InlineData("""{"role":"user","content":[{"text":"x"}]}""", "messages.0.content.0.type: Field required")]
    [InlineData("""{"role":"user","content":[{"type":"text"}]}""", "messages.0.content.0.text.text: Field required")]
    [InlineData("""{"role":"user","content":[{"type":"image"}]}""", "messages.0.content.0.image.source: Field required")]
    [InlineData("""{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png"}}]}""", "messages.0.content.0.image.source.data: Field required")]
    [InlineData("""{"role":"user","content":[{"type":"tool_result"}]}""", "messages.0.content.0.tool_result.tool_use_id: Field required")]
    [InlineData("""{"role":"assistant","content":[{"type":"tool_use","id":"a","input":{}}]}""", "messages.0.content.0.tool_use.name: Field required")]
    [InlineData("""{"role":"user","content":[{"type":"text","text":" "}]}""", null)]
    public void Messages_are_checked(string content, string? message) =>
        AssertRefused($$"""{"model":"m","max_tokens":1,"messages":[{{content}}]}""", message);

    [Fact]
    public void A_block_inside_a_tool_result_is_named_by_its_whole_path() => AssertRefused(
        """
        {"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"},
         {"role":"assistant","content":[{"type":"tool_use","id":"a","name":"A","input":{}}]},
         {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"x"},{"type":"image","source":{}}]}]}]}
        """,
        "messages.2.content.0.tool_result.content.1.image.source.type: Field required");

    [Theory]
    [InlineData("7", "tools: Input should be a valid list")]
    [InlineData("[7]", "tools.0: Input should be an object")]
    [InlineData("""[{"input_schema":{}}]""", "tools.0.name: Field required")]
    [InlineData("""[{"name":"A"}]""", "tools.0.input_schema: Field required")]
    [InlineData("""[{"name":"A","input_schema":{"type":"array"}}]""", "tools.0.input_schema.type: Input should be 'object'")]
    [InlineData("""[{"name":"A","input_schema":{}},{"name":"A","input_schema":{}}]""", "tools: Tool names must be unique.")]
    [InlineData("""[{"type":"web_fetch_20250910","name":"web_fetch"}]""", "tools.0: web_fetch_20250910 is not supported by this gateway")]
    [InlineData("""[{"type":"mcp_toolset","mcp_server_name":"s"}]""", "tools.0: mcp_toolset is not supported by this gateway")]
    public void Tools_are_checked(string tools, string message) =>
        AssertRefused($$"""{"model":"m","max_tokens":1,"tools":{{tools}},"messages":[{"role":"user","content":"x"}]}""", message);

    [Theory]
    [InlineData("""{"type":"some"}""", "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'")]
    [InlineData("""{"type":"tool"}""", "tool_choice.name: Field required")]
    [InlineData("""{"type":"tool","name":"B"}""", "tool_choice.name: Tool 'B' not found in provided tools")]
    [InlineData("\"auto\"", "tool_choice: Input should be an object")]
    public void The_tool_choice_is_checked(string choice, string message) => AssertRefused(
        $$"""{"model":"m","max_tokens":1,"tools":[{"name":"A","input_schema":{} }],"tool_choice":{{choice}},"messages":[{"role":"user","content":"x"}]}""", message);

    [Fact]
    public void More_tools_than_the_backend_takes_are_refused_rather_than_cut() => AssertRefused(
        $$"""{"model":"m","max_tokens":1,"tools":[{{string.Join(",", Enumerable.Range(0, 129).Select(i => $$"""{"name":"A{{i}}","input_schema":{} }"""))}}],"messages":[{"role":"user","content":"x"}]}""",
        "tools: 129 tools, but this model takes at most 128");

    // claude-code.md section 5.2: with this wording Claude Code asks again with the smaller number.
    [Fact]
    public void A_limit_above_the_models_is_refused_in_words_clients_know_where_the_operator_wants_no_silent_change()
    {
        var dialect = Dialects.Generic with { Strict = true, MaxOutputTokens = 8192 };
        var refusal = Assert.Throws<TranslationException>(() => Translating.Request(
            """{"model":"m","max_tokens":32000,"messages":[{"role":"user","content":"x"}]}""", dialect));
        Assert.Equal("max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens for this model", refusal.Message);
    }

    private static void AssertRefused(string json, string? message)
    {
        if (message is null)
        {
            Translating.Request(json);
            return;
        }

        var refusal = Assert.Throws<TranslationException>(() => Translating.Request(json));
        Assert.Equal(message, refusal.Error.Message);
        Assert.Equal(400, refusal.Error.Status);
    }
}
