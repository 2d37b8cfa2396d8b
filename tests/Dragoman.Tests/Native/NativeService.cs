using Dragoman.Configuration;
using Dragoman.Testing.Native;

namespace Dragoman.Tests.Native;

/// <summary>One of the services that speak the Messages API, and how a gateway is told of it.</summary>
internal sealed class NativeService : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dragoman-native-");

    private NativeService(ServiceDouble service) => Double = service;

    /// <summary>All of them.</summary>
    public static TheoryData<string> All { get; } = ["anthropic", "bedrock", "vertex"];

    /// <summary>The service itself.</summary>
    public ServiceDouble Double { get; }

    /// <summary>The backend as an operator writes it.</summary>
    public BackendOptions Backend { get; private set; } = null!;

    /// <summary>The model's name at the service.</summary>
    public string Model => Double switch
    {
        BedrockDouble => BedrockDouble.Model,
        VertexDouble => VertexDouble.Model,
        _ => AnthropicDouble.Model,
    };

    public static async Task<NativeService> StartAsync(string name)
    {
        var service = new NativeService(name switch
        {
            "bedrock" => new BedrockDouble(),
            "vertex" => new VertexDouble(),
            _ => new AnthropicDouble(),
        });
        await service.Double.StartAsync(TestContext.Current.CancellationToken);
        var address = service.Double.Address;
        service.Backend = service.Double switch
        {
            BedrockDouble => new()
            {
                Name = name,
                Url = address,
                Schema = Schemas.AwsAnthropic,
                Aws = new() { Region = BedrockDouble.Region, AccessKeyId = BedrockDouble.KeyId, SecretAccessKey = BedrockDouble.Secret, SessionToken = BedrockDouble.SessionToken },
            },
            VertexDouble vertex => new()
            {
                Name = name,
                Url = address,
                Schema = Schemas.GcpAnthropic,
                Gcp = new() { Project = VertexDouble.Project, Location = VertexDouble.Location, CredentialsFile = await vertex.WriteKeyFileAsync(service._folder.FullName) },
            },
            _ => new() { Name = name, Url = address, Schema = Schemas.Anthropic, ApiKey = AnthropicDouble.Key },
        };
        return service;
    }

    /// <summary>A gateway before it, on which the model is called <c>claude-test</c>.</summary>
    public Task<TestGateway> StartGatewayAsync(Func<GatewayOptions, GatewayOptions>? configure = null) => TestGateway.StartAsync(Backend, options =>
    {
        options = options with { Routes = [new() { Model = "claude-test", To = [new(Backend.Name, Model)] }] };
        return configure?.Invoke(options) ?? options;
    });

    public async ValueTask DisposeAsync()
    {
        await Double.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
