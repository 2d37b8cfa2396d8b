using System.Globalization;
using System.Text.Json;

namespace Dragoman.Benchmarks;

/// <summary>Compares what the translators allocate with what bench/budgets.json allows.</summary>
internal static class AllocationReport
{
    /// <returns>The exit status: 0 when every figure is within its budget.</returns>
    public static int Print(string budgetFile)
    {
        using var budgets = JsonDocument.Parse(File.ReadAllBytes(budgetFile));
        var isWithin = true;
        void Compare(string name, double bytes)
        {
            var budget = budgets.RootElement.GetProperty(name).GetDouble();
            isWithin &= bytes <= budget;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-36}{bytes,10:f1} of {budget,8:f0} bytes{(bytes > budget ? "  OVER" : "")}"));
        }

        var agent = TranslatorWork.Agent("bulk-200");
        Compare("text_event", Allocations.PerEvent(TranslatorWork.Agent("bulk-50"), agent));
        Compare("tool_fragment", Allocations.PerEvent(TranslatorWork.Agent("tool-15"), TranslatorWork.Agent("tool-215")));
        Compare("streamed_answer", Allocations.Of(() => agent.TranslateAnswer()));
        foreach (var (name, work) in new (string, TranslatorWork)[]
        {
            ("small_request", TranslatorWork.Small()), ("agent_request", agent),
            ("large_request", TranslatorWork.Large()), ("image_request", TranslatorWork.Image()),
        })
        {
            Compare(name, Allocations.Of(() => work.TranslateRequest()));
        }
        return isWithin ? 0 : 1;
    }
}
