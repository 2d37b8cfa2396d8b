using System.Text;
using CsCheck;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Requests;

public sealed class ToolUseIdsTests
{
    [Theory]
    [InlineData("functions.bash:0")]
    [InlineData("call_abc.DEF/ghi:1")]
    [InlineData("日本")]
    [InlineData("toolu_gw1_abc")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789")]
    public void An_id_no_client_may_see_comes_back_to_its_backend_unchanged(string id)
    {
        var client = ToolUseIds.ToClient(Encoding.UTF8.GetBytes(id))!;
        Assert.Matches("^[a-zA-Z0-9_-]+$", client);
        Assert.Equal(id, ToolUseIds.ToUpstream(client, ToolIdForm.Verbatim));
    }

    [Fact]
    public void Any_id_comes_back_to_its_backend_unchanged() =>
        Gen.String.Select(s => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(s))).Where(s => s.Trim().Length > 0).Sample(id =>
        {
            var client = ToolUseIds.ToClient(Encoding.UTF8.GetBytes(id));
            return client is null || ToolUseIds.ToUpstream(client, ToolIdForm.Verbatim) == id;
        });

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void A_blank_id_needs_a_fresh_one(string id) => Assert.Null(ToolUseIds.ToClient(Encoding.UTF8.GetBytes(id)));

    [Theory]
    [InlineData("toolu_01ABC", "toolu_01ABC")]
    [InlineData("chatcmpl-tool-0123456789abcdef0123456789abcdef", "^call_[0-9a-f]{24}$")]
    [InlineData("a b", "^call_[0-9a-f]{24}$")]
    public void Ids_too_long_or_odd_for_most_backends_are_hashed(string id, string expected) =>
        Assert.Matches(expected, ToolUseIds.ToUpstream(id, ToolIdForm.Pass40));

    [Fact]
    public void Mistral_gets_nine_letters_and_digits_and_its_own_ids_back()
    {
        Assert.Matches("^[a-zA-Z0-9]{9}$", ToolUseIds.ToUpstream("toolu_01ABCDEFG", ToolIdForm.Mistral9));
        Assert.Equal("D681PevKs", ToolUseIds.ToUpstream("D681PevKs", ToolIdForm.Mistral9));
        Assert.Equal(ToolUseIds.ToUpstream("x", ToolIdForm.Mistral9), ToolUseIds.ToUpstream("x", ToolIdForm.Mistral9));
    }

    // claude-code.md fact 4
    [Fact]
    public void An_id_counts_as_used_whichever_way_it_is_told()
    {
        var used = new UsedToolIds();
        Assert.True(used.Add("call_0"));
        Assert.False(used.Add("call_0"u8));
        Assert.True(used.Add("call_1"u8));
        Assert.False(used.Add("call_1"));
    }

    // claude-code.md fact 4
    [Fact]
    public void The_answer_knows_which_ids_the_conversation_has_used_up()
    {
        var (_, answer) = Translating.Request("""
            {"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a"},
             {"role":"assistant","content":[{"type":"tool_use","id":"call_0","name":"A","input":{}},{"type":"tool_use","id":"caf\u00e9","name":"A","input":{}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_0"}]}]}
            """);
        Assert.False(answer.UsedToolIds.Add("call_0"));
        Assert.False(answer.UsedToolIds.Add("café"));
        Assert.True(answer.UsedToolIds.Add("call_1"));
    }
}
