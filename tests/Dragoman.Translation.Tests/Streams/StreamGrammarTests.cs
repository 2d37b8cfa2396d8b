using Dragoman.Testing;

namespace Dragoman.Translation.Tests.Streams;

public sealed class StreamGrammarTests
{
    [Fact]
    public void Every_recorded_stream_of_the_real_service_is_legal()
    {
        var folder = SharedData.Require("corpus/anthropic");
        var checkedStreams = 0;
        foreach (var file in Directory.EnumerateFiles(folder, "*.sse"))
        {
            var reading = StreamGrammar.Read(File.ReadAllBytes(file), isOurs: false);
            Assert.True(reading.Violations.Count == 0, $"{Path.GetFileName(file)}: {string.Join("; ", reading.Violations)}");
            checkedStreams++;
        }

        Assert.True(checkedStreams > 40);
    }
}
