using System.Collections.Concurrent;
using Dragoman.Configuration;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>How one backend deviates: the dialect it was configured with or found out to speak, and what its refusals taught, model by
/// model.</summary>
internal sealed class BackendDialects
{
    // A caller chooses the model's name; without a bound an odd one could fill the memory.
    private const int MostModels = 1000;

    private readonly ConcurrentDictionary<string, Dialect> _learned = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _lessons = new(StringComparer.Ordinal);

    private readonly bool _detect;
    private readonly DialectOptions _corrections;
    private volatile Dialect _known;

    /// <param name="options">Names the dialect, or <c>auto</c>.</param>
    /// <param name="corrections">What the operator knows better.</param>
    /// <exception cref="ConfigurationException">No preset of that name.</exception>
    public BackendDialects(BackendOptions options, DialectOptions corrections)
    {
        _corrections = corrections;
        // A resource of Azure's may have a host name of its operator's own: the schema tells what the name does not.
        var named = options is { Schema: Schemas.AzureOpenAI, Dialect: "auto" } ? "azure-openai" : options.Dialect;
        _detect = named == "auto";
        _known = corrections.ApplyTo(_detect
            ? DialectDetection.Detect(new BackendTraits(options.Url.Host, options.Url.Port))
            : Dialects.Find(named)
                ?? throw new ConfigurationException($"There is no dialect '{named}'. Known dialects: auto, {string.Join(", ", Dialects.Names)}."));
    }

    /// <summary>The dialect of models that nothing was learned of.</summary>
    public Dialect Known => _known;

    /// <summary>The dialect to translate for.</summary>
    public Dialect For(string model) => _learned.TryGetValue(model, out var dialect) ? dialect : Known;

    /// <summary>What was learned, as <c>model: lesson</c>, for <c>/readyz</c>.</summary>
    public IEnumerable<string> Lessons => _lessons.Keys.Order(StringComparer.Ordinal);

    /// <summary>Takes what a backend showed of itself; only for dialect <c>auto</c>.</summary>
    public void Detect(BackendTraits traits)
    {
        if (_detect) _known = _corrections.ApplyTo(DialectDetection.Detect(traits));
    }

    /// <summary>Remembers a lesson.</summary>
    /// <returns>True the first time: it is worth a line in the log.</returns>
    public bool Learn(string model, Lesson lesson)
    {
        if (_learned.Count < MostModels || _learned.ContainsKey(model)) _learned[model] = lesson.Dialect;
        return _lessons.Count < MostModels && _lessons.TryAdd($"{model}: {lesson.What}", lesson.What);
    }
}
