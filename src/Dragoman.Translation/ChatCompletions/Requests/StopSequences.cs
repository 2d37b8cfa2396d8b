using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary><c>stop_sequences</c>: what the backend is given, and what the gateway matches itself (mapping.md section 8; failures.md D11).</summary>
internal sealed class StopSequences
{
    private readonly List<string>? _sent;
    private readonly List<string>? _own;

    /// <exception cref="TranslationException">Not a list of texts.</exception>
    public StopSequences(RequestTranslation translation)
    {
        var sequences = translation.Request.StopSequences;
        if (sequences.IsMissing)
            return;
        if (!sequences.IsArray)
            throw InvalidRequest.At(sequences, "Input should be a valid list");

        var dialect = translation.Dialect;
        foreach (var sequence in sequences.Items)
        {
            if (!sequence.IsString)
                throw InvalidRequest.At(sequence, "Input should be a valid string");
            // An empty one would end every answer at once.
            if (sequence.IsEmpty)
                throw InvalidRequest.At(sequence, "each stop sequence must have at least 1 character");
            var text = sequence.GetString()!;
            if (!dialect.ExactStop && (_sent?.Count ?? 0) < dialect.MaxStopSequences)
                (_sent ??= []).Add(text);
            else
                (_own ??= []).Add(text);
        }
    }

    /// <summary>Those the backend is given.</summary>
    public IReadOnlyList<string> Sent => _sent ?? (IReadOnlyList<string>)[];

    /// <summary>Those the gateway matches.</summary>
    public IReadOnlyList<string> Own => _own ?? (IReadOnlyList<string>)[];

    /// <summary>Writes <c>stop</c>.</summary>
    public void Write(ref ChatRequestWriter chat)
    {
        if (_sent is null)
            return;
        chat.StartArray("stop"u8);
        foreach (var text in _sent)
        {
            chat.Item();
            chat.Json.Quoted(text);
        }

        chat.EndArray();
    }
}
