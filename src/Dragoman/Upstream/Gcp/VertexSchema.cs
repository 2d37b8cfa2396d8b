using System.Net.Http.Headers;
using Dragoman.Configuration;
using Dragoman.Protocol;
using Dragoman.Translation.Messages;
using Dragoman.Upstream.Native;

namespace Dragoman.Upstream.Gcp;

/// <summary>The Messages API behind Vertex AI's rawPredict.</summary>
internal sealed class VertexSchema(BackendOptions options, GcpSurroundings surroundings, CredentialService service, TimeProvider time)
    : NativeSchema(options, MessagesService.Vertex, CredentialOf(options, surroundings, service, time))
{
    private readonly Uri _models = new(options.Url, ModelsOf(options.Gcp));

    public override Uri MessagesOf(string model, bool stream) => Of(model, stream ? "streamRawPredict" : "rawPredict");

    public override void AddHeaders(HttpRequestMessage message, CallerRequest caller, IReadOnlyList<string> betas, bool stream)
    {
        if (betas.Count > 0) message.Headers.TryAddWithoutValidation("anthropic-beta", string.Join(',', betas));
    }

    /// <summary>A model of its own counts; the one to count for stands in the body.</summary>
    protected override HttpRequestMessage CountTokens(CallerRequest caller, string model, PooledBuffer body)
    {
        var lessons = LessonsOf(model);
        MessagesForwarding.Write(caller.Message, new(Service, model) { NamesModel = true, RefusedMembers = lessons.RefusedMembers }, body);
        var message = new HttpRequestMessage(HttpMethod.Post, Of("count-tokens", "rawPredict")) { Content = new ReadOnlyMemoryContent(body.Memory) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        AddHeaders(message, caller, lessons.Allowed(CallerBetas.Of(caller.Headers)), stream: false);
        return message;
    }

    // Google writes the versions of models with an at sign, which may stand in a path as it is.
    private Uri Of(string model, string action) =>
        new(_models, $"./{Uri.EscapeDataString(model).Replace("%40", "@", StringComparison.Ordinal)}:{action}");

    private static string ModelsOf(GcpOptions? gcp) =>
        gcp is { Project.Length: > 0 }
            ? $"v1/projects/{Uri.EscapeDataString(gcp.Project)}/locations/{Uri.EscapeDataString(gcp.Location)}/publishers/anthropic/models/"
            : throw new ConfigurationException("A backend of schema gcp-anthropic needs a project: set gcp.project.");

    private static BackendCredential CredentialOf(BackendOptions options, GcpSurroundings surroundings, CredentialService service, TimeProvider time) =>
        options.ApiKey is { Length: > 0 } token
            ? HeaderCredential.Bearer(token)
            : new TokenCredential(new(new GcpTokens(options.Gcp ?? new() { Project = "" }, surroundings, service, time).LoadAsync, time));
}
