using Dragoman.Translation.Tests.Streams;

namespace Dragoman.Translation.Tests.Golden;

public sealed class GoldenAnswerTests
{
    public static IEnumerable<TheoryDataRow<string>> Streams() => GoldenCase.Names("stream");

    public static IEnumerable<TheoryDataRow<string>> Wholes() => GoldenCase.Names("whole");

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_streamed_answer_reaches_the_client_as_the_golden_file_says(string name)
    {
        var golden = GoldenCase.Read("stream", name);
        var run = AnswerRun.Stream(golden.Upstream, golden.Context());
        if (run.HasStarted) Assert.Empty(run.Reading.Violations);
        golden.Check(golden.Show(run, isStream: true));
    }

    [Theory]
    [MemberData(nameof(Wholes))]
    public void A_whole_answer_reaches_the_client_as_the_golden_file_says(string name)
    {
        var golden = GoldenCase.Read("whole", name);
        var run = AnswerRun.Whole(golden.Upstream, golden.Context());
        golden.Check(golden.Show(run, isStream: false));
    }
}
