using Dragoman.TokenCounting;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Tests.TokenCounting;

/// <summary>Learning from reported usage. (failures.md F3)</summary>
public sealed class CalibrationTests
{
    [Fact]
    public void One_large_answer_teaches_the_vocabulary()
    {
        var calibration = new Calibration();

        calibration.Observe(100_000, tools: true, 140_000);

        Assert.InRange(calibration.Correct(50_000, tools: true), 67_000, 73_000);
        Assert.InRange(calibration.Correct(200_000, tools: false), 270_000, 290_000);
    }

    [Fact]
    public void A_small_prompt_does_not_spoil_the_estimate_of_a_large_one()
    {
        var calibration = new Calibration();

        calibration.Observe(10, tools: false, 50);

        Assert.InRange(calibration.Correct(10, tools: false), 40, 51);
        Assert.InRange(calibration.Correct(100_000, tools: false), 95_000, 110_000);
    }

    [Fact]
    public void Words_added_beside_tools_are_not_expected_without_tools()
    {
        var calibration = new Calibration();

        calibration.Observe(300, tools: true, 520);

        Assert.InRange(calibration.Correct(300, tools: true), 490, 530);
        Assert.InRange(calibration.Correct(20, tools: false), 20, 45);
    }

    [Fact]
    public void A_backend_that_counts_pages_it_read_by_itself_is_believed_within_bounds()
    {
        var calibration = new Calibration();

        calibration.Observe(20, tools: false, 5_000_000);

        Assert.InRange(calibration.Correct(20, tools: false), 1, 1100);
        Assert.InRange(calibration.Correct(100_000, tools: false), 40_000, 251_000);
    }

    [Fact]
    public void A_changed_backend_is_followed()
    {
        var calibration = new Calibration();
        for (var i = 0; i < 200; i++)
            calibration.Observe(20_000 + 100 * i, tools: true, 20_000 + 100 * i);

        for (var i = 0; i < 40; i++)
            calibration.Observe(20_000 + 500 * i, tools: true, (long)(1.5 * (20_000 + 500 * i)));

        Assert.InRange(calibration.Correct(30_000, tools: true), 42_000, 46_500);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void An_answer_without_usage_teaches_nothing(long tokens)
    {
        var calibration = new Calibration();

        calibration.Observe(1000, tools: true, tokens);

        Assert.Equal(1000, calibration.Correct(1000, tools: true));
    }

    // failures.md E9
    [Fact]
    public void Images_are_added_and_never_learnt_from()
    {
        var estimator = new PromptEstimator("gpt-4o");
        var text = new PromptSize(40_000, 0, 2, 0);
        var before = estimator.Estimate(text);

        estimator.Observe(text with { ImageTokens = 4800 }, 30_000);

        Assert.Equal(before, estimator.Estimate(text));
        Assert.Equal(before + 4800, estimator.Estimate(text with { ImageTokens = 4800 }));
    }

    [Fact]
    public void The_delegate_for_the_translator_learns_too()
    {
        var estimator = new PromptEstimator("some-model");
        var size = new PromptSize(400_000, 0, 20, 12);

        estimator.Observe(size, 150_000);

        Assert.InRange(estimator.EstimateTokens(size), 145_000, 155_000);
    }
}
