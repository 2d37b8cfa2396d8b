using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Messages API request to Chat Completions request.</summary>
/// <remarks>
/// 1. Look over the request: shapes, facts that later turns tell about earlier ones.
/// 2. Decide: tools, tool choice, output format.
/// 3. Draft the conversation.
/// 4. Write: the conversation and the tools first, so that a longer one begins with the bytes of a shorter one; what depends on
///    their size comes last.
/// </remarks>
public static class RequestTranslator
{
    // A limit below this helps nobody; the backend's own refusal then says what is wrong.
    private const long LeastAnswerTokens = 1024;

    /// <summary>Writes the backend's request.</summary>
    /// <param name="request">The client's request; may be read again for another target.</param>
    /// <param name="target">Whom it is for.</param>
    /// <param name="chat">Takes the JSON body; holds a part of one after an exception.</param>
    /// <returns>What the translation of the answer must know. Its <see cref="AnswerContext.MaxTokens"/> is 0 if the client asked for no
    /// tokens at all: such a request is answered without the backend.</returns>
    /// <exception cref="TranslationException">Wrong types, missing fields, or something this backend has no word for; names the place.</exception>
    public static AnswerContext Translate(MessagesRequest request, TranslationTarget target, IBufferWriter<byte> chat)
    {
        CheckShape(request);
        var maxTokens = ReadMaxTokens(request);

        // 1.
        using var translation = new RequestTranslation(request, target);
        RequestFields.Check(translation);

        // 2.
        var tools = new ToolChoiceTranslator(translation, ToolSelection.Of(translation));
        var format = new OutputFormat(translation, tools.Tools.Count > 0);
        var stops = new StopSequences(translation);

        // 3.
        Draft(translation, format, tools);
        var prefill = PrefillOf(translation);
        var reasoning = new ReasoningTranslator(translation, isPrefill: prefill is not null);

        // 4.
        var writer = new ChatRequestWriter(chat);
        writer.Start(target.Model);
        var size = WritePrompt(ref writer, translation, tools, prefill ?? Prefill.None);
        tools.Write(ref writer);
        format.Write(ref writer);
        stops.Write(ref writer);
        Sampling.Write(ref writer, translation);
        WriteUser(ref writer, translation);
        WriteServiceTier(ref writer, translation);
        WritePrefill(ref writer, prefill);
        var upstreamStream = WriteStream(ref writer, request, target.Dialect);
        var estimate = target.EstimateTokens(size);
        var sentMaxTokens = WriteMaxTokens(ref writer, translation, maxTokens, estimate);
        reasoning.Write(ref writer, sentMaxTokens);
        writer.End();

        return new AnswerContext
        {
            Model = request.Model!,
            Backend = target.Backend,
            Dialect = target.Dialect,
            Stream = request.Stream,
            UpstreamStream = upstreamStream,
            ShowThinking = reasoning.IsShown || target.Dialect.ReasoningRequired != ReasoningRequired.Never,
            OmitThinkingText = reasoning.OmitsText,
            StructuredOutput = format.IsWanted,
            SingleToolUse = tools.DisablesParallelToolUse,
            SentStopSequences = stops.Sent,
            OwnStopSequences = stops.Own,
            Tools = translation.Names,
            UsedToolIds = translation.Conversation.Pairing.UsedIds(),
            PromptSize = size,
            EstimatedInputTokens = estimate,
            MaxTokens = maxTokens == 0 ? 0 : sentMaxTokens,
            ContextWindow = target.ContextWindow,
            EchoedPrefill = prefill == Prefill.Echoed ? translation.Draft.TextOfLastMessage() : null,
            Safeguards = !request.Root["safeguards"u8].IsMissing,
            ContextManagement = !request.Root["context_management"u8].IsMissing,
            Dropped = translation.Dropped.Names,
            SignatureKey = target.SignatureKey,
            ServerTools = tools.ServerTools,
            Sources = format.IsWanted ? [] : translation.ServerTools.Sources,
            SealKey = target.ServerTools.SealKey,
        };
    }

    /// <summary>Writes only what makes the prompt: model, messages, tools, and what switches the template. For counting tokens.</summary>
    /// <param name="request">The client's request; <c>max_tokens</c> need not be there.</param>
    /// <param name="target">Whom it is for.</param>
    /// <param name="chat">Takes the JSON body.</param>
    /// <returns>How large the prompt is, and what words an error about it.</returns>
    /// <exception cref="TranslationException">As in <see cref="Translate"/>, but a prefill is counted whether or not the backend can go on with it.</exception>
    public static AnswerContext TranslatePrompt(MessagesRequest request, TranslationTarget target, IBufferWriter<byte> chat)
    {
        CheckShape(request);
        using var translation = new RequestTranslation(request, target);
        RequestFields.Check(translation);
        var tools = new ToolChoiceTranslator(translation, ToolSelection.Of(translation));
        var format = new OutputFormat(translation, tools.Tools.Count > 0);
        Draft(translation, format, tools);
        var isPrefill = EndsInPrefill(translation);
        var reasoning = new ReasoningTranslator(translation, isPrefill);

        var writer = new ChatRequestWriter(chat);
        writer.Start(target.Model);
        var size = WritePrompt(ref writer, translation, tools, Prefill.None);
        reasoning.WriteTemplateSwitch(ref writer);
        if (isPrefill && target.Dialect.Prefill != Prefill.None)
            WritePrefill(ref writer, Prefill.ContinueFinalMessage);
        writer.End();
        return new AnswerContext
        {
            Model = request.Model!,
            Backend = target.Backend,
            Dialect = target.Dialect,
            Tools = translation.Names,
            UsedToolIds = translation.Conversation.Pairing.UsedIds(),
            PromptSize = size,
            EstimatedInputTokens = target.EstimateTokens(size),
            ContextWindow = target.ContextWindow,
            Dropped = translation.Dropped.Names,
        };
    }

    private static void CheckShape(MessagesRequest request)
    {
        if (!request.Root.IsObject)
            throw InvalidRequest.Because("The request body should be a JSON object");
        if (InvalidRequest.RequireString(request.Root["model"u8], request.Root, "model").IsEmpty)
            throw InvalidRequest.Because("model: String should have at least 1 character");
        if (request.Root["stream"u8] is { IsMissing: false } stream
            && stream.Kind is not (System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False))
            throw InvalidRequest.At(stream, "Input should be a valid boolean");
    }

    private static long ReadMaxTokens(MessagesRequest request)
    {
        var value = request.MaxTokens;
        if (value.IsMissing)
            throw InvalidRequest.Because("max_tokens: Field required");
        if (!value.TryGetInt64(out var maxTokens))
            throw InvalidRequest.At(value, "Input should be a valid integer");
        if (maxTokens < 0)
            throw InvalidRequest.At(value, "Input should be greater than or equal to 0");
        return maxTokens;
    }

    // Nothing is left of an assistant message of white space only.
    private static bool EndsInPrefill(RequestTranslation translation) =>
        translation.EndsInPrefill && translation.Draft.LastRole == ChatRole.Assistant;

    private static Prefill? PrefillOf(RequestTranslation translation)
    {
        if (!EndsInPrefill(translation))
            return null;
        return translation.Dialect.Prefill != Prefill.None
            ? translation.Dialect.Prefill
            : throw InvalidRequest.Because(
                "This model does not support assistant message prefill. The conversation must end with a user message.");
    }

    private static void Draft(RequestTranslation translation, OutputFormat format, ToolChoiceTranslator tools)
    {
        using var messages = new MessageTranslator(translation);
        messages.Translate(format.Suffix);
        if (!tools.Instruction.IsEmpty)
            messages.AddInstruction(tools.Instruction);
    }

    private static PromptSize WritePrompt(
        ref ChatRequestWriter chat, RequestTranslation translation, ToolChoiceTranslator tools, Prefill prefill)
    {
        var conversation = new ConversationWriter(translation.Draft, translation.Dialect);
        conversation.Write(ref chat, prefill);
        var beforeTools = chat.Json.Written;
        ToolTranslator.Write(ref chat, translation, tools.Tools);
        var toolBytes = chat.Json.Written - beforeTools;
        return new PromptSize(conversation.TextBytes + toolBytes, conversation.ImageTokens, translation.Draft.MessageCount, tools.Tools.Count);
    }

    private static void WriteUser(ref ChatRequestWriter chat, RequestTranslation translation)
    {
        var dialect = translation.Dialect;
        var userId = translation.Request.UserId;
        if (userId.IsString && dialect.UserField is not null)
            chat.Text(Encoding.UTF8.GetBytes(dialect.UserField), HashOf(userId));
        else if (userId.IsString)
            translation.Dropped.Add("metadata");

        if (!dialect.PromptCacheKey)
            return;
        const int longestKey = 64;
        if (translation.Target.SessionKey is { Length: > 0 } session)
            chat.Text("prompt_cache_key"u8, session.Length <= longestKey ? session : Hex(Encoding.UTF8.GetBytes(session)));
        else if (userId.IsString)
            chat.Text("prompt_cache_key"u8, HashOf(userId));
    }

    /// <summary>Never the value itself: it is long, and may hold ids of accounts and devices.</summary>
    private static string HashOf(JsonView userId) => Hex(Encoding.UTF8.GetBytes(userId.GetString()!));

    private static string Hex(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return Convert.ToHexStringLower(hash);
    }

    private static void WriteServiceTier(ref ChatRequestWriter chat, RequestTranslation translation)
    {
        var root = translation.Request.Root;
        var isFast = root["speed"u8].Equals("fast"u8);
        var isStandardOnly = root["service_tier"u8].Equals("standard_only"u8);
        if (translation.Dialect.ServiceTier)
        {
            if (isFast || isStandardOnly)
                chat.Text("service_tier"u8, isFast ? "fast" : "default");
            return;
        }

        if (isFast)
            translation.Dropped.Add("speed");
        if (isStandardOnly)
            translation.Dropped.Add("service_tier");
    }

    private static void WritePrefill(ref ChatRequestWriter chat, Prefill? prefill)
    {
        if (prefill != Prefill.ContinueFinalMessage)
            return;
        chat.Flag("add_generation_prompt"u8, false);
        chat.Flag("continue_final_message"u8, true);
    }

    private static bool WriteStream(ref ChatRequestWriter chat, MessagesRequest request, Dialect dialect)
    {
        if (!request.Stream && !dialect.AlwaysStream)
            return false;
        chat.Flag("stream"u8, true);
        // Without this a streamed answer carries no token counts, and message_delta.usage would read 0. (failures.md E2)
        if (dialect.StreamUsage)
        {
            chat.StartObject("stream_options"u8);
            chat.Flag("include_usage"u8, true);
            chat.EndObject();
        }

        return true;
    }

    private static long WriteMaxTokens(ref ChatRequestWriter chat, RequestTranslation translation, long wanted, long estimate)
    {
        var dialect = translation.Dialect;
        var limit = Math.Max(wanted, 1);
        if (dialect.MaxOutputTokens is { } most && limit > most)
        {
            if (dialect.Strict)
                throw InvalidRequest.Because(
                    $"max_tokens: {wanted} > {most}, which is the maximum allowed number of output tokens for this model");
            limit = most;
        }

        if (translation.Target.ContextWindow is { } window && estimate + limit > window)
        {
            var fitting = Math.Max(window - estimate, LeastAnswerTokens);
            limit = Math.Min(limit, fitting);
        }

        if (limit < wanted)
            translation.Dropped.AddFromHistory("max_tokens");
        if (dialect.MaxTokensField != MaxTokensField.MaxCompletionTokens)
            chat.Number("max_tokens"u8, limit);
        if (dialect.MaxTokensField != MaxTokensField.MaxTokens)
            chat.Number("max_completion_tokens"u8, limit);
        return limit;
    }
}
