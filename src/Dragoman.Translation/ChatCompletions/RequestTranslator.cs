using System.Buffers;
using Dragoman.Protocol.Anthropic;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Messages API request to Chat Completions request.</summary>
public static class RequestTranslator
{
    /// <summary>Writes the backend's request.</summary>
    /// <param name="request">The client's request; may be read again for another target.</param>
    /// <param name="target">Whom it is for.</param>
    /// <param name="chat">Takes the JSON body.</param>
    /// <returns>What the translation of the answer must know.</returns>
    /// <exception cref="TranslationException">Wrong types, missing fields, or something this backend has no word for; names the place.</exception>
    public static AnswerContext Translate(MessagesRequest request, TranslationTarget target, IBufferWriter<byte> chat) => throw new NotImplementedException();
}
