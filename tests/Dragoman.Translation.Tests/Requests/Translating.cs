using System.Buffers;
using System.Text;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Requests;

/// <summary>One request through the translator.</summary>
internal static class Translating
{
    public static TranslationTarget TargetOf(Dialect dialect) =>
        new() { Dialect = dialect, Model = "backend-model", SignatureKey = "test key"u8.ToArray() };

    public static (string Body, AnswerContext Answer) Request(string json, Dialect? dialect = null) =>
        Request(json, TargetOf(dialect ?? Dialects.Generic));

    public static (string Body, AnswerContext Answer) Request(string json, TranslationTarget target)
    {
        using var text = JsonText.Parse(Encoding.UTF8.GetBytes(json));
        var body = new ArrayBufferWriter<byte>();
        var answer = RequestTranslator.Translate(new MessagesRequest(text.Root), target, body);
        return (Encoding.UTF8.GetString(body.WrittenSpan), answer);
    }

    /// <summary>The <c>messages</c> array without its closing bracket.</summary>
    public static string MessagesOf(string body)
    {
        using var text = JsonText.Parse(Encoding.UTF8.GetBytes(body));
        return Encoding.UTF8.GetString(text.Root["messages"u8].Raw[..^1]);
    }
}
