using Dragoman.Upstream;

namespace Dragoman.Routing;

/// <summary>What a request is sent to: a backend, and a model of it.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Model">The model's name as the backend knows it.</param>
/// <param name="Listed">What the backend says of the model; null if it lists no such model.</param>
internal sealed record ModelTarget(Backend Backend, string Model, ListedModel? Listed)
{
    private TargetCircuit? _circuit;

    /// <summary>Whether it can be relied on just now.</summary>
    /// <remarks>Looked up when asked for: a list of models makes a target of each name, and none of them is called.</remarks>
    public TargetCircuit Circuit => _circuit ??= Backend.Circuits.Of(Model);
}
