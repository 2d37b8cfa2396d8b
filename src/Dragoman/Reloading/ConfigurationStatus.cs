using Dragoman.Configuration;

namespace Dragoman.Reloading;

/// <summary>An edit that was not taken over.</summary>
/// <param name="At">When it was seen.</param>
/// <param name="Faults">All that is wrong with it.</param>
internal sealed record RefusedEdit(DateTimeOffset At, IReadOnlyList<ConfigurationFault> Faults);

/// <summary>What became of the configuration, for <c>/readyz</c>.</summary>
internal sealed class ConfigurationStatus(TimeProvider time)
{
    private volatile State _state = new(time.GetUtcNow(), null);

    private sealed record State(DateTimeOffset LoadedAt, RefusedEdit? Refused);

    /// <summary>Since when the configuration in force is in force.</summary>
    public DateTimeOffset LoadedAt => _state.LoadedAt;

    /// <summary>The last edit, if it could not be taken over.</summary>
    public RefusedEdit? LastFault => _state.Refused;

    /// <summary>Another configuration is in force.</summary>
    public void Loaded() => _state = new(time.GetUtcNow(), null);

    /// <summary>An edit was not taken over.</summary>
    public void Refused(IReadOnlyList<ConfigurationFault> faults) => _state = _state with { Refused = new(time.GetUtcNow(), faults) };
}
