using System.Buffers.Binary;
using System.IO.Hashing;

namespace Dragoman.Routing;

/// <summary>One target that could serve a request.</summary>
/// <param name="Target">The target.</param>
/// <param name="Row">Its line in the route.</param>
/// <param name="Share">The part of its usual requests that it should get just now: <see cref="Upstream.TargetCircuit.Share"/>.</param>
internal readonly record struct TargetCandidate(ModelTarget Target, RouteTarget Row, double Share = 1);

/// <summary>The order in which targets are tried: by priority, and within one by weighted rendezvous hashing.</summary>
/// <remarks>
/// Each target draws a number from the session's key and its own name, and the weights bend the draw so that each wins its share of the
/// sessions. So a session keeps its target, on every replica; and when a target goes or comes, only the sessions move that it had or gets.
/// A target of weight 0 comes after all that have some, and one that should be left alone after everything. One that recovers gets its
/// sessions back little by little.
/// </remarks>
internal static class TargetOrder
{
    private enum Rank { Serves, Spare, LeftAlone }

    private readonly record struct Place(ModelTarget Target, Rank Rank, int Priority, double Score);

    /// <summary>Arranges the targets.</summary>
    /// <param name="candidates">All that can serve.</param>
    /// <param name="session">Hash of the session's key.</param>
    public static IReadOnlyList<ModelTarget> Arrange(List<TargetCandidate> candidates, ulong session)
    {
        var places = new Place[candidates.Count];
        for (var i = 0; i < places.Length; i++)
        {
            var (target, row, share) = candidates[i];
            var rank = share <= 0 ? Rank.LeftAlone : row.Weight == 0 ? Rank.Spare : Rank.Serves;
            var weight = rank == Rank.Serves ? row.Weight * share : Math.Max(row.Weight, 1);
            places[i] = new(target, rank, row.Priority, Score(session, row.Identity, weight));
        }

        Array.Sort(places, Compare);
        return Array.ConvertAll(places, place => place.Target);
    }

    private static int Compare(Place one, Place other)
    {
        if (one.Rank != other.Rank) return one.Rank.CompareTo(other.Rank);
        return one.Priority != other.Priority ? one.Priority.CompareTo(other.Priority) : other.Score.CompareTo(one.Score);
    }

    private static double Score(ulong session, ulong target, double weight)
    {
        Span<byte> pair = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(pair, session);
        BinaryPrimitives.WriteUInt64LittleEndian(pair[8..], target);
        // 53 bits, and never 0 or 1: an even draw between them.
        var draw = ((XxHash3.HashToUInt64(pair) >> 11) + 0.5) / (1UL << 53);
        return weight / -Math.Log(draw);
    }
}
