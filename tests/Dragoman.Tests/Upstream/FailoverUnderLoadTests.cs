using System.Collections.Concurrent;
using System.Globalization;
using Dragoman.Configuration;
using Dragoman.Testing;

namespace Dragoman.Tests.Upstream;

/// <summary>Three backends behind one route, each in trouble of its own, while many call: <c>bench/failover</c> in short.</summary>
public sealed class FailoverUnderLoadTests
{
    private const int Callers = 12;
    private const int Turns = 25;

    // failures.md G2, G5, G13
    [Fact]
    public async Task Callers_notice_nothing_of_backends_that_die_refuse_or_stall()
    {
        var calls = 0;
        // The first one dies now and then, before its answer has begun, in every way there is.
        await using var dying = new ScriptedBackend(async call =>
        {
            var number = Interlocked.Increment(ref calls);
            if (number % 20 < 12)
            {
                await SayAsync(call);
                return;
            }

            if (number % 3 == 0) await call.BeginAsync();
            if (number % 2 == 0) call.Reset();
            else call.Close();
        });
        // The second one answers nobody at the first call.
        var seen = new ConcurrentDictionary<string, bool>();
        await using var busy = new ScriptedBackend(call => seen.TryAdd(WordOf(call), true)
            ? call.AnswerAsync("""{"error":{"message":"Rate limit reached"}}""", 429, ("retry-after-ms", "50"))
            : SayAsync(call));
        await using var stalling = new ScriptedBackend(call => call.CallerIsGone);
        BackendOptions[] backends = [dying.As("generic", "dying"), busy.As("generic", "busy"), stalling.As("generic", "stalling")];
        await using var gateway = await TestGateway.StartAsync(backends[0], options => options with
        {
            Backends = backends,
            Routes = [new() { Model = "claude-*", To = [.. backends.Select(backend => new ModelTargetOptions(backend.Name, "model-a"))] }],
            Retry = new() { Attempts = 10, Backoff = TimeSpan.FromMilliseconds(20) },
            Timeouts = options.Timeouts with { FirstEvent = TimeSpan.FromMilliseconds(500) },
            Circuit = new() { Open = TimeSpan.FromSeconds(1) },
        });

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            for (var turn = 0; turn < Turns; turn++)
            {
                var word = string.Create(CultureInfo.InvariantCulture, $"c{caller}t{turn}");
                var body = TestGateway.Request(stream: turn % 2 == 0).Replace("Hi", word, StringComparison.Ordinal);
                using var response = await gateway.PostAsync(body);
                var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
                Assert.True(response.IsSuccessStatusCode, System.Text.Encoding.UTF8.GetString(bytes));
                if (turn % 2 != 0)
                {
                    Assert.Equal($"{word} and {word}", (await response.JsonAsync()).GetProperty("content")[0].GetProperty("text").GetString());
                    continue;
                }

                var reading = StreamGrammar.Read(bytes);
                Assert.Empty(reading.Violations);
                Assert.True(reading.IsComplete);
                Assert.Equal($"{word} and {word}", reading.Text);
            }
        }));
    }

    private static string WordOf(ScriptedCall call)
    {
        const string before = "\"content\":\"";
        var text = call.Request.Text;
        var at = text.IndexOf(before, StringComparison.Ordinal) + before.Length;
        return text[at..text.IndexOf('"', at)];
    }

    private static Task SayAsync(ScriptedCall call)
    {
        var word = WordOf(call);
        return call.Request.Text.Contains("\"stream\":true", StringComparison.Ordinal)
            ? call.StreamAsync(Chunks.Role, Chunks.Text(word), Chunks.Text($" and {word}"), Chunks.Stop, Chunks.Usage)
            : call.AnswerAsync(Chunks.Whole($"{word} and {word}"));
    }
}
