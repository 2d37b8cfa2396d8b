using Dragoman.Routing;
using Microsoft.AspNetCore.Http;

namespace Dragoman.Tests.Routing;

/// <summary>What makes requests one conversation.</summary>
public sealed class SessionKeyTests
{
    private const string Question = """{"role":"user","content":"Where is the bug?"}""";

    [Fact]
    public void The_header_goes_before_the_user_and_the_user_before_the_conversation()
    {
        var all = $$"""{"metadata":{"user_id":"u"},"messages":[{{Question}}]}""";
        var conversation = $$"""{"messages":[{{Question}}]}""";
        ulong?[] keys = [Key(all, "s"), Key(all), Key(conversation)];

        Assert.Equal(3, keys.Distinct().Count());
        Assert.Equal(keys[0], Key("{}", "s"));
        Assert.Equal(keys[1], Key("""{"metadata":{"user_id":"u"}}"""));
        Assert.NotEqual(keys[0], Key("{}", "t"));
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"Where is the bug?"},{"role":"assistant","content":"Here."},{"role":"user","content":"Mend it"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"Where is the bug?"}]}]}""")] // The same, said in blocks.
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"Where is the bug?","cache_control":{"type":"ephemeral"}}]}]}""")]
    [InlineData("""{"system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=1;"}],"messages":[{"role":"user","content":"Where is the bug?"}]}""")]
    [InlineData("""{"metadata":{"user_id":null},"temperature":1,"messages":[{"role":"user","content":"Where is the bug?"}]}""")]
    public void The_turns_of_a_conversation_have_one_key(string turn) => Assert.Equal(Key($$"""{"messages":[{{Question}}]}"""), Key(turn));

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"Where is the cat?"}]}""")]
    [InlineData("""{"system":"You are brief.","messages":[{"role":"user","content":"Where is the bug?"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"Where is the bug?"},{"type":"image","source":{"type":"url","url":"x"}}]}]}""")]
    public void Other_conversations_have_another(string other) => Assert.NotEqual(Key($$"""{"messages":[{{Question}}]}"""), Key(other));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"messages":[{"role":"assistant","content":"Hi"}]}""")]
    public void What_has_no_beginning_has_none(string body) => Assert.Null(Key(body));

    [Fact]
    public void A_session_id_of_unreasonable_length_is_none()
    {
        Assert.Null(SessionKey.Of(new HeaderDictionary { ["x-claude-code-session-id"] = new string('s', 201) }));
        Assert.Null(SessionKey.Of(new HeaderDictionary { ["x-claude-code-session-id"] = "" }));
    }

    private static ulong? Key(string body, string? session = null)
    {
        var headers = new HeaderDictionary();
        if (session is not null) headers["x-claude-code-session-id"] = session;
        return SessionKey.HashOf(headers, RequestFactsTests.Parsed(body));
    }
}
