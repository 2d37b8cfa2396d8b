using System.Net;
using System.Text.RegularExpressions;
using Dragoman.Configuration;
using Dragoman.Testing;

namespace Dragoman.Tests.Commands;

public sealed partial class KeyCommandTests
{
    [Fact]
    public async Task A_new_key_opens_the_door_that_its_line_describes()
    {
        await using var process = GatewayProcess.Start("key new alice");
        Assert.Equal(0, await process.ExitAsync());
        var key = Key().Match(process.Output).Value;
        var line = Line().Match(process.Output);
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, options => options with
        {
            Keys = [new CallerKeyOptions { Name = line.Groups["name"].Value, Sha256 = line.Groups["hash"].Value }],
        });

        using var answer = await gateway.PostAsync(TestGateway.Request(), headers: ("x-api-key", key));

        Assert.Equal("alice", line.Groups["name"].Value);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Two_keys_are_never_the_same()
    {
        await using var first = GatewayProcess.Start("key new alice");
        await using var second = GatewayProcess.Start("key new alice");
        await first.ExitAsync();
        await second.ExitAsync();

        Assert.NotEqual(Key().Match(first.Output).Value, Key().Match(second.Output).Value);
    }

    [Fact]
    public async Task The_banner_of_a_gateway_that_knows_its_callers_says_where_the_key_goes()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        var folder = Directory.CreateTempSubdirectory("dragoman-keys-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "dragoman.yaml"), $$"""
            urls: http://127.0.0.1:0
            backends: { scripted: { url: "{{backend.Address}}" } }
            keys: [{ name: alice, sha256: "{{new string('0', 64)}}" }]
            """, TestContext.Current.CancellationToken);
        await using var process = await GatewayProcess.Start("serve", folder).ListeningAsync();
        Directory.Delete(folder, recursive: true);

        Assert.Contains("-H 'x-api-key: KEY'", process.Output, StringComparison.Ordinal);
        Assert.Contains("ANTHROPIC_AUTH_TOKEN=KEY", process.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex("dgm-[A-Za-z0-9_-]{43}")]
    private static partial Regex Key();

    [GeneratedRegex("- \\{ name: \"(?<name>[^\"]*)\", sha256: \"(?<hash>[0-9a-f]{64})\" \\}")]
    private static partial Regex Line();
}
