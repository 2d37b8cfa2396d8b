using System.Net.Http.Headers;
using Dragoman.Configuration;
using Dragoman.Protocol;
using Dragoman.Translation.Messages;

namespace Dragoman.Upstream.Native;

/// <summary>The Messages API at Anthropic, or at a server that speaks it: vLLM, llama.cpp, Ollama, OpenRouter.</summary>
internal sealed class AnthropicSchema(BackendOptions options) : NativeSchema(options, MessagesService.Anthropic, CredentialOf(options))
{
    private const string DefaultVersion = "2023-06-01";

    private readonly Uri _messages = new(options.Url, "v1/messages");
    private readonly Uri _count = new(options.Url, "v1/messages/count_tokens");
    private readonly Uri _models = new(options.Url, "v1/models?limit=1000");

    public override Uri MessagesOf(string model, bool stream) => _messages;

    public override void AddHeaders(HttpRequestMessage message, CallerRequest caller, IReadOnlyList<string> betas, bool stream)
    {
        message.Headers.TryAddWithoutValidation("anthropic-version", VersionOf(caller));
        if (betas.Count > 0) message.Headers.TryAddWithoutValidation("anthropic-beta", string.Join(',', betas));
    }

    public override HttpRequestMessage? ListModels()
    {
        var message = new HttpRequestMessage(HttpMethod.Get, _models);
        message.Headers.TryAddWithoutValidation("anthropic-version", DefaultVersion);
        return message;
    }

    protected override HttpRequestMessage CountTokens(CallerRequest caller, string model, PooledBuffer body)
    {
        var lessons = LessonsOf(model);
        MessagesForwarding.Write(caller.Message, new(Service, model) { RefusedMembers = lessons.RefusedMembers }, body);
        var message = new HttpRequestMessage(HttpMethod.Post, _count) { Content = new ReadOnlyMemoryContent(body.Memory) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        AddHeaders(message, caller, lessons.Allowed(CallerBetas.Of(caller.Headers)), stream: false);
        return message;
    }

    /// <summary>The caller's version decides what its body may hold, so it goes along.</summary>
    private static string VersionOf(CallerRequest caller) =>
        caller.Headers["anthropic-version"].ToString() is { Length: 10 } version && DateOnly.TryParseExact(version, "yyyy-MM-dd", out _) ? version : DefaultVersion;

    /// <remarks>Anthropic reads a key in <c>x-api-key</c> whatever the version; of the others, some read only the one header and some only
    /// the other.</remarks>
    private static HeaderCredential CredentialOf(BackendOptions options) => options.ApiKey switch
    {
        not { Length: > 0 } => new(),
        var key when options.Url.Host.EndsWith(".anthropic.com", StringComparison.OrdinalIgnoreCase) => new(("x-api-key", key)),
        var key => new(("x-api-key", key), ("Authorization", "Bearer " + key)),
    };
}
