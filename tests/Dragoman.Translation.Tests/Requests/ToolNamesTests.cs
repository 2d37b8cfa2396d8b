using System.Text;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Requests;

public sealed class ToolNamesTests
{
    private const string Long = "mcp__a_server_with_a_very_long_name__and_a_tool_with_an_even_longer_name_that_ends_";

    // failures.md B10
    [Fact]
    public void Names_that_are_equal_as_far_as_they_fit_stay_different_and_come_back_whole()
    {
        var names = new ToolNames(64);
        names.Offer(Long + "one");
        names.Offer(Long + "two");
        var one = names.ToUpstream(Long + "one");
        var two = names.ToUpstream(Long + "two");

        Assert.NotEqual(one, two);
        Assert.Equal(64, one.Length);
        Assert.Equal(Long + "one", names.ToClient(Encoding.UTF8.GetBytes(one)));
        Assert.Equal(Long + "two", names.ToClient(Encoding.UTF8.GetBytes(two)));
    }

    [Fact]
    public void A_name_gets_the_same_alias_in_every_request()
    {
        var first = new ToolNames(64);
        first.Offer("other");
        Assert.Equal(new ToolNames(64).ToUpstream(Long), first.ToUpstream(Long));
    }

    [Theory]
    [InlineData("Read", "Read")]
    [InlineData("a.b c", "a_b_c_")]
    [InlineData("名前", "___")]
    public void Only_what_the_backend_cannot_take_is_changed(string name, string begins)
    {
        var upstream = new ToolNames(64).ToUpstream(name);
        Assert.StartsWith(begins, upstream);
        Assert.Matches("^[a-zA-Z0-9_-]+$", upstream);
    }

    [Fact]
    public void A_name_that_was_only_called_before_comes_back_too()
    {
        var names = new ToolNames(64);
        var alias = names.ToUpstream(Long);
        Assert.Null(names.Find(Encoding.UTF8.GetBytes(alias)));
        Assert.Equal(Long, names.ToClient(Encoding.UTF8.GetBytes(alias)));
    }

    [Fact]
    public void A_tool_is_found_in_the_wrong_case_if_that_is_unmistakable()
    {
        var names = new ToolNames(64);
        names.Offer("Bash");
        names.Offer("read");
        names.Offer("Read");
        Assert.Equal("Bash", names.Find("bash"u8)?.Name);
        Assert.Equal("Read", names.Find("Read"u8)?.Name);
        Assert.Null(names.Find("READ"u8));
        Assert.Equal("READ", names.ToClient("READ"u8));
    }

    [Fact]
    public void A_member_of_a_toolset_gives_way_to_no_tool_of_that_name()
    {
        var names = new ToolNames(64);
        names.Offer("computer__key");
        var member = names.Offer("key", "computer")!;
        Assert.NotEqual("computer__key", member.UpstreamName);
        Assert.Equal("computer", names.Find(Encoding.UTF8.GetBytes(member.UpstreamName))?.Toolset);
        Assert.Equal("computer__key", names.Find("computer__key"u8)?.Name);
    }

    [Fact]
    public void The_same_tool_cannot_be_offered_twice()
    {
        var names = new ToolNames(64);
        Assert.NotNull(names.Offer("Read"));
        Assert.Null(names.Offer("Read"));
        Assert.Single(names.Offered);
    }
}
