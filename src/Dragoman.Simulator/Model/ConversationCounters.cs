using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Model;

/// <summary>Counts how often a conversation has met the same trouble, for the few scripts that cannot tell it from the request
/// ("429 first, then an answer"). Forgets everything rather than growing without bound.</summary>
internal sealed class ConversationCounters
{
    private const int MaxConversations = 10_000;
    private readonly ConcurrentDictionary<(ulong Conversation, string What), int> _counts = new();

    /// <summary>How often this was asked before for the same messages.</summary>
    public int Next(ChatRequest request, string what)
    {
        if (_counts.Count >= MaxConversations) _counts.Clear();
        return _counts.AddOrUpdate((HashOf(request), what), 0, (_, count) => count + 1);
    }

    private static ulong HashOf(ChatRequest request)
    {
        var hash = 14695981039346656037UL;
        foreach (var message in request.Messages)
        {
            foreach (var unit in MemoryMarshal.AsBytes(message.Text.AsSpan())) hash = (hash ^ unit) * 1099511628211UL;
            hash = (hash ^ 0xFF) * 1099511628211UL;
        }

        return hash;
    }
}
