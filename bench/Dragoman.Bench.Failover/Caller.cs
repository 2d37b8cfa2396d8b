using System.Diagnostics;
using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

namespace Dragoman.Bench.Failover;

/// <summary>One caller: asks for a text that nobody else asks for, again and again, and compares what comes.</summary>
internal sealed class Caller(int number, HttpClient http, Tally tally)
{
    private const int Words = 60;

    public async Task CallUntilAsync(CancellationToken end)
    {
        for (var turn = 0; !end.IsCancellationRequested; turn++) await CallAsync(turn);
    }

    private async Task CallAsync(int turn)
    {
        var text = string.Join(' ', Enumerable.Range(0, Words).Select(word => string.Create(CultureInfo.InvariantCulture, $"c{number}t{turn}w{word}")));
        var stream = turn % 4 != 3;
        var started = Stopwatch.GetTimestamp();
        var phase = tally.Phase;
        var got = new StringBuilder();
        var attempts = 1;
        string? error = null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new StringContent(Body(text, stream), Encoding.UTF8, "application/json") };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (response.Headers.TryGetValues("x-dragoman-attempts", out var values)) attempts = int.Parse(values.First().Split(';')[0], CultureInfo.InvariantCulture);
            await using var body = await response.Content.ReadAsStreamAsync();
            if (!response.IsSuccessStatusCode) error = await new StreamReader(body).ReadToEndAsync();
            else if (stream) error = await ReadStreamAsync(body, got);
            else error = await ReadWholeAsync(body, got);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or OperationCanceledException)
        {
            error = $"{e.GetType().Name}: {e.Message}";
        }

        tally.Add(new(phase, Stopwatch.GetElapsedTime(started), attempts, Judge(text, got.ToString(), error), error));
    }

    private static Verdict Judge(string wanted, string got, string? error)
    {
        if (!wanted.StartsWith(got, StringComparison.Ordinal)) return Verdict.Wrong;
        if (error is not null) return got.Length > 0 ? Verdict.BrokenOff : Verdict.Failed;
        return got == wanted ? Verdict.Complete : Verdict.Wrong;
    }

    private static async Task<string?> ReadStreamAsync(Stream body, StringBuilder got)
    {
        await foreach (var next in SseParser.Create(body).EnumerateAsync())
        {
            if (next.EventType == "error") return next.Data;
            if (next.EventType == "message_stop") return null;
            if (next.EventType != "content_block_delta") continue;
            using var json = JsonDocument.Parse(next.Data);
            got.Append(json.RootElement.GetProperty("delta").GetProperty("text").GetString());
        }

        return "the stream ended without message_stop";
    }

    private static async Task<string?> ReadWholeAsync(Stream body, StringBuilder got)
    {
        using var json = await JsonDocument.ParseAsync(body);
        foreach (var block in json.RootElement.GetProperty("content").EnumerateArray()) got.Append(block.GetProperty("text").GetString());
        return null;
    }

    private static string Body(string text, bool stream) =>
        $$"""{"model":"claude-bench","max_tokens":4096,"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"[[text {{text}}]]"}]}""";
}
