namespace Dragoman.Fuzz;

/// <summary>Something that takes any bytes.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Feeds <paramref name="input"/>; throws if anything happened that must not.</summary>
    public abstract void Run(ReadOnlySpan<byte> input);

    /// <summary>How many inputs came through whole: a run in which nearly none did has only tried the door.</summary>
    public long Taken { get; protected set; }

    /// <summary>Whether a file of a corpus folder is a seed for this target.</summary>
    public abstract bool IsSeed(string path);

    public static FuzzTarget? Named(string name) => name switch
    {
        "json" => new JsonTarget(),
        "request" => new RequestTarget(),
        "answer" => new AnswerTarget(),
        "relay" => new RelayTarget(),
        _ => null,
    };
}

/// <summary>A promise that was broken.</summary>
internal sealed class BrokenPromiseException(string promise) : Exception(promise);
