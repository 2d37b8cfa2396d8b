using System.Globalization;
using System.Text;
using System.Text.Json;
using Dragoman.Testing;
using Dragoman.TokenCounting;
using Dragoman.Translation.ChatCompletions;
using Microsoft.Extensions.Caching.Memory;

namespace Dragoman.Tests.TokenCounting;

/// <summary>How near the estimates come to what real backends counted. (failures.md F2, F3)</summary>
public sealed class EstimateAccuracyTests(ITestOutputHelper output)
{
    /// <summary>Backends that put a prompt of their own, search results or pages around the caller's: no count of the request can know them.</summary>
    private static readonly string[] AddingPrompts = ["venice", "groq groq/compound", "openrouter openai/gpt-5.2", "openrouter x-ai/grok-4", "openrouter qwen/qwen3-4b"];

    private sealed record Recording(string Vendor, string Model, long Counted, PromptTokens Tokens, PromptSize Size)
    {
        public string Name => $"{Vendor} {Model}";
    }

    private sealed record Estimates(Recording Recording, long BySize, long ByTokens)
    {
        public double SizeError => Error(BySize);

        public double TokenError => Error(ByTokens);

        /// <summary>Prompts of a few words are a matter of single tokens: below 100 the error is told in hundredths of a token.</summary>
        private double Error(long estimate) => (estimate - Recording.Counted) / Math.Max(100.0, Recording.Counted);
    }

    [Fact]
    public void Estimates_start_near_what_backends_count_and_one_answer_brings_them_mostly_within_a_tenth()
    {
        var recordings = Recordings().Where(r => !AddingPrompts.Any(a => r.Name.Contains(a, StringComparison.Ordinal))).ToList();
        Assert.NotEmpty(recordings);

        var first = recordings.ConvertAll(r => Estimate(new(r.Model), r));
        var later = new List<Estimates>();
        foreach (var group in recordings.GroupBy(r => r.Name))
        {
            var estimator = new PromptEstimator(group.First().Model);
            foreach (var recording in group)
            {
                if (recording != group.First())
                    later.Add(Estimate(estimator, recording));
                estimator.Observe(recording.Size, recording.Counted);
                estimator.Observe(recording.Tokens, recording.Counted);
            }
        }

        Report("before anything was seen, by tokens", first, e => e.TokenError);
        Report("before anything was seen, by size", first, e => e.SizeError);
        Report("after the first answer, by tokens", later, e => e.TokenError);
        Report("after the first answer, by size", later, e => e.SizeError);

        Assert.True(Quantile(first, e => e.TokenError, 0.5) < 0.05);
        Assert.True(Quantile(first, e => e.TokenError, 0.9) < 0.25);
        Assert.True(Quantile(later, e => e.TokenError, 0.5) < 0.03);
        Assert.True(Quantile(later, e => e.TokenError, 0.9) < 0.20);
        Assert.True(Quantile(first, e => e.SizeError, 0.5) < 0.15);
        Assert.True(Quantile(later, e => e.SizeError, 0.5) < 0.06);
    }

    private static Estimates Estimate(PromptEstimator estimator, Recording recording) =>
        new(recording, estimator.Estimate(recording.Size), estimator.Estimate(recording.Tokens, 0));

    private void Report(string title, List<Estimates> estimates, Func<Estimates, double> error)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{title}: {estimates.Count} prompts, median {Quantile(estimates, error, 0.5):P1}, p90 {Quantile(estimates, error, 0.9):P1}, within 10 % {(double)estimates.Count(e => Math.Abs(error(e)) <= 0.1) / estimates.Count:P0}"));
        foreach (var vendor in estimates.GroupBy(e => e.Recording.Vendor))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {vendor.Key,-24} {vendor.Count(),3}  median {Quantile([.. vendor], error, 0.5),7:P1}  p90 {Quantile([.. vendor], error, 0.9),7:P1}"));
        foreach (var worst in estimates.OrderByDescending(e => Math.Abs(error(e))).Take(5))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  worst: {worst.Recording.Name}, counted {worst.Recording.Counted}, error {error(worst):P1}"));
    }

    private static double Quantile(List<Estimates> estimates, Func<Estimates, double> error, double quantile)
    {
        var errors = estimates.Select(e => Math.Abs(error(e))).Order().ToList();
        return errors[(int)(quantile * (errors.Count - 1))];
    }

    /// <summary>Recordings whose request is known whole: none with images, sound or files, whose base64 was cut out.</summary>
    private static IEnumerable<Recording> Recordings()
    {
        using var cache = new MemoryCache(new MemoryCacheOptions());
        var meter = new PromptMeter(new TextTokenizer(), cache);
        foreach (var path in Directory.EnumerateFiles(SharedData.Require("corpus/openai"), "*.meta.json").Order(StringComparer.Ordinal))
        {
            using var meta = JsonDocument.Parse(File.ReadAllBytes(path));
            using var expect = JsonDocument.Parse(File.ReadAllBytes(path.Replace(".meta.json", ".expect.json", StringComparison.Ordinal)));
            if (!meta.RootElement.TryGetProperty("request", out var request) || request.ValueKind is not JsonValueKind.Object
                || !expect.RootElement.TryGetProperty("usage", out var usage) || usage.ValueKind is not JsonValueKind.Object
                || !usage.TryGetProperty("prompt", out var counted) || !counted.TryGetInt64(out var tokens) || tokens == 0)
                continue;
            var text = request.GetRawText();
            if (text.Contains("base64", StringComparison.Ordinal) || text.Contains("image", StringComparison.Ordinal)
                || text.Contains("audio", StringComparison.Ordinal) || text.Contains("\"functions\"", StringComparison.Ordinal))
                continue;
            var chat = Compact(request);
            yield return new(meta.RootElement.GetProperty("vendor").GetString()!, meta.RootElement.GetProperty("model").GetString()!, tokens,
                meter.Measure(chat, TestContext.Current.CancellationToken), Size(chat));
        }
    }

    /// <summary>As our translator would write it: without blanks or needless escapes.</summary>
    private static byte[] Compact(JsonElement request)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            request.WriteTo(json);
        return stream.ToArray();
    }

    private static PromptSize Size(byte[] chat)
    {
        using var request = JsonDocument.Parse(chat);
        var root = request.RootElement;
        long bytes = 0;
        var tools = 0;
        foreach (var message in root.GetProperty("messages").EnumerateArray())
            foreach (var property in message.EnumerateObject())
                if (property.NameEquals("content") || property.NameEquals("tool_calls"))
                    bytes += property.Value.ValueKind is JsonValueKind.String
                        ? Encoding.UTF8.GetByteCount(property.Value.GetString()!)
                        : Encoding.UTF8.GetByteCount(property.Value.GetRawText());
        if (root.TryGetProperty("tools", out var list) && list.ValueKind is JsonValueKind.Array)
        {
            tools = list.GetArrayLength();
            bytes += Encoding.UTF8.GetByteCount(list.GetRawText());
        }
        return new(bytes, 0, root.GetProperty("messages").GetArrayLength(), tools);
    }
}
