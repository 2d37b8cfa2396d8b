using System.Collections.Concurrent;
using Dragoman.Configuration;

namespace Dragoman.Upstream;

/// <summary>The circuits of a backend's models, as long as the backend lives.</summary>
internal sealed partial class TargetCircuits(string backend, CircuitOptions options, TimeProvider time, ILogger log)
{
    // A caller may choose the model's name; without a bound odd ones could fill the memory.
    private const int MostModels = 1000;

    private readonly ConcurrentDictionary<string, TargetCircuit> _circuits = new(StringComparer.Ordinal);
    private volatile bool _isDown;

    /// <summary>The circuit of a model; the same one for all requests.</summary>
    public TargetCircuit Of(string model)
    {
        if (_circuits.TryGetValue(model, out var known)) return known;
        if (_circuits.Count >= MostModels) _circuits.Clear();
        return _circuits.GetOrAdd(model, Create);
    }

    /// <summary>The models whose circuit is open, for <c>/readyz</c>.</summary>
    public IEnumerable<string> Open => _circuits.Where(circuit => circuit.Value.IsOpen).Select(circuit => circuit.Key).Order(StringComparer.Ordinal);

    /// <summary>Takes in what a health question found out about the whole backend.</summary>
    public void IsDown(bool isDown)
    {
        if (_isDown == isDown) return;
        _isDown = isDown;
        if (isDown)
        {
            Down(log, backend);
            return;
        }

        Up(log, backend);
        foreach (var circuit in _circuits.Values) circuit.BackendIsUp();
    }

    private TargetCircuit Create(string model) => new(options, time, () => _isDown, isOpen => Changed(model, isOpen));

    private void Changed(string model, bool isOpen)
    {
        if (isOpen) Opened(log, backend, model, options.Open.TotalSeconds);
        else Closed(log, backend, model);
    }

    [LoggerMessage(EventId = 21, Level = LogLevel.Warning, Message = "Backend {Backend}, model {Model}: too many requests fail. Others come first for {Seconds} s.")]
    private static partial void Opened(ILogger log, string backend, string model, double seconds);

    [LoggerMessage(EventId = 22, Level = LogLevel.Information, Message = "Backend {Backend}, model {Model}: serves again.")]
    private static partial void Closed(ILogger log, string backend, string model);

    [LoggerMessage(EventId = 23, Level = LogLevel.Warning, Message = "Backend {Backend} does not answer health questions. Others come first until it does.")]
    private static partial void Down(ILogger log, string backend);

    [LoggerMessage(EventId = 24, Level = LogLevel.Information, Message = "Backend {Backend} answers health questions again.")]
    private static partial void Up(ILogger log, string backend);
}
