using BenchmarkDotNet.Attributes;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Benchmarks;

/// <summary>Per request: its body parsed and translated.</summary>
[MemoryDiagnoser]
public class RequestBenchmarks
{
    private TranslatorWork _work = null!;

    [Params("small", "40 KB", "1 MB", "5 MB image")]
    public string Request { get; set; } = "";

    [GlobalSetup]
    public void Prepare() => _work = Request switch
    {
        "small" => TranslatorWork.Small(),
        "40 KB" => TranslatorWork.Agent("bulk-50"),
        "1 MB" => TranslatorWork.Large(),
        _ => TranslatorWork.Image(),
    };

    [Benchmark]
    public AnswerContext Translate() => _work.TranslateRequest();
}

/// <summary>Per event of a streamed answer: read, translated, written.</summary>
[MemoryDiagnoser]
public class StreamBenchmarks
{
    private readonly TranslatorWork _text = TranslatorWork.Agent("bulk-200");
    private readonly TranslatorWork _tool = TranslatorWork.Agent("tool-215");

    [Benchmark(OperationsPerInvoke = 200)]
    public int TextEvent() => _text.TranslateAnswer();

    [Benchmark(OperationsPerInvoke = 215)]
    public int ToolFragment() => _tool.TranslateAnswer();
}

/// <summary>A whole answer.</summary>
[MemoryDiagnoser]
public class AnswerBenchmarks
{
    private readonly TranslatorWork _work = TranslatorWork.Small();

    [Benchmark]
    public int Translate() => _work.TranslateAnswer();
}
