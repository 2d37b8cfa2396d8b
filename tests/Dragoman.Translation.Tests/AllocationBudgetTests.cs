using System.Text.Json;
using Dragoman.Benchmarks;

namespace Dragoman.Translation.Tests;

/// <summary>What a translated event and a translated request may allocate (product.md section 7; bench/budgets.json).</summary>
public sealed class AllocationBudgetTests
{
    [Theory]
    [InlineData("text_event")]
    [InlineData("tool_fragment")]
    [InlineData("streamed_answer")]
    [InlineData("small_request")]
    [InlineData("agent_request")]
    [InlineData("large_request")]
    [InlineData("image_request")]
    public void Translating_allocates_no_more_than_its_budget(string work)
    {
        using var budgets = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "budgets.json")));
        var (allocated, budget) = (Measure(work), budgets.RootElement.GetProperty(work).GetDouble());
        Assert.True(allocated <= budget, $"{work}: {allocated} bytes of {budget}");
    }

    private static double Measure(string work) => work switch
    {
        "text_event" => Benchmarks.Allocations.PerEvent(TranslatorWork.Agent("bulk-50"), TranslatorWork.Agent("bulk-200")),
        "tool_fragment" => Benchmarks.Allocations.PerEvent(TranslatorWork.Agent("tool-15"), TranslatorWork.Agent("tool-215")),
        "streamed_answer" => OfAnswer(TranslatorWork.Agent("bulk-200")),
        "small_request" => OfRequest(TranslatorWork.Small()),
        "agent_request" => OfRequest(TranslatorWork.Agent("bulk-200")),
        "large_request" => OfRequest(TranslatorWork.Large()),
        _ => OfRequest(TranslatorWork.Image()),
    };

    private static double OfAnswer(TranslatorWork work) => Benchmarks.Allocations.Of(() => work.TranslateAnswer());

    private static double OfRequest(TranslatorWork work) => Benchmarks.Allocations.Of(() => work.TranslateRequest());
}
