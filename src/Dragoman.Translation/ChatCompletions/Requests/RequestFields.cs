using System.Buffers;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>What becomes of top-level fields that no other piece translates (mapping.md section 2; failures.md D13, D14).</summary>
internal static class RequestFields
{
    private const int LongestReportedName = 64;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-.");

    /// <summary>Refuses fields without which the answer would mean something else, and takes note of those that only tune.</summary>
    /// <exception cref="TranslationException">A field that cannot be served.</exception>
    public static void Check(RequestTranslation translation)
    {
        foreach (var member in translation.Request.Root.Members)
        {
            if (!member.Value.IsMissing)
                Check(translation, member);
        }
    }

    private static void Check(RequestTranslation translation, JsonMember member)
    {
        var name = member.Name.RawString;
        if (IsObject(name) && !member.Value.IsObject)
            throw InvalidRequest.At(member.Value, "Input should be an object");
        if (IsTranslated(name))
            return;

        if (name.SequenceEqual("thread"u8))
        {
            // With threads a client sends only what is new and counts on us for the rest. This code makes SDKs send everything again,
            // without threads; any other answer ends the run. (claude-code.md fact 3)
            throw new TranslationException(new AnthropicError(
                AnthropicErrorType.InvalidRequest,
                "thread: message threads are not supported by this gateway; send the whole conversation",
                "thread_unsupported_request",
                ["thread"]));
        }

        var isEmptyList = member.Value.IsArray && member.Value.IsEmpty;
        var isRefused = name.SequenceEqual("mcp_servers"u8) ? !isEmptyList
            : name.SequenceEqual("inference_geo"u8) ? !member.Value.Equals("global"u8)
            : name.SequenceEqual("container"u8) || name.SequenceEqual("compaction"u8) || name.SequenceEqual("fallback_credit_token"u8);
        if (isRefused)
            throw InvalidRequest.At(member.Value, "not supported by this gateway");

        // Answered for, not forwarded: safeguards hold paths of the caller's machine. (claude-code.md section 7)
        if (name.SequenceEqual("safeguards"u8))
            translation.Dropped.AddFromHistory("safeguards");
        else if (!isEmptyList)
            translation.Dropped.Add(Reportable(member.Name.GetString()!));
    }

    private static bool IsObject(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("output_config"u8) || name.SequenceEqual("output_format"u8) || name.SequenceEqual("metadata"u8);

    private static bool IsTranslated(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("model"u8) || name.SequenceEqual("messages"u8) || name.SequenceEqual("system"u8) || name.SequenceEqual("tools"u8)
        || name.SequenceEqual("max_tokens"u8) || name.SequenceEqual("stream"u8) || name.SequenceEqual("thinking"u8)
        || name.SequenceEqual("output_config"u8) || name.SequenceEqual("output_format"u8) || name.SequenceEqual("metadata"u8)
        || name.SequenceEqual("tool_choice"u8) || name.SequenceEqual("stop_sequences"u8) || name.SequenceEqual("temperature"u8)
        || name.SequenceEqual("top_p"u8) || name.SequenceEqual("top_k"u8) || name.SequenceEqual("cache_control"u8)
        || name.SequenceEqual("service_tier"u8) || name.SequenceEqual("speed"u8);

    /// <summary>A caller's name for a field or block as it may stand in a header.</summary>
    public static string Reportable(string name) =>
        name.Length is > 0 and <= LongestReportedName && !name.AsSpan().ContainsAnyExcept(NameCharacters) ? name : "unknown";
}
