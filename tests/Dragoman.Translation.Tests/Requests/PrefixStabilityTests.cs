using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Requests;

/// <summary>The same conversation plus one turn begins with the same bytes, or the backend computes the whole prompt anew (mapping.md section 0, principle 4).</summary>
public sealed class PrefixStabilityTests
{
    public static TheoryData<string> DialectNames() => [.. Dialects.Names];

    // failures.md B19, D1, D2, D3
    [Theory]
    [MemberData(nameof(DialectNames))]
    public void A_turn_more_of_a_recorded_conversation_begins_with_the_bytes_of_the_shorter_one(string dialect)
    {
        foreach (var (name, body) in RecordedRequestTests.Recordings("captures/claude-code"))
        {
            if (name.StartsWith("count-tokens", StringComparison.Ordinal) || name.StartsWith("websearch-side", StringComparison.Ordinal))
                continue;
            AssertStable(JsonNode.Parse(body)!.AsObject(), dialect, name);
        }
    }

    // failures.md B19, D1, D2, D3
    [Theory]
    [MemberData(nameof(DialectNames))]
    public void A_turn_more_of_any_conversation_begins_with_the_bytes_of_the_shorter_one(string dialect) =>
        Conversations.Gen.Sample(request => AssertStable(JsonNode.Parse(request)!.AsObject(), dialect, request), iter: 40);

    [Fact]
    public void The_attribution_line_that_changes_with_every_request_is_left_out()
    {
        // failures.md D1
        static string Request(string line) => $$"""
            {"model":"m","max_tokens":1,"system":[{"type":"text","text":"x-anthropic-billing-header: cch={{line}};"},{"type":"text","text":"S"}],"messages":[{"role":"user","content":"u"}]}
            """;
        Assert.Equal(Translating.Request(Request("1")).Body, Translating.Request(Request("2")).Body);
    }

    private static void AssertStable(JsonObject request, string dialect, string name)
    {
        // Cache markers move with every turn; where they are forwarded only the marker changes.
        var target = Translating.TargetOf(Dialects.Find(dialect)! with { CacheHints = CacheHints.None }) with { ExtractPdfText = static _ => "text" };
        var messages = request["messages"]!.AsArray();
        string? shorter = null;
        for (var length = 1; length <= messages.Count; length++)
        {
            var endsTurn = Role(messages[length - 1]) != "assistant" && (length == messages.Count || Role(messages[length]) == "assistant");
            if (!endsTurn)
                continue;

            var part = request.DeepClone().AsObject();
            part["messages"] = new JsonArray([.. messages.Take(length).Select(m => m!.DeepClone())]);
            var written = Translating.MessagesOf(Translating.Request(part.ToJsonString(), target).Body);
            Assert.True(shorter is null || written.StartsWith(shorter, StringComparison.Ordinal), $"{name}\n{shorter}\n{written}");
            shorter = written;
        }
    }

    private static string Role(JsonNode? message) => message!["role"]!.GetValue<string>();
}
