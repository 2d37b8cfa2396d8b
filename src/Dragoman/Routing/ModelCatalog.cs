using System.Net;
using Dragoman.Configuration;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Upstream;

namespace Dragoman.Routing;

/// <summary>What a backend lists at one moment.</summary>
/// <param name="Models">In the backend's order; empty if it has no such list or could not be reached.</param>
/// <param name="At">When it was asked, as <see cref="TimeProvider.GetTimestamp"/>.</param>
internal sealed record ModelList(IReadOnlyList<ListedModel> Models, long At)
{
    private const int DateLength = 8;

    /// <summary>Nothing is known.</summary>
    public static readonly ModelList None = new([], 0);

    private readonly Dictionary<string, ListedModel> _byId = Index(Models);

    /// <summary>The model of that very name, or null.</summary>
    public ListedModel? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>The newest model of that name and a date, as Anthropic's services list them: <c>claude-opus-4-5-20251101</c> for
    /// <c>claude-opus-4-5</c> or <c>claude-opus-4-5-latest</c>. Null if there is none.</summary>
    public ListedModel? FindDated(string name)
    {
        var stem = name.EndsWith("-latest", StringComparison.Ordinal) ? name.AsSpan(..^"-latest".Length) : name;
        ListedModel? newest = null;
        foreach (var model in Models)
        {
            var id = model.Id.AsSpan();
            if (id.Length == stem.Length + 1 + DateLength && id.StartsWith(stem, StringComparison.Ordinal) && id[stem.Length] == '-'
                && !id[^DateLength..].ContainsAnyExceptInRange('0', '9') && (newest is null || string.CompareOrdinal(model.Id, newest.Id) > 0))
                newest = model;
        }

        return newest;
    }

    /// <summary>The model for names that nobody lists: the first that can chat.</summary>
    public ListedModel? First => Models.FirstOrDefault(model => !IsForOtherWork(model.Id)) ?? (Models.Count > 0 ? Models[0] : null);

    // Servers list all they have. Sending a conversation to an embedding model because it was pulled first helps nobody.
    private static bool IsForOtherWork(string id) =>
        OtherWork.Any(word => id.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static readonly string[] OtherWork =
    [
        "embed", "rerank", "bge-", "whisper", "transcribe", "tts", "realtime", "moderation", "image", "dall-e", "sora", "babbage", "davinci",
    ];

    private static Dictionary<string, ListedModel> Index(IReadOnlyList<ListedModel> models)
    {
        var byId = new Dictionary<string, ListedModel>(models.Count, StringComparer.Ordinal);
        foreach (var model in models) byId.TryAdd(model.Id, model);
        // An adapter has the window of the model it adapts, which servers say of that one only.
        foreach (var model in models)
        {
            if (model.Parent is not null && byId.TryGetValue(model.Parent, out var parent) && byId[model.Id] == model)
                byId[model.Id] = model with { ContextWindow = model.ContextWindow ?? parent.ContextWindow, MaxOutputTokens = model.MaxOutputTokens ?? parent.MaxOutputTokens };
        }

        return byId;
    }
}

/// <summary>A backend's models, learned from its <c>GET /v1/models</c> when first needed and asked for again when they have grown
/// old.</summary>
/// <remarks>Nobody waits for a second look: an old list serves until the new one is there. A backend without such a list serves any
/// name.</remarks>
internal sealed class ModelCatalog(Backend backend, TimeoutOptions timeouts, TimeProvider time)
{
    // After a failure, and for a name that is not listed (a model that was just pulled, an adapter that was just loaded).
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(10);
    private const int LargestList = 32 << 20;

    private readonly Lock _gate = new();
    private ModelList? _current;
    private Task<ModelList>? _loading;

    /// <summary>What is known without asking; null before the first answer.</summary>
    public ModelList? Known => _current;

    /// <summary>The list; waits only if there was none yet, and then at most for the time-out of lists.</summary>
    public async ValueTask<ModelList> GetAsync(CancellationToken cancellation)
    {
        var current = _current;
        if (current is null) return await Load().WaitAsync(cancellation);
        if (time.GetElapsedTime(current.At) > (current.Models.Count == 0 ? SoonAgain : timeouts.ModelsRefresh)) _ = Load();
        return current;
    }

    /// <summary>Begins to ask for the list if there is none yet; nobody waits.</summary>
    public void Prepare()
    {
        if (_current is null) _ = Load();
    }

    /// <summary>Looks again, in the background, for a name that was asked for and is not listed.</summary>
    public void LookAgain()
    {
        if (_current is { } current && time.GetElapsedTime(current.At) > SoonAgain) _ = Load();
    }

    private Task<ModelList> Load()
    {
        lock (_gate)
        {
            // One that ended in a way nobody thought of must not be the answer for ever.
            if (_loading is null or { IsFaulted: true }) _loading = Task.Run(LoadAsync);
            return _loading;
        }
    }

    private async Task<ModelList> LoadAsync()
    {
        var at = time.GetTimestamp();
        IReadOnlyList<ListedModel>? models = null;
        using var question = backend.Schema.ListModels();
        try
        {
            if (question is null) return Loaded([], at);
            using var limit = new CancellationTokenSource(timeouts.Models, time);
            using var answer = await backend.SendAsync(question, default, limit.Token);
            var server = answer.Headers.TryGetValues("server", out var values) ? string.Join(' ', values) : null;
            var list = answer.StatusCode == HttpStatusCode.OK ? ModelListReader.Read(await ReadAsync(answer, limit.Token)) : null;
            models = list?.Models;
            backend.Dialects.Detect(new BackendTraits(backend.Address.Host, backend.Address.Port, server, list?.OwnedBy, list?.Members));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // Whether it can be reached is the backend's own business to note; without a list every name passes.
        }

        return Loaded(models ?? _current?.Models ?? [], at);
    }

    private ModelList Loaded(IReadOnlyList<ListedModel> models, long at)
    {
        lock (_gate)
        {
            _loading = null;
            return _current = new(models, at);
        }
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        await answer.Content.LoadIntoBufferAsync(LargestList, cancellation);
        return await answer.Content.ReadAsByteArrayAsync(cancellation);
    }
}
