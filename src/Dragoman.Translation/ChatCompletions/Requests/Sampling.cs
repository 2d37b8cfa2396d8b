using Dragoman.Protocol.Json;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary><c>temperature</c>, <c>top_p</c>, <c>top_k</c> (mapping.md section 2; failures.md D12).</summary>
internal static class Sampling
{
    private const double LowestAboveZero = 0.01;

    /// <exception cref="TranslationException">Not numbers, or out of the client API's range.</exception>
    public static void Write(ref ChatRequestWriter chat, RequestTranslation translation)
    {
        var dialect = translation.Dialect;
        var root = translation.Request.Root;

        if (Read(root["temperature"u8], 0, 2) is { } temperature)
        {
            if (!dialect.Temperature)
                translation.Dropped.Add("temperature");
            else if (temperature > dialect.MaxTemperature)
                chat.Number("temperature"u8, dialect.MaxTemperature);
            else if (temperature == 0 && dialect.TemperatureAboveZero)
                chat.Number("temperature"u8, LowestAboveZero);
            else
                chat.Raw("temperature"u8, root["temperature"u8].Raw);
        }

        if (Read(root["top_p"u8], 0, 1) is not null)
        {
            if (dialect.TopP)
                chat.Raw("top_p"u8, root["top_p"u8].Raw);
            else
                translation.Dropped.Add("top_p");
        }

        if (root["top_k"u8] is { IsMissing: false } topK)
        {
            if (!topK.TryGetInt64(out var k) || k < 0)
                throw InvalidRequest.At(topK, "Input should be a valid integer");
            if (dialect.TopK)
                chat.Number("top_k"u8, k);
            else
                translation.Dropped.Add("top_k");
        }
    }

    private static double? Read(JsonView value, double least, double most)
    {
        if (value.IsMissing)
            return null;
        if (!value.TryGetDouble(out var number))
            throw InvalidRequest.At(value, "Input should be a valid number");
        if (number < least || number > most)
            throw InvalidRequest.At(value, $"Input should be between {least} and {most}");
        return number;
    }
}
