namespace Dragoman.Simulator.Replies;

/// <summary>What a backend does next on an open connection.</summary>
internal abstract record Step
{
    /// <summary>Sends bytes, in a write and an HTTP chunk of their own. <paramref name="Paced"/>: the options' pace is kept after it.</summary>
    public sealed record Send(ReadOnlyMemory<byte> Bytes, bool Paced = false) : Step;

    /// <summary>Sends status and headers alone.</summary>
    public sealed record SendHeaders : Step;

    /// <summary>Does nothing for a while.</summary>
    public sealed record Wait(TimeSpan Time) : Step;

    /// <summary>Says nothing more, and waits for the caller to give up.</summary>
    public sealed record Silence : Step;

    /// <summary>Sends the same bytes again and again until the caller gives up.</summary>
    public sealed record Forever(ReadOnlyMemory<byte> Bytes, TimeSpan Every) : Step;

    /// <summary>Sends each of the items on a fixed beat that does not drift, however long a send takes.</summary>
    public sealed record Beat(IReadOnlyList<ReadOnlyMemory<byte>> Items, TimeSpan Every) : Step;

    /// <summary>Breaks the connection with a TCP reset.</summary>
    public sealed record Reset : Step;

    /// <summary>Closes the sending side in the middle of the body: TCP FIN without the last HTTP chunk.</summary>
    public sealed record HangUp : Step;
}
