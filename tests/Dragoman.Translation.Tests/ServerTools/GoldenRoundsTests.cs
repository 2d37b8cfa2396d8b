using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Translation.Tests.Golden;

namespace Dragoman.Translation.Tests.ServerTools;

/// <summary>One file a case: the client's request, what the backend says round by round, and below the dashed line what the client gets and what the
/// backend was sent in the last round.</summary>
public sealed class GoldenRoundsTests
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<TheoryDataRow<string>> Cases() => GoldenCase.Names("rounds");

    public static IEnumerable<TheoryDataRow<string>> DialectNames() => Dialects.Names.Select(static name => new TheoryDataRow<string>(name));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rounds_of_server_tools_go_as_the_golden_file_says(string name)
    {
        var golden = GoldenCase.Read("rounds", name);
        var (request, scripts, maxRounds, dialect) = Given(golden);
        var run = Rounds.Run(request, scripts, stream: true, maxRounds, dialect);
        if (run.Refusal is not null)
        {
            golden.Check(run.Refusal);
            return;
        }

        Assert.Empty(StreamGrammar.Read(run.Output).Violations);
        golden.Check(Show(run));
    }

    // failures.md H1: however the backend's bytes are cut.
    [Theory]
    [MemberData(nameof(Cases))]
    public void Whole_and_streamed_and_cut_anyhow_they_give_the_same_message(string name)
    {
        var (request, scripts, maxRounds, dialect) = Given(GoldenCase.Read("rounds", name));
        var streamed = Rounds.Run(request, scripts, stream: true, maxRounds, dialect);
        if (streamed.Refusal is not null) return;
        var whole = Rounds.Run(request, scripts, stream: false, maxRounds, dialect);
        Assert.Equal(Comparable(whole.Message(stream: false)), Comparable(streamed.Message(stream: true)));
        foreach (var cuts in (int[][])[[1], [7, 3], [64, 1, 200]])
        {
            var cut = Rounds.Run(request, scripts, stream: true, maxRounds, dialect, cuts);
            Assert.Equal(Comparable(streamed.Message(stream: true)), Comparable(cut.Message(stream: true)));
        }
    }

    // mapping.md section 12.2: prompt caches live on it.
    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_rounds_messages_begin_with_those_of_the_round_before_and_the_next_turns_with_those_of_the_last(string name)
    {
        var (request, scripts, maxRounds, dialect) = Given(GoldenCase.Read("rounds", name));
        AssertPrefixes(request, scripts, maxRounds, dialect);
    }

    [Theory]
    [MemberData(nameof(DialectNames))]
    public void So_it_is_whatever_the_backend_speaks(string name)
    {
        foreach (var golden in (string[])["two-searches-and-a-fetch", "reasoning-between-rounds", "client-tool-in-a-later-round"])
        {
            var (request, scripts, maxRounds, _) = Given(GoldenCase.Read("rounds", golden));
            AssertPrefixes(request, scripts, maxRounds, Dialects.Find(name));
        }
    }

    private static void AssertPrefixes(string request, string[] scripts, int maxRounds, Dialect? dialect)
    {
        var run = Rounds.Run(request, scripts, stream: true, maxRounds, dialect);
        if (run.Refusal is not null) return;

        var next = JsonNode.Parse(request)!.AsObject();
        var message = run.Message(stream: true);
        next["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["content"] = message["content"]!.DeepClone() });
        var results = new JsonArray();
        foreach (var block in message["content"]!.AsArray().Where(static block => block!["type"]!.GetValue<string>() == "tool_use"))
            results.Add(new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = block!["id"]!.DeepClone(), ["content"] = "done" });
        results.Add(new JsonObject { ["type"] = "text", ["text"] = "Go on" });
        next["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = results });
        var bodies = run.Requests.Append(Rounds.Translate(next.ToJsonString(), dialect)).Select(static body => body["messages"]!.ToJsonString()[..^1]).ToArray();
        for (var i = 1; i < bodies.Length; i++) Assert.StartsWith(bodies[i - 1], bodies[i], StringComparison.Ordinal);
    }

    private static (string Request, string[] Scripts, int MaxRounds, Dialect? Dialect) Given(GoldenCase golden)
    {
        var parts = Encoding.UTF8.GetString(golden.Upstream).Split("=====\n");
        var maxRounds = golden.Settings.TryGetValue("max-rounds", out var most) ? int.Parse(most) : 10;
        return (parts[0], parts[1..], maxRounds, golden.Settings.TryGetValue("dialect", out var dialect) ? Dialects.Find(dialect) : null);
    }

    private static string Show(Rounds run)
    {
        var shown = new StringBuilder();
        foreach (var (name, data) in StreamGrammar.Read(run.Output).Events)
        {
            if (name is "message_start" or "content_block_stop" or "message_stop") continue;
            var shownData = data.DeepClone().AsObject();
            shownData.Remove("type");
            Hide(shownData);
            shown.Append(name).Append(' ').Append(shownData.ToJsonString(Readable)).Append('\n');
        }

        var last = run.Requests[^1];
        shown.Append("\nThe backend was asked ").Append(run.Requests.Count).Append(" times, at last:\n");
        foreach (var message in last["messages"]!.AsArray()) shown.Append(message!.ToJsonString(Readable).Replace("\\n", "\n    ", StringComparison.Ordinal)).Append('\n');
        foreach (var tool in last["tools"]?.AsArray() ?? []) shown.Append("tool ").Append(tool!["function"]!["name"]).Append('\n');
        if (last["tool_choice"] is { } choice) shown.Append("tool_choice ").Append(choice.ToJsonString()).Append('\n');
        return shown.ToString();
    }

    private static void Hide(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array) Hide(item);
        }
        else if (node is JsonObject members)
        {
            foreach (var name in (string[])["encrypted_content", "encrypted_index", "signature"])
            {
                if (members[name]?.GetValue<string>().StartsWith("gw1.", StringComparison.Ordinal) == true) members[name] = "gw1.…";
            }

            foreach (var name in members.Where(static member => member.Value is null).Select(static member => member.Key).ToArray()) members.Remove(name);
            foreach (var (_, value) in members) Hide(value);
        }
    }

    /// <summary>Without what the two forms put differently by design.</summary>
    private static string Comparable(JsonObject message)
    {
        var blocks = message["content"]!.DeepClone().AsArray();
        foreach (var block in blocks.OfType<JsonObject>().Where(static block => block["citations"] is null)) block.Remove("citations");
        var tools = message["usage"]!["server_tool_use"]?.ToJsonString();
        return $"{blocks.ToJsonString()} {message["stop_reason"]} {message["usage"]!["input_tokens"]} {message["usage"]!["output_tokens"]} {tools}";
    }
}
