namespace Dragoman.TokenCounting;

/// <summary>Learns how far an estimate is from the truth: a fixed part (a template's own words) and a factor (another vocabulary).</summary>
/// <remarks>
/// A straight line fitted by weighted least squares, held near "the estimate is right" until observations say otherwise. One small
/// prompt so teaches the fixed part, one large prompt the factor, and neither spoils the other; a plain ratio learnt from "hi"
/// would be five times off on the next prompt. Old observations fade. A single absurd one (a backend that searched the web and counted
/// the pages) is bounded before it is believed. Safe for use by many threads.
/// </remarks>
internal sealed class Calibration
{
    /// <summary>How far the fixed part may be off before anything was seen, in tokens (standard deviation).</summary>
    private const double FixedDoubt = 150;

    /// <summary>How far the factor may be off before anything was seen (standard deviation).</summary>
    private const double FactorDoubt = 0.25;

    /// <summary>How much two prompts of one size differ: a share of the size, and never less than some tokens.</summary>
    private const double Noise = 0.02;
    private const double LeastNoise = 3;

    /// <summary>What an observation counts for when the next one comes: about twenty are remembered.</summary>
    private const double Fading = 0.95;

    private const double LowestFactor = 0.4;
    private const double HighestFactor = 2.5;

    private readonly Lock _lock = new();
    private double _weight, _weightX, _weightXX, _weightY, _weightXY;
    private Line _line = new(0, 1);

    private sealed record Line(double Fixed, double Factor);

    /// <summary>The estimate, corrected by what was learnt; whole tokens, rounded up, never below 1.</summary>
    public long Correct(double estimate)
    {
        var line = Volatile.Read(ref _line);
        return Math.Max(1, (long)Math.Ceiling(line.Fixed + line.Factor * estimate));
    }

    /// <summary>Takes in what a backend counted for a prompt that was estimated, before correction, at <paramref name="estimate"/>.</summary>
    public void Observe(double estimate, long tokens)
    {
        if (estimate <= 0 || tokens <= 0)
            return;
        lock (_lock)
        {
            var y = Math.Clamp(tokens, LowestFactor * estimate - 2 * FixedDoubt, HighestFactor * estimate + 4 * FixedDoubt);
            var noise = Math.Max(LeastNoise, Noise * estimate);
            var weight = 1 / (noise * noise);
            _weight = _weight * Fading + weight;
            _weightX = _weightX * Fading + weight * estimate;
            _weightXX = _weightXX * Fading + weight * estimate * estimate;
            _weightY = _weightY * Fading + weight * y;
            _weightXY = _weightXY * Fading + weight * estimate * y;
            Volatile.Write(ref _line, Fit());
        }
    }

    /// <summary>Minimum of the weighted squares plus the doubts' own: two equations in two unknowns.</summary>
    private Line Fit()
    {
        const double priorFixed = 1 / (FixedDoubt * FixedDoubt);
        const double priorFactor = 1 / (FactorDoubt * FactorDoubt);
        var a = _weight + priorFixed;
        var b = _weightX;
        var d = _weightXX + priorFactor;
        var v = _weightY;
        var w = _weightXY + priorFactor; // The prior's factor is 1.
        var determinant = a * d - b * b;
        var factor = Math.Clamp((a * w - b * v) / determinant, LowestFactor, HighestFactor);
        return new((v - b * factor) / a, factor);
    }
}
