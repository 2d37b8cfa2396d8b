using System.Buffers;
using System.Text.Json;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Fuzz;

/// <summary>Request bytes of a client through the translation for every preset. Promised: JSON for the backend, the same each
/// time, or an error that names what was wrong; never another exception.</summary>
internal sealed class RequestTarget : FuzzTarget
{
    private static readonly Dialect[] Presets = [.. Dialects.Names.Select(name => Dialects.Find(name)!)];

    public override bool IsSeed(string path) =>
        path.EndsWith(".json", StringComparison.Ordinal) && !path.EndsWith(".meta.json", StringComparison.Ordinal)
        && !path.EndsWith(".expect.json", StringComparison.Ordinal);

    public override void Run(ReadOnlySpan<byte> input)
    {
        // Parsing repairs lone surrogates in place.
        JsonText text;
        try
        {
            text = JsonText.Parse(input.ToArray());
        }
        catch (JsonFormatException e)
        {
            CheckMessage(e.Message);
            return;
        }

        using (text)
        {
            var taken = false;
            foreach (var dialect in Presets)
            {
                var first = Translate(text, dialect);
                taken |= first is not null;
                if (first is not null && !first.AsSpan().SequenceEqual(Translate(text, dialect)))
                    throw new BrokenPromiseException($"{dialect.Name}: the second translation differs from the first.");
            }
            if (taken)
                Taken++;
        }
    }

    private static byte[]? Translate(JsonText text, Dialect dialect)
    {
        var chat = new ArrayBufferWriter<byte>();
        try
        {
            RequestTranslator.Translate(
                new MessagesRequest(text.Root),
                new()
                {
                    Dialect = dialect,
                    Model = "model",
                    ContextWindow = 200_000,
                    SignatureKey = "0123456789abcdef0123456789abcdef"u8.ToArray(),
                    SessionKey = "session",
                    ExtractPdfText = static base64 => base64.Length % 2 == 0 ? "text of a \"document\"\n\u2028" : null,
                },
                chat);
        }
        catch (TranslationException e)
        {
            CheckMessage(e.Error.Message);
            return null;
        }
        CheckJson(dialect.Name, chat.WrittenSpan);
        return chat.WrittenSpan.ToArray();
    }

    private static void CheckMessage(string message)
    {
        if (message.Length is 0 or > 4000)
            throw new BrokenPromiseException($"An error message of {message.Length} characters.");
    }

    private static void CheckJson(string dialect, ReadOnlySpan<byte> chat)
    {
        try
        {
            var reader = new Utf8JsonReader(chat, new JsonReaderOptions { MaxDepth = 1024 });
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                    reader.GetString(); // Throws on bytes that are not UTF-8 and on halves of surrogate pairs.
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new BrokenPromiseException($"{dialect}: not JSON: {e.Message}");
        }
    }
}
