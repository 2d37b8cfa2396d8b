using System.Net;
using Anthropic;
using Anthropic.Models.Messages;
using Dragoman.Configuration;
using Dragoman.Testing;
using Dragoman.Testing.Native;
using Dragoman.Upstream.Azure;
using Dragoman.Upstream.Native;

namespace Dragoman.Tests.Native;

/// <summary>Azure OpenAI: translated, and addressed in two ways.</summary>
public sealed class AzureOpenAITests : IAsyncLifetime
{
    private readonly AzureDouble _azure = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _azure.StartAsync(Now);

    public async ValueTask DisposeAsync() => await _azure.DisposeAsync();

    [Theory]
    [InlineData(AzureDouble.Version)]
    [InlineData(null)]
    public async Task Answers_reach_the_official_SDK_whole_and_streamed(string? version)
    {
        await using var gateway = await StartGatewayAsync(version, AzureDouble.Key);
        var client = new AnthropicClient { BaseUrl = gateway.Address.ToString().TrimEnd('/'), ApiKey = "any", MaxRetries = 0 };
        MessageCreateParams question = new() { Model = "claude-test", MaxTokens = 256, Messages = [new UserMessageParam("Hello")] };

        var message = await client.Messages.Create(question, Now);
        var streamed = "";
        await foreach (var next in client.Messages.CreateStreaming(question, Now))
        {
            if (next.TryPickContentBlockDelta(out var delta) && delta!.Delta.TryPickText(out var piece)) streamed += piece!.Text;
        }

        Assert.True(message.Content[0].TryPickText(out var text));
        Assert.Equal(("Hello from Azure", "Hello from Azure"), (text!.Text, streamed));
        Assert.Equal(11, message.Usage.InputTokens);
        var call = _azure.Calls[^1];
        Assert.Equal(AzureDouble.Key, call.Headers["api-key"]);
        Assert.False(call.Headers.ContainsKey("authorization"));
        // What Azure wants of newer models, and no other preset of an address would have told.
        Assert.True(call.Json.ContainsKey("max_completion_tokens"));
    }

    [Fact]
    public async Task A_refused_key_is_our_fault()
    {
        await using var gateway = await StartGatewayAsync(null, "wrong");

        await (await gateway.PostAsync(TestGateway.Request())).ErrorAsync(HttpStatusCode.BadGateway, "api_error");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Entra_lends_a_token_to_an_application_and_to_a_machine(bool machine)
    {
        var azure = machine ? new AzureOptions { ManagedIdentity = true } : new() { TenantId = "tenant-1", ClientId = "client-1", ClientSecret = AzureDouble.ClientSecret };
        using var service = new CredentialService();

        var loan = await new AzureTokens(azure, Surroundings(), service, TimeProvider.System).LoadAsync(Now);

        Assert.Equal(AzureDouble.Token, loan.Value);
        Assert.InRange(loan.Until!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(61));
    }

    [Fact]
    public async Task A_refused_secret_is_told_in_Entras_word_alone()
    {
        using var service = new CredentialService();
        var tokens = new AzureTokens(new() { TenantId = "tenant-1", ClientId = "client-1", ClientSecret = "wrong" }, Surroundings(), service, TimeProvider.System);

        var refused = await Assert.ThrowsAsync<CredentialException>(() => tokens.LoadAsync(Now));

        Assert.Equal("Entra refused a token with status 401 (invalid_client)", refused.Message);
    }

    private AzureSurroundings Surroundings() =>
        new(name => name == "AZURE_AUTHORITY_HOST" ? _azure.Address.ToString() : null) { MetadataService = _azure.Address };

    private Task<TestGateway> StartGatewayAsync(string? version, string key) => TestGateway.StartAsync(
        new BackendOptions { Name = "azure", Url = _azure.Address, Schema = Schemas.AzureOpenAI, ApiKey = key, Azure = new() { ApiVersion = version } },
        options => options with { Routes = [new() { Model = "claude-test", To = [new("azure", AzureDouble.Deployment)] }] });
}
