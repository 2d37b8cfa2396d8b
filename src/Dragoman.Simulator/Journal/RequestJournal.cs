namespace Dragoman.Simulator.Journal;

/// <summary>The last requests, bounded in number and in bytes.</summary>
internal sealed class RequestJournal(int capacity, long byteCapacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<RecordedRequest> _requests = new();
    private readonly List<(Func<RecordedRequest, bool> Match, TaskCompletionSource<RecordedRequest> Found)> _waiting = [];
    private long _bytes;

    public bool Keeps => capacity > 0;

    public void Add(RecordedRequest request)
    {
        if (!Keeps) return;
        lock (_lock)
        {
            _requests.Enqueue(request);
            _bytes += request.Body.Length;
            while (_requests.Count > capacity || (_bytes > byteCapacity && _requests.Count > 1)) _bytes -= _requests.Dequeue().Body.Length;
            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                if (!_waiting[i].Match(request)) continue;
                _waiting[i].Found.TrySetResult(request);
                _waiting.RemoveAt(i);
            }
        }
    }

    public IReadOnlyList<RecordedRequest> Snapshot()
    {
        lock (_lock) return [.. _requests];
    }

    public Task<RecordedRequest> WaitAsync(Func<RecordedRequest, bool> match, CancellationToken ct)
    {
        lock (_lock)
        {
            if (_requests.FirstOrDefault(match) is { } known) return Task.FromResult(known);
            var found = new TaskCompletionSource<RecordedRequest>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((match, found));
            return found.Task.WaitAsync(ct);
        }
    }
}
