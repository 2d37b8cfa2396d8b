using System.Text.Json.Nodes;
using CsCheck;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Translation.Tests.Golden;

namespace Dragoman.Translation.Tests.Streams;

/// <summary>However a stream arrives, and whatever arrives, the client's stream is legal; and the same bytes give the same message however they are cut.</summary>
public sealed class AnyCutTests
{
    private static readonly Gen<int[]> Cuts = Gen.Int[1, 80].Array[1, 12];

    [Fact]
    public void However_a_golden_stream_is_cut_the_client_gets_the_same_bytes()
    {
        foreach (var golden in GoldenStreams())
        {
            var whole = AnswerRun.Stream(golden.Upstream, golden.Context());
            Cuts.Sample(cuts => Same(whole, AnswerRun.Stream(golden.Upstream, golden.Context(), cuts)), iter: 60);
            Assert.True(Same(whole, AnswerRun.Stream(golden.Upstream, golden.Context(), 1)), golden.Path);
        }
    }

    [Fact]
    public void A_gathered_answer_is_the_message_that_the_stream_adds_up_to()
    {
        foreach (var golden in GoldenStreams())
        {
            var streamed = AnswerRun.Stream(golden.Upstream, golden.Context());
            var gathered = AnswerRun.Gather(golden.Upstream, golden.Context());
            Assert.Equal(streamed.Failure?.Error, gathered.Failure?.Error);
            if (streamed.Failure is not null) continue;
            var message = gathered.Message(streamed: false)!;
            Assert.Equal(Content(streamed.Message(streamed: true)!), Content(message));
            Assert.Equal(streamed.Reading.StopReason, message["stop_reason"]!.GetValue<string>());
        }
    }

    [Fact]
    public void However_a_recorded_stream_is_cut_the_client_gets_the_same_bytes()
    {
        foreach (var (name, body) in RecordedStreams())
        {
            foreach (var dialect in new[] { Dialects.Generic, Dialects.Generic with { StreamToolArguments = true }, Dialects.Generic with { ToolLeak = ToolLeak.Auto, ThinkTags = ThinkTags.On } })
            {
                var whole = AnswerRun.Stream(body, Contexts.New(dialect, "Read"));
                Cuts.Sample(cuts => Same(whole, AnswerRun.Stream(body, Contexts.New(dialect, "Read"), cuts)), iter: 3);
                if (whole.HasStarted) Assert.True(whole.Reading.Violations.Count == 0, $"{name}: {string.Join("; ", whole.Reading.Violations)}");
            }
        }
    }

    [Fact]
    public void Whatever_a_backend_sends_the_clients_stream_is_legal()
    {
        var golden = GoldenStreams().ToArray();
        Assert.NotEmpty(golden);
        Gen.Select(Gen.Int[0, golden.Length - 1], Mutation.Several, Cuts, Gen.Bool).Sample(
            (which, mutations, cuts, streamArguments) =>
            {
                var upstream = mutations.Aggregate(golden[which].Upstream, static (bytes, mutation) => mutation.Apply(bytes));
                var context = golden[which].Context();
                if (streamArguments) context = With(context, context.Dialect with { StreamToolArguments = true });
                return IsLegal(AnswerRun.Stream(upstream, context, cuts)) && IsLegalWhole(AnswerRun.Gather(upstream, golden[which].Context(), cuts));
            },
            iter: 4000);
    }

    [Fact]
    public void Whatever_a_backend_sends_as_a_whole_the_client_gets_a_message_or_an_error()
    {
        var golden = GoldenCase.Names("whole").Select(static row => GoldenCase.Read("whole", row.Data)).ToArray();
        Gen.Select(Gen.Int[0, golden.Length - 1], Mutation.Several).Sample(
            (which, mutations) =>
            {
                var body = mutations.Aggregate(golden[which].Upstream, static (bytes, mutation) => mutation.Apply(bytes));
                return IsLegalWhole(AnswerRun.Whole(body, golden[which].Context())) && IsLegal(AnswerRun.Synthesise(body, golden[which].Context()));
            },
            iter: 4000);
    }

    private static IEnumerable<GoldenCase> GoldenStreams() => GoldenCase.Names("stream").Select(static row => GoldenCase.Read("stream", row.Data));

    private static IEnumerable<(string Name, byte[] Body)> RecordedStreams()
    {
        var folder = SharedData.Require("corpus/openai");
        return Directory.EnumerateFiles(folder, "*.sse").Order(StringComparer.Ordinal).Select(static file => (Path.GetFileName(file), File.ReadAllBytes(file)));
    }

    private static bool Same(AnswerRun one, AnswerRun other) =>
        one.Output.AsSpan().SequenceEqual(other.Output) && one.Failure?.Error == other.Failure?.Error && one.Usage == other.Usage;

    private static bool IsLegal(AnswerRun run)
    {
        if (!run.HasStarted) return run.Failure is { Status: >= 400 and < 600 } && run.Output.Length == 0;
        var reading = run.Reading;
        if (reading.Violations.Count > 0) throw new InvalidOperationException(string.Join("; ", reading.Violations));
        return reading.IsComplete == (run.Failure is null);
    }

    private static bool IsLegalWhole(AnswerRun run)
    {
        if (run.Failure is not null) return run.Output.Length == 0;
        return JsonNode.Parse(run.Output)!["stop_reason"] is not null;
    }

    private static AnswerContext With(AnswerContext context, Dialect dialect) => new()
    {
        Model = context.Model,
        Dialect = dialect,
        Tools = context.Tools,
        UsedToolIds = context.UsedToolIds,
        ShowThinking = context.ShowThinking,
        OmitThinkingText = context.OmitThinkingText,
        SingleToolUse = context.SingleToolUse,
        OwnStopSequences = context.OwnStopSequences,
        MaxTokens = context.MaxTokens,
        SignatureKey = context.SignatureKey,
    };

    private static string Content(JsonObject message)
    {
        var content = message["content"]!.DeepClone().AsArray();
        foreach (var block in content.ToArray())
        {
            block!.AsObject().Remove("citations");

            // What a stream shows cut off, a message leaves out.
            if (block["_unparsed_input"] is not null) content.Remove(block);
        }

        return content.ToJsonString();
    }

    /// <summary>A fault on the way: bytes lost, doubled, moved or replaced.</summary>
    private sealed record Mutation(int Kind, double Where, double HowMuch, byte[] Garbage)
    {
        internal static Gen<Mutation[]> Several { get; } =
            Gen.Select(Gen.Int[0, 5], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Byte.Array[0, 6], static (kind, where, much, garbage) => new Mutation(kind, where, much, garbage)).Array[0, 3];

        internal byte[] Apply(byte[] bytes)
        {
            var at = (int)(Where * bytes.Length);
            var length = Math.Min((int)(HowMuch * HowMuch * 60), bytes.Length - at);
            return Kind switch
            {
                0 => [.. bytes[..at], .. bytes[(at + length)..]],
                1 => bytes[..at],
                2 => [.. bytes[..(at + length)], .. bytes[at..]],
                3 => [.. bytes[..at], .. Garbage, .. bytes[(at + length)..]],
                4 => MoveLine(bytes, at),
                _ => bytes,
            };
        }

        private static byte[] MoveLine(byte[] bytes, int at)
        {
            var start = bytes.AsSpan(0, at).LastIndexOf("\n\n"u8);
            var end = bytes.AsSpan(at).IndexOf("\n\n"u8);
            if (start < 0 || end < 0) return bytes;
            end += at + 2;
            start += 2;
            return start >= end ? bytes : [.. bytes[start..end], .. bytes[..start], .. bytes[end..]];
        }
    }
}
