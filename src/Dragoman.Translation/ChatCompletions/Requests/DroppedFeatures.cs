namespace Dragoman.Translation.ChatCompletions;

/// <summary>What a translation leaves out, so that nothing is lost in silence (mapping.md section 0).</summary>
internal sealed class DroppedFeatures(bool strict)
{
    // The list goes into a header.
    private const int MostNames = 32;

    private List<string>? _names;

    /// <summary>In order of appearance, each once.</summary>
    public IReadOnlyList<string> Names => _names ?? (IReadOnlyList<string>)[];

    /// <summary>Leaves out something that only tunes cost, speed or taste.</summary>
    /// <exception cref="TranslationException">The operator would rather know.</exception>
    public void Add(string name)
    {
        if (strict)
            throw InvalidRequest.Because($"{name}: this backend cannot do it, and the gateway is set not to leave it out.");
        AddFromHistory(name);
    }

    /// <summary>Leaves out something of an earlier turn. Never an error: the client would send it again with every request from here on.</summary>
    public void AddFromHistory(string name)
    {
        _names ??= [];
        if (_names.Count < MostNames && !_names.Contains(name))
            _names.Add(name);
    }
}
