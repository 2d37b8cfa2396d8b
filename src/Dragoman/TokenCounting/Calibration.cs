namespace Dragoman.TokenCounting;

/// <summary>Learns how far an estimate is from the truth: words that the backend adds, words that it adds beside tools, and a factor (another vocabulary).</summary>
/// <remarks>
/// A Kalman filter over these three numbers. Before anything was seen it holds the estimate for right, more or less; then each observation is
/// believed as far as it can tell: a small prompt teaches the added words, a large one the factor, and neither spoils the other.
/// (A plain ratio learnt from "hi" would be several times off on the next prompt.) What was learnt slowly becomes doubtful again, so that
/// a changed backend is followed. Safe for use by many threads.
/// </remarks>
internal sealed class Calibration
{
    /// <summary>How far each number may be off before anything was seen (standard deviation): tokens, tokens, and a share.</summary>
    private static readonly double[] Doubt = [20, 120, 0.2];

    /// <summary>How much two prompts of one size differ: a share of the size, and never less than some tokens.</summary>
    private const double Noise = 0.03;
    private const double LeastNoise = 4;

    /// <summary>How much of the first doubt comes back with each observation.</summary>
    private const double Drift = 0.01;

    /// <summary>Bounds of what is believed: a backend that read ten web pages to answer "hi" teaches nothing about prompts.</summary>
    private const double LowestFactor = 0.4;
    private const double HighestFactor = 2.5;
    private const double MostAdded = 1000;

    private readonly Lock _lock = new();
    private readonly double[,] _covariance = new double[3, 3];
    private Learnt _learnt = new(0, 0, 1);

    public Calibration()
    {
        for (var i = 0; i < 3; i++)
            _covariance[i, i] = Doubt[i] * Doubt[i];
    }

    private sealed record Learnt(double Added, double AddedWithTools, double Factor);

    /// <summary>The estimate, corrected by what was learnt; whole tokens, rounded up, never below 1.</summary>
    public long Correct(double estimate, bool tools)
    {
        var learnt = Volatile.Read(ref _learnt);
        var factor = Math.Clamp(learnt.Factor, LowestFactor, HighestFactor);
        return Math.Max(1, (long)Math.Ceiling(learnt.Added + (tools ? learnt.AddedWithTools : 0) + factor * estimate));
    }

    /// <summary>Takes in what a backend counted for a prompt that was estimated, before correction, at <paramref name="estimate"/>.</summary>
    public void Observe(double estimate, bool tools, long tokens)
    {
        if (estimate <= 0 || tokens <= 0)
            return;
        ReadOnlySpan<double> prompt = [1, tools ? 1 : 0, estimate];
        var noise = Math.Max(LeastNoise, Noise * estimate);
        var counted = Math.Clamp(tokens, LowestFactor * estimate, HighestFactor * estimate + MostAdded);
        lock (_lock)
        {
            // What is told apart by this prompt: covariance x prompt, and how uncertain its count was.
            Span<double> told = stackalloc double[3];
            var variance = noise * noise;
            for (var i = 0; i < 3; i++)
            {
                _covariance[i, i] += Drift * Doubt[i] * Doubt[i];
                for (var j = 0; j < 3; j++)
                    told[i] += _covariance[i, j] * prompt[j];
                variance += prompt[i] * told[i];
            }

            var surprise = (counted - (_learnt.Added + prompt[1] * _learnt.AddedWithTools + _learnt.Factor * estimate)) / variance;
            Volatile.Write(ref _learnt, new(
                _learnt.Added + told[0] * surprise, _learnt.AddedWithTools + told[1] * surprise, _learnt.Factor + told[2] * surprise));
            for (var i = 0; i < 3; i++)
                for (var j = 0; j < 3; j++)
                    _covariance[i, j] -= told[i] * told[j] / variance;
        }
    }
}
