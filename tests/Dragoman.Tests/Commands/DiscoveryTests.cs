using Dragoman.Configuration;
using Dragoman.Testing;
using Dragoman.Upstream;

namespace Dragoman.Tests.Commands;

/// <summary>Backends that are found without being named.</summary>
public sealed class DiscoveryTests
{
    [Fact]
    public void Keys_in_the_environment_name_several_backends_at_once()
    {
        var environment = new Dictionary<string, string> { ["DEEPSEEK_API_KEY"] = "sk-d", ["OPENAI_API_KEY"] = " sk-o ", ["GROQ_API_KEY"] = "" };

        var found = KnownVendors.FromEnvironment(environment.GetValueOrDefault);

        Assert.Equal([("openai", "sk-o", "openai"), ("deepseek", "sk-d", "deepseek")], found.Select(backend => (backend.Name, backend.ApiKey, backend.Dialect)));
    }

    [Fact]
    public void An_address_in_the_environment_needs_no_key_and_shows_its_dialect_itself()
    {
        var environment = new Dictionary<string, string> { ["OPENAI_BASE_URL"] = "http://gpu-1:8000" };

        var backend = Assert.Single(KnownVendors.FromEnvironment(environment.GetValueOrDefault));

        Assert.Equal("http://gpu-1:8000/v1/", backend.Url.ToString());
        Assert.Equal("auto", backend.Dialect);
        Assert.Null(backend.ApiKey);
    }

    [Fact]
    public void Every_known_vendor_has_a_preset() =>
        Assert.All(KnownVendors.All, vendor => Assert.NotNull(Translation.ChatCompletions.Dialects.Find(vendor.Dialect)));

    [Fact]
    public async Task A_model_server_on_a_usual_port_is_found_and_anything_else_there_is_not()
    {
        await using var server = ScriptedBackend.Answering("{}");
        await using var website = ScriptedBackend.Answering("{}");
        website.Models = "<html>It works!</html>";
        await using var gateway = ScriptedBackend.Answering("{}");
        gateway.Models = """{"data":[{"id":"m","type":"model","display_name":"m"}],"has_more":false}""";
        var nobody = ScriptedBackend.Answering("{}");
        await nobody.DisposeAsync();

        var found = await LocalServers.FindAsync([("website", website.Address.Port, "auto"), ("vllm", server.Address.Port, "auto"), ("gateway", gateway.Address.Port, "auto")]);

        Assert.Equal("vllm", Assert.Single(found).Name);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1/")]
    [InlineData("http://127.0.0.1:8000/", "http://127.0.0.1:8000/v1/")]
    [InlineData("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1/")]
    [InlineData("https://api.z.ai/api/paas/v4/", "https://api.z.ai/api/paas/v4/")]
    [InlineData("https://host/v1/chat/completions", "https://host/v1/")]
    public void An_address_may_be_written_as_people_write_it(string text, string url) => Assert.Equal(url, BackendOptions.ParseUrl(text).ToString());
}
