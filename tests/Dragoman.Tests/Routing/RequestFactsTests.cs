using System.Text;
using System.Text.Json;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Routing;
using Dragoman.Testing;
using Microsoft.AspNetCore.Http;

namespace Dragoman.Tests.Routing;

/// <summary>What routes can ask of a request.</summary>
public sealed class RequestFactsTests
{
    /// <summary>As the real client sent them.</summary>
    [Theory]
    [InlineData("main-turn1", "thinking")]
    [InlineData("main-turn1-older-shape", "thinking")]
    [InlineData("main-tool-results", "thinking")]
    [InlineData("main-image-pdf-results", "thinking images")]
    [InlineData("main-gateway-hint-headers", "")]
    [InlineData("compact", "thinking")]
    [InlineData("subagent-main", "thinking subagent")]
    [InlineData("title-side", "background")]
    [InlineData("webfetch-side", "background")]
    [InlineData("websearch-side", "web_search")]
    [InlineData("websearch-side-allowed-domains", "web_search")]
    [InlineData("model-probe", "")] // It is to reach the model it is about.
    [InlineData("count-tokens-text", "")]
    [InlineData("count-tokens-tools", "")]
    [InlineData("older-2.0.76-main", "")]
    [InlineData("older-2.0.76-side-haiku", "background")]
    [InlineData("older-2.1.100-main", "thinking")]
    public void Requests_of_Claude_Code_are_told_apart(string capture, string expected)
    {
        var headers = new HeaderDictionary();
        using (var about = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require($"captures/claude-code/{capture}.headers.json"))))
        {
            foreach (var header in about.RootElement.GetProperty("headers").EnumerateObject()) headers[header.Name] = header.Value.GetString();
        }

        var body = SharedData.Find($"captures/claude-code/{capture}.json") is { } path ? File.ReadAllText(path) : """{"max_tokens":32000,"tools":[]}""";

        Assert.Equal(expected, Say(Facts(body, headers)));
    }

    [Theory]
    [InlineData("""{"thinking":{"type":"adaptive"}}""", "thinking")]
    [InlineData("""{"thinking":{"type":"disabled"}}""", "")]
    [InlineData("""{"thinking":null}""", "")]
    [InlineData("""{"thinking":"yes"}""", "")]
    [InlineData("""{"max_tokens":100,"messages":[{"role":"user","content":"Hi"}]}""", "")] // Small, but not Claude Code's.
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image","source":{}}]}]}""", "images")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"image","source":{}}]}]}]}""", "images")]
    [InlineData("""{"tools":[{"name":"web_search_mine","input_schema":{}}]}""", "")]
    [InlineData("""{"tools":[{"name":"a"},{"type":"web_search_20260209","name":"web_search"}]}""", "web_search")]
    [InlineData("""{"system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2; cc_is_subagent=true;"}]}""", "subagent")]
    [InlineData("""{"system":[{"type":"text","text":"Say cc_is_subagent=true;"}]}""", "")]
    [InlineData("""{"system":"x","messages":{"role":1},"tools":"none","thinking":[]}""", "")] // Wrong types are for others to refuse.
    public void Requests_of_anybody_are_told_apart(string body, string expected) => Assert.Equal(expected, Say(Facts(body, [])));

    [Theory]
    [InlineData("tools")]
    [InlineData("thinking")]
    [InlineData("class")]
    [InlineData("agent")]
    public void What_has_a_sign_of_the_main_conversation_is_not_background(string sign)
    {
        var headers = new HeaderDictionary { ["x-claude-code-session-id"] = "s" };
        Assert.True(Facts("""{"max_tokens":32000,"tools":[]}""", headers).Background);
        if (sign == "class") headers["x-claude-code-request-class"] = "main";
        if (sign == "agent") headers["x-claude-code-agent-id"] = "a1";
        var tools = sign == "tools" ? """[{"name":"Bash","input_schema":{}}]""" : "[]";
        var thinking = sign == "thinking" ? "adaptive" : "disabled";

        Assert.False(Facts($$$"""{"max_tokens":32000,"tools":{{{tools}}},"thinking":{"type":"{{{thinking}}}"}}""", headers).Background);
    }

    [Fact]
    public void A_prompts_size_is_told_without_what_no_model_reads_as_text()
    {
        var data = new string('A', 400_000);
        var text = Tokens($$"""{"type":"text","text":"{{data[..42_000]}}"}""");
        var image = Tokens($$$"""{"type":"image","source":{"type":"base64","data":"{{{data}}}"}}""");
        var document = Tokens($$$"""{"type":"document","source":{"type":"base64","data":"{{{data}}}"}}""");
        var signature = Tokens($$"""{"type":"thinking","thinking":"","signature":"{{data}}"}""");

        Assert.InRange(text, 9_500, 11_000);
        Assert.InRange(image, 1_600, 1_700);
        Assert.InRange(document, 20_000, 20_100);
        Assert.InRange(signature, 1, 100);

        static long Tokens(string block) => Facts($$"""{"messages":[{"role":"user","content":[{{block}}]}]}""", []).EstimatedTokens;
    }

    [Fact]
    public async Task A_prompts_size_is_near_what_the_tokenizer_counts()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);
        foreach (var name in new[] { "main-turn1", "main-all-tools", "main-tool-results", "title-side", "compact", "older-2.1.100-main" })
        {
            var body = await File.ReadAllTextAsync(SharedData.Require($"captures/claude-code/{name}.json"), TestContext.Current.CancellationToken);
            using var response = await gateway.PostAsync(body, "/v1/messages/count_tokens");
            var counted = (await response.JsonAsync()).GetProperty("input_tokens").GetInt64();

            var estimated = Facts(body, []).EstimatedTokens;
            Assert.True(estimated > counted * 0.85 && estimated < counted * 1.2, $"{name}: {estimated} estimated, {counted} counted");
        }
    }

    private static RequestFacts Facts(string body, HeaderDictionary headers) => new("m", Parsed(body), headers);

    internal static MessagesRequest Parsed(string body) => new(JsonText.Parse(Encoding.UTF8.GetBytes(body)).Root);

    private static string Say(RequestFacts facts) => string.Join(' ', new[]
    {
        (facts.Thinking, "thinking"), (facts.Images, "images"), (facts.Subagent, "subagent"), (facts.Background, "background"), (facts.WebSearch, "web_search"),
    }.Where(fact => fact.Item1).Select(fact => fact.Item2));
}
