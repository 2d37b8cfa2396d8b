using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Refusals, worded and placed as the real service does it: <c>messages.3.content.0.image.source: Field required</c>.</summary>
internal static class InvalidRequest
{
    /// <summary>Something is wrong with the whole request.</summary>
    public static TranslationException Because(string message) => new(new AnthropicError(AnthropicErrorType.InvalidRequest, message));

    /// <summary>Something is wrong with this value.</summary>
    public static TranslationException At(JsonView view, string message) => Because($"{RequestPath.Of(view)}: {message}");

    /// <summary>Something is wrong with this member, be it that it is missing.</summary>
    public static TranslationException At(JsonView container, string member, string message) =>
        Because($"{RequestPath.Of(container, member)}: {message}");

    /// <summary>A string that must be there.</summary>
    /// <param name="value">The member's value.</param>
    /// <param name="container">What it is a member of.</param>
    /// <param name="member">The member's name.</param>
    public static JsonView RequireString(JsonView value, JsonView container, string member) =>
        value.IsString ? value : throw At(container, member, value.IsMissing ? "Field required" : "Input should be a valid string");

    /// <summary>An object that must be there.</summary>
    public static JsonView RequireObject(JsonView value, JsonView container, string member) =>
        value.IsObject ? value : throw At(container, member, value.IsMissing ? "Field required" : "Input should be an object");
}
