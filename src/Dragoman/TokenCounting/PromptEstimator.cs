using Dragoman.Translation.ChatCompletions;

namespace Dragoman.TokenCounting;

/// <summary>What is known of the prompt tokens of one backend and model: the family's start, corrected by the usage the backend reports. (failures.md E1, F3)</summary>
public sealed class PromptEstimator
{
    /// <summary>Images cost what each vendor pleases: a prompt that is to more than this share images teaches nothing.</summary>
    private const double MostImages = 0.1;

    private const int FirstSamples = 8;
    private const int SampleEvery = 256;

    private readonly ModelFamily _family;
    private readonly Calibration _bySize = new();
    private readonly Calibration _byTokens = new();
    private int _sampleRequests;

    /// <param name="model">The model's name as the backend knows it.</param>
    public PromptEstimator(string model)
    {
        _family = ModelFamily.Of(model);
        EstimateTokens = size => Estimate(size);
    }

    /// <summary><see cref="Estimate(in PromptSize)"/> as <see cref="TranslationTarget.EstimateTokens"/> wants it; one delegate for all requests.</summary>
    public Func<PromptSize, long> EstimateTokens { get; }

    /// <summary>Tokens of a prompt of that size. Costs nothing: no tokenizer runs.</summary>
    public long Estimate(in PromptSize size) => _bySize.Correct(_family.Estimate(size), size.Tools > 0) + size.ImageTokens;

    /// <summary>Takes in what the backend counted.</summary>
    /// <param name="size">The prompt's size, as its translation told.</param>
    /// <param name="promptTokens">The backend's count of the whole prompt, cached tokens included; 0 or less if it told nothing.</param>
    public void Observe(in PromptSize size, long promptTokens)
    {
        if (size.ImageTokens <= MostImages * promptTokens)
            _bySize.Observe(_family.Estimate(size), size.Tools > 0, promptTokens - size.ImageTokens);
    }

    /// <summary>Tokens of a prompt that was measured with our vocabulary.</summary>
    internal long Estimate(in PromptTokens prompt, long imageTokens) =>
        _byTokens.Correct(_family.Estimate(prompt), prompt.Tools > 0) + imageTokens;

    /// <summary>Takes in what the backend counted for a prompt that was measured with our vocabulary.</summary>
    internal void Observe(in PromptTokens prompt, long promptTokens) =>
        _byTokens.Observe(_family.Estimate(prompt), prompt.Tools > 0, promptTokens);

    /// <summary>Whether this request should be measured to learn from: the first few, then one in a while.</summary>
    internal bool TakesSample()
    {
        var request = Interlocked.Increment(ref _sampleRequests);
        return request <= FirstSamples || request % SampleEvery == 0;
    }
}
