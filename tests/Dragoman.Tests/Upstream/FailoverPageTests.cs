using System.Text.RegularExpressions;
using Dragoman.Configuration;
using Dragoman.Testing;
using Dragoman.Tests.Configuration;
using Dragoman.Upstream;

namespace Dragoman.Tests.Upstream;

/// <summary>What docs/failover.md says is true.</summary>
public sealed partial class FailoverPageTests
{
    private static string Page => File.ReadAllText(Path.Combine(Repository.Root, "docs", "failover.md"));

    [Fact]
    public void The_example_can_be_loaded()
    {
        var reading = WrittenFile.Read(Example().Match(Page).Groups[1].Value, ("ANTHROPIC_API_KEY", "sk-ant"));

        Assert.Empty(reading.Faults);
        Assert.Equal((4, TimeSpan.FromSeconds(30), "/health"), (reading.Options.Retry.Attempts, reading.Options.Circuit.Open, reading.Options.Backends[0].Health?.Path));
        // What the page warns of: a target that is given up after the deadline has no successor.
        Assert.True(reading.Options.Timeouts.FirstEvent < reading.Options.Retry.Deadline);
    }

    [Theory]
    [InlineData(AttemptOutcomes.Unreachable)]
    [InlineData(AttemptOutcomes.Silent)]
    [InlineData(AttemptOutcomes.BrokenOff)]
    [InlineData(AttemptOutcomes.Error)]
    [InlineData(AttemptOutcomes.Stopped)]
    [InlineData(Dragoman.Telemetry.TelemetryNames.UpstreamAttempts)]
    [InlineData(Dragoman.Streaming.AnswerHeaders.Attempts)]
    public void Its_names_are_the_programs(string name) => Assert.Contains(name, Page, StringComparison.Ordinal);

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
