using System.Buffers;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Messages;

/// <summary>A whole answer of a service that speaks the Messages API, passed on.</summary>
/// <param name="Usage">Its counts.</param>
/// <param name="StopReason">Why it ended; null if it failed, or for a reason this gateway has no word for.</param>
/// <param name="Failure">What it is instead of a message; null if it is one.</param>
public readonly record struct WholeMessage(Usage Usage, StopReason? StopReason, TranslatedError? Failure)
{
    /// <summary>Passes an answer on, byte for byte but for the model's name.</summary>
    /// <param name="json">The answer; status 200.</param>
    /// <param name="context">The request it answers.</param>
    /// <param name="client">Takes the message; nothing, if there is none.</param>
    public static WholeMessage Relay(Memory<byte> json, RelayContext context, IBufferWriter<byte> client)
    {
        try
        {
            using var text = JsonText.Parse(json);
            var message = text.Root;
            if (message["type"u8].Equals("message"u8) && message["content"u8].IsArray) return Relay(message, context, client);
            if (message["error"u8].IsPresent) return Failed(MessagesErrors.OfEvent(text.Bytes, context.ForErrors), context);
        }
        catch (JsonFormatException)
        {
            // Said below.
        }

        var error = new AnthropicError(AnthropicErrorType.Api, $"The backend '{context.Backend}' answered with something that is no message.");
        return Failed(new(error, 502), context);
    }

    private static WholeMessage Relay(JsonView message, RelayContext context, IBufferWriter<byte> client)
    {
        var facts = default(MessageFacts);
        facts.TakeEnd(message, message["usage"u8]);
        var bytes = message.Text!.Bytes;
        var model = message["model"u8];
        var output = new JsonOutput(client);
        if (model.IsString)
        {
            output.Raw(bytes[..model.Offset]);
            output.Quoted(context.Model);
            output.Raw(bytes[(model.Offset + model.Raw.Length)..]);
        }
        else
        {
            output.Raw(bytes);
        }

        output.Flush();
        return new(facts.Usage(context.EstimatedInputTokens, 0), facts.StopReason, null);
    }

    private static WholeMessage Failed(TranslatedError failure, RelayContext context) =>
        new(new Usage(context.EstimatedInputTokens, 0, 0, 0, Estimated: true), null, failure);
}
