using System.Text;
using Dragoman.TokenCounting;
using Microsoft.Extensions.Caching.Memory;

namespace Dragoman.Tests.TokenCounting;

public sealed class PromptMeterTests : IDisposable
{
    private static readonly TextTokenizer Tokenizer = new();
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = 1000 });

    public void Dispose() => _cache.Dispose();

    private PromptTokens Measure(string chat) =>
        new PromptMeter(Tokenizer, _cache).Measure(Encoding.UTF8.GetBytes(chat), TestContext.Current.CancellationToken);

    // failures.md F2
    [Fact]
    public void System_tools_calls_and_results_all_count()
    {
        var prompt = Measure("""
            {"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"hi there"}]},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"read","arguments":"{\"path\":\"a.txt\"}"}}]},
            {"role":"tool","tool_call_id":"c","content":"the content of a file"}],
            "tools":[{"type":"function","function":{"name":"read","description":"Reads a file","parameters":{"type":"object"}}}]}
            """);

        Assert.Equal(new PromptTokens(Text: 17, ToolDefinitions: prompt.ToolDefinitions, Messages: 4, Tools: 1, ToolCalls: 1), prompt);
        Assert.InRange(prompt.ToolDefinitions, 12, 24);
    }

    // failures.md E9
    [Fact]
    public void An_image_does_not_count_as_the_text_of_its_base64()
    {
        var prompt = Measure($$$"""
            {"messages":[{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{new string('A', 100_000)}}}"}}]}]}
            """);

        Assert.Equal(1, prompt.Text);
    }

    // failures.md F4
    [Fact]
    public void A_message_counted_once_is_remembered()
    {
        const string first = """{"messages":[{"role":"user","content":"one two three"}]}""";
        const string second = """{"messages":[{"role":"user","content":"one two three"},{"role":"assistant","content":"four"}]}""";

        Measure(first);
        var known = _cache.Count;
        Measure(second);

        Assert.Equal(known + 1, _cache.Count);
    }

    // A run without blanks is where byte pair merging is quadratic: 64,000 of these took 12 s at once.
    [Fact]
    public void A_long_run_of_letters_costs_no_more_than_its_pieces()
    {
        var run = string.Concat(Enumerable.Repeat("你好世界", 25));
        var whole = Tokenizer.Count(string.Concat(Enumerable.Repeat(run, 200)), TestContext.Current.CancellationToken);

        Assert.InRange(whole, 10_000 * 0.95, 10_000 * 1.05);
    }

    [Fact]
    public void A_very_long_text_is_sampled()
    {
        const string line = "The quick brown fox jumps over the lazy dog, and then some 12345.\n";
        var one = Tokenizer.Count(line, TestContext.Current.CancellationToken);

        var many = Tokenizer.Count(string.Concat(Enumerable.Repeat(line, 50_000)), TestContext.Current.CancellationToken);

        Assert.InRange(many, one * 50_000 * 0.97, one * 50_000 * 1.03);
    }

    [Fact]
    public void Pieces_never_split_a_character()
    {
        var emoji = string.Concat(Enumerable.Repeat("😀", 5_000));

        var tokens = Tokenizer.Count(emoji, TestContext.Current.CancellationToken);

        Assert.InRange(tokens, 4_000, 10_500);
    }

    [Theory]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"messages":[{"role":"assistant","content":null}],"response_format":null,"tools":null}""")]
    public void Odd_requests_count_without_failing(string chat) => Assert.Equal(0, Measure(chat).Text);
}
