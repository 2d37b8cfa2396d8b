using Dragoman.Configuration;
using Dragoman.Upstream.ChatCompletions;
using Dragoman.Upstream.Native;

namespace Dragoman.Upstream.Azure;

/// <summary>Chat Completions on Azure: translated as everywhere, addressed by deployments or on the newer surface.</summary>
internal sealed class AzureOpenAISchema(BackendOptions options, AzureSurroundings surroundings, CredentialService service, TimeProvider time) : ChatCompletionsSchema(options)
{
    private readonly Uri _address = options.Url;
    private readonly Uri _completions = new(options.Url, "openai/v1/chat/completions");
    private readonly string? _version = options.Azure?.ApiVersion is { Length: > 0 } version ? Uri.EscapeDataString(version) : null;
    private readonly BackendCredential _credential = CredentialOf(options, surroundings, service, time);

    public override Uri CompletionsOf(string model) =>
        _version is null ? _completions : new(_address, $"openai/deployments/{Uri.EscapeDataString(model)}/chat/completions?api-version={_version}");

    public override ValueTask AuthorizeAsync(HttpRequestMessage message, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        _credential.ApplyAsync(message, body, cancellation);

    public override bool CredentialRefused() => _credential.Refused();

    /// <summary>None: Azure's list tells the models that could be deployed, and not the names of the deployments that are.</summary>
    public override HttpRequestMessage? ListModels() => null;

    private static BackendCredential CredentialOf(BackendOptions options, AzureSurroundings surroundings, CredentialService service, TimeProvider time) =>
        options.ApiKey is { Length: > 0 } key
            ? new HeaderCredential(("api-key", key))
            : new TokenCredential(new(new AzureTokens(options.Azure ?? new(), surroundings, service, time).LoadAsync, time));
}
