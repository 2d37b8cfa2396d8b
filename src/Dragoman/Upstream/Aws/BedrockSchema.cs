using System.Buffers;
using System.Buffers.Text;
using System.Net.Http.Headers;
using Dragoman.Configuration;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Translation.Messages;
using Dragoman.Upstream.Native;

namespace Dragoman.Upstream.Aws;

/// <summary>The Messages API behind Bedrock's InvokeModel.</summary>
internal sealed class BedrockSchema(BackendOptions options, AwsSurroundings surroundings, CredentialService service, TimeProvider time)
    : NativeSchema(options, MessagesService.Bedrock, CredentialOf(options, surroundings, service, time))
{
    protected override string CountMember => "inputTokens";

    /// <remarks>A model's name may be a path in itself, such as an inference profile's: all of it is escaped.</remarks>
    public override Uri MessagesOf(string model, bool stream) => Of(model, stream ? "invoke-with-response-stream" : "invoke");

    public override void AddHeaders(HttpRequestMessage message, CallerRequest caller, IReadOnlyList<string> betas, bool stream) =>
        message.Headers.TryAddWithoutValidation("Accept", stream ? "application/vnd.amazon.eventstream" : "application/json");

    /// <summary>Bedrock counts a request that could be sent: wrapped as one, in base64, with the limit that it demands.</summary>
    protected override HttpRequestMessage CountTokens(CallerRequest caller, string model, PooledBuffer body)
    {
        var lessons = LessonsOf(model);
        var target = new ForwardingTarget(Service, model) { Betas = lessons.Allowed(CallerBetas.Of(caller.Headers)), RefusedMembers = lessons.RefusedMembers, LimitsAnswer = true };
        using var request = new PooledBuffer();
        MessagesForwarding.Write(caller.Message, target, request);
        body.Append("{\"input\":{\"invokeModel\":{\"body\":\""u8);
        Base64.EncodeToUtf8(request.Span, body.GetSpan(Base64.GetMaxEncodedToUtf8Length(request.Length)), out _, out var written);
        body.Advance(written);
        body.Append("\"}}}"u8);
        var message = new HttpRequestMessage(HttpMethod.Post, Of(model, "count-tokens")) { Content = new ReadOnlyMemoryContent(body.Memory) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return message;
    }

    private Uri Of(string model, string action) => new(Address, $"model/{Uri.EscapeDataString(model)}/{action}");

    /// <remarks>A Bedrock API key, here or in the environment, needs no signature. Keys that the configuration names go before the
    /// environment's.</remarks>
    private static BackendCredential CredentialOf(BackendOptions options, AwsSurroundings surroundings, CredentialService service, TimeProvider time)
    {
        var aws = options.Aws ?? new();
        if (options.ApiKey is { Length: > 0 } key) return HeaderCredential.Bearer(key);
        if (aws is { AccessKeyId: null, Profile: null } && surroundings.Set("AWS_BEARER_TOKEN_BEDROCK") is { } bearer) return HeaderCredential.Bearer(bearer);
        var region = AwsCredentialChain.Region(aws, surroundings);
        var chain = new AwsCredentialChain(aws, region, surroundings, service, time);
        return new SignatureCredential(new AwsSigner(region, "bedrock"), new(chain.LoadAsync, time), time);
    }
}
