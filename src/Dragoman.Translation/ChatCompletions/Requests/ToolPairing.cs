using System.Buffers;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Which tool result answers which tool use, in one pass over the conversation.</summary>
/// <remarks>Ids can repeat within a conversation (backends that call every first call <c>call_0</c>): a result answers the earliest
/// open call of its id in the newest message that has one. Linear in the size of the conversation, whatever the ids.</remarks>
internal sealed class ToolPairing(JsonText request) : IDisposable
{
    private const int None = -1;

    private readonly PooledList<Call> _calls = new(32);
    private readonly PooledList<int> _callOfResult = new(32);
    private readonly PooledList<Id> _ids = new(32);
    private int[] _buckets = ArrayPool<int>.Shared.Rent(64);
    private int _bucketCount;

    /// <summary>A <c>tool_use</c>, in order.</summary>
    public void AddCall(JsonView id, int message)
    {
        var call = _calls.Count;
        ref var known = ref _ids[Find(id)];
        _calls.Add(new Call { Id = id.Position, Earlier = known.Calls++, Result = None, NextOpen = None });

        if (known.OpenMessage != message)
        {
            known.FirstOpen = None;
            known.OpenMessage = message;
        }

        if (known.FirstOpen == None)
            known.FirstOpen = call;
        else
            _calls[known.LastOpen].NextOpen = call;
        known.LastOpen = call;
    }

    /// <summary>A <c>tool_result</c>, in order.</summary>
    /// <param name="id">The call's id.</param>
    /// <param name="block">The whole block.</param>
    public void AddResult(JsonView id, JsonView block)
    {
        ref var known = ref _ids[Find(id)];
        var call = known.FirstOpen;
        _callOfResult.Add(call);
        if (call == None)
            return;
        _calls[call].Result = block.Position;
        known.FirstOpen = _calls[call].NextOpen;
    }

    /// <summary>How many calls of the same id came before the call with that number.</summary>
    public int EarlierCallsOfSameId(int call) => _calls[call].Earlier;

    /// <summary>The call's id.</summary>
    public JsonView IdOf(int call) => request.At(_calls[call].Id);

    /// <summary>The <c>tool_result</c> that answers the call with that number; absent if none does.</summary>
    public JsonView ResultOf(int call) => _calls[call].Result == None ? default : request.At(_calls[call].Result);

    /// <summary>Whether the result with that number answers a call.</summary>
    public bool AnswersCall(int result) => _callOfResult[result] != None;

    /// <summary>All ids, for the answer.</summary>
    public UsedToolIds UsedIds()
    {
        var used = new UsedToolIds(_ids.Count);
        foreach (ref readonly var id in _ids.Span)
        {
            if (id.Calls > 0)
                used.Add(id.Hash);
        }

        return used;
    }

    public void Dispose()
    {
        _calls.Dispose();
        _callOfResult.Dispose();
        _ids.Dispose();
        var buckets = _buckets;
        _buckets = [];
        if (buckets.Length > 0)
            ArrayPool<int>.Shared.Return(buckets);
    }

    private int Find(JsonView id)
    {
        if (_ids.Count >= _bucketCount)
            Rehash();

        var hash = HashOf(id);
        ref var bucket = ref _buckets[(uint)hash % (uint)_bucketCount];
        for (var i = bucket - 1; i != None; i = _ids[i].NextInBucket)
        {
            if (_ids[i].Hash == hash && IsSame(request.At(_ids[i].View), id))
                return i;
        }

        _ids.Add(new Id
        {
            View = id.Position,
            Hash = hash,
            NextInBucket = bucket - 1,
            FirstOpen = None,
            OpenMessage = None,
        });
        bucket = _ids.Count;
        return _ids.Count - 1;
    }

    private void Rehash()
    {
        _bucketCount = Math.Max(64, _ids.Count * 4);
        ArrayPool<int>.Shared.Return(_buckets);
        _buckets = ArrayPool<int>.Shared.Rent(_bucketCount);
        _buckets.AsSpan(0, _bucketCount).Clear();
        for (var i = 0; i < _ids.Count; i++)
        {
            ref var bucket = ref _buckets[(uint)_ids[i].Hash % (uint)_bucketCount];
            _ids[i].NextInBucket = bucket - 1;
            bucket = i + 1;
        }
    }

    private static int HashOf(JsonView id)
    {
        var raw = id.RawString;
        return raw.Contains((byte)'\\') ? string.GetHashCode(id.GetString()) : UsedToolIds.Hash(raw);
    }

    private static bool IsSame(JsonView a, JsonView b) =>
        a.RawString.SequenceEqual(b.RawString)
        || ((a.RawString.Contains((byte)'\\') || b.RawString.Contains((byte)'\\')) && a.GetString() == b.GetString());

    private struct Call
    {
        public int Id;
        public int Earlier;
        public int Result;
        public int NextOpen;
    }

    private struct Id
    {
        public int View;
        public int Hash;
        public int NextInBucket;
        public int Calls;
        public int FirstOpen;
        public int LastOpen;
        public int OpenMessage;
    }
}
