using System.Text;
using Dragoman.Protocol.Json;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Requests;

/// <summary>Reasoning travels through the client and comes back to the backend that made it (mapping.md section 6.3).</summary>
public sealed class ReasoningReplayTests
{
    private static readonly byte[] Key = "test key"u8.ToArray();

    private static string Seal(string dialect, string field, string? text = null, string? details = null, Dictionary<string, ReadOnlyMemory<byte>>? extra = null) =>
        ReasoningSignature.Seal(
            new SealedReasoning(dialect, field, text, details is null ? default : Encoding.UTF8.GetBytes(details), extra), Key);

    private static string Request(string signature, string thinking = "Hm.") => $$"""
        {"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a"},
         {"role":"assistant","content":[{"type":"thinking","thinking":"{{thinking}}","signature":"{{signature}}"},{"type":"tool_use","id":"t1","name":"A","input":{} }]},
         {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"ok"}]}]}
        """;

    private static string AssistantOf(string dialect, string request)
    {
        var (body, _) = Translating.Request(request, Dialects.Find(dialect)!);
        using var text = JsonText.Parse(Encoding.UTF8.GetBytes(body));
        foreach (var message in text.Root["messages"u8].Items)
        {
            if (message["role"u8].Equals("assistant"u8))
                return Encoding.UTF8.GetString(message.Raw);
        }

        throw new InvalidOperationException("no assistant message");
    }

    // failures.md C1
    [Fact]
    public void Reasoning_of_the_same_backend_comes_back_in_its_field() =>
        Assert.Contains("\"reasoning_content\":\"Hm.\"", AssistantOf("deepseek", Request(Seal("deepseek", "reasoning_content"))));

    // failures.md C1
    [Fact]
    public void Text_that_the_client_did_not_see_comes_back_from_the_signature() => Assert.Contains(
        "\"reasoning_content\":\"All of \\\"it\\\"\"", AssistantOf("moonshot", Request(Seal("moonshot", "reasoning_content", "All of \"it\""), thinking: "")));

    [Fact]
    public void Reasoning_details_come_back_unchanged_and_in_order()
    {
        const string details = """[{"type":"reasoning.text","text":"a\u00e9","signature":"s","index":0},{"type":"reasoning.encrypted","data":"x"}]""";
        Assert.Contains($"\"reasoning_details\":{details}", AssistantOf("openrouter", Request(Seal("openrouter", "reasoning_details", details: details))));
    }

    [Fact]
    public void Details_of_another_backend_are_not_forwarded()
    {
        var assistant = AssistantOf("openrouter", Request(Seal("deepseek", "reasoning_details", details: "[{\"type\":\"x\"}]")));
        Assert.DoesNotContain("reasoning", assistant);
    }

    [Fact]
    public void Text_of_another_backend_comes_back_as_text() =>
        Assert.Contains("\"reasoning_content\":\"Hm.\"", AssistantOf("sglang", Request(Seal("deepseek", "reasoning_content"))));

    [Fact]
    public void Extra_content_comes_back_on_the_call_it_belongs_to()
    {
        var extra = new Dictionary<string, ReadOnlyMemory<byte>> { ["t1"] = """{"google":{"thought_signature":"abc="}}"""u8.ToArray() };
        Assert.Contains(
            """
            "function":{"name":"A","arguments":"{}"},"extra_content":{"google":{"thought_signature":"abc="}}}
            """.Trim(),
            AssistantOf("gemini", Request(Seal("gemini", "extra_content", extra: extra), thinking: "")));
        Assert.DoesNotContain("extra_content", AssistantOf("openai", Request(Seal("gemini", "extra_content", extra: extra))));
    }

    // failures.md C8
    [Theory]
    [InlineData("EuYBCkQYAiJAw==")]
    [InlineData("gw1.forged")]
    [InlineData("")]
    public void A_signature_that_is_not_ours_reaches_no_backend(string signature)
    {
        foreach (var dialect in Dialects.Names)
        {
            if (signature.Length > 0)
                Assert.DoesNotContain(signature, AssistantOf(dialect, Request(signature)));
        }
    }

    [Fact]
    public void Mistral_gets_thinking_parts_before_the_text() => Assert.Contains(
        """
        "content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}],"closed":true}]
        """.Trim(),
        AssistantOf("mistral", Request(Seal("mistral", "content"))));

    [Fact]
    public void MiniMax_gets_think_tags_before_the_text() =>
        Assert.Contains("\"content\":\"<think>\\nHm.\\n</think>\"", AssistantOf("minimax", Request(Seal("minimax", "content"))));
}
