using Dragoman.Upstream;

namespace Dragoman.Routing;

/// <summary>What a request is sent to: a backend, and a model of it.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Model">The model's name as the backend knows it.</param>
/// <param name="Listed">What the backend says of the model; null if it lists no such model.</param>
internal sealed record ModelTarget(Backend Backend, string Model, ListedModel? Listed)
{
    /// <summary>Whether it can be relied on just now.</summary>
    public TargetCircuit Circuit { get; } = Backend.Circuits.Of(Model);
}
