using Dragoman.Configuration;
using Dragoman.Documents;
using Dragoman.Routing;
using Dragoman.TokenCounting;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>What every exchange with a backend needs.</summary>
internal sealed partial class UpstreamServices(GatewayOptions options, TokenCounter counter, PdfText pdf, ILoggerFactory logs, TimeProvider time, ServerToolOffer serverTools)
{
    private readonly ILogger _log = logs.CreateLogger("Dragoman.Upstream");

    /// <summary>How much is taken.</summary>
    public LimitOptions Limits => options.Limits;

    /// <summary>Longest wait for a backend's own count of a prompt.</summary>
    public TimeSpan CountTimeout => options.TokenCounting.BackendTimeout;

    /// <summary>How often and how long a request is tried.</summary>
    public RetryOptions Retry => options.Retry;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>The target in the translator's terms.</summary>
    public TranslationTarget TargetOf(ModelTarget target, string? sessionKey) => new()
    {
        Backend = target.Backend.Name,
        Model = target.Model,
        Dialect = DialectOf(target),
        ContextWindow = options.Dialect.ContextWindow ?? target.Listed?.ContextWindow,
        EstimateTokens = EstimatorOf(target).EstimateTokens,
        ExtractPdfText = pdf.Extract,
        SignatureKey = target.Backend.SignatureKey,
        SessionKey = sessionKey,
        ServerTools = serverTools,
    };

    /// <summary>Counts prompts, and learns from what backends count.</summary>
    public TokenCounter Counter => counter;

    /// <summary>What is known of the prompts of that backend and model.</summary>
    public PromptEstimator EstimatorOf(ModelTarget target) => counter.Estimator(target.Backend.Name, target.Model);

    /// <summary>Writes a lesson to the log; called once for each.</summary>
    public void Learned(string backend, string model, string what) => Learned(_log, backend, model, what);

    private static Dialect DialectOf(ModelTarget target)
    {
        var dialect = target.Backend.Dialects.For(target.Model);
        return dialect.MaxOutputTokens is null && target.Listed?.MaxOutputTokens is { } most ? dialect with { MaxOutputTokens = most } : dialect;
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Warning, Message = "Backend {Backend}, model {Model}: {What}. Requests are fitted to that from now on.")]
    private static partial void Learned(ILogger log, string backend, string model, string what);
}
