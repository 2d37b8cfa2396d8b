using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Backends;

public sealed class DialectDetectionTests
{
    [Theory]
    [InlineData("api.openai.com", "openai")]
    [InlineData("my-resource.openai.azure.com", "azure-openai")]
    [InlineData("openrouter.ai", "openrouter")]
    [InlineData("api.deepseek.com", "deepseek")]
    [InlineData("api.moonshot.cn", "moonshot")]
    [InlineData("api.z.ai", "zai")]
    [InlineData("open.bigmodel.cn", "zai")]
    [InlineData("api.minimax.io", "minimax")]
    [InlineData("dashscope-intl.aliyuncs.com", "qwen")]
    [InlineData("api.groq.com", "groq")]
    [InlineData("api.mistral.ai", "mistral")]
    [InlineData("api.x.ai", "xai")]
    [InlineData("api.together.xyz", "together")]
    [InlineData("api.fireworks.ai", "fireworks")]
    [InlineData("api.cerebras.ai", "cerebras")]
    [InlineData("generativelanguage.googleapis.com", "gemini")]
    [InlineData("gpu-1.example.org", "generic")]
    [InlineData("notdeepseek.com", "generic")]
    public void A_vendor_is_known_by_its_host(string host, string dialect) =>
        Assert.Equal(dialect, DialectDetection.Detect(new BackendTraits(host, 443)).Name);

    [Theory]
    [InlineData("vllm", "vllm")]
    [InlineData("sglang", "sglang")]
    [InlineData("llamacpp", "llama.cpp")]
    [InlineData("library", "ollama")]
    [InlineData("organization_owner", "lmstudio")]
    [InlineData("somebody", "generic")]
    public void A_server_people_run_themselves_is_known_by_the_owner_of_its_models(string owner, string dialect) =>
        Assert.Equal(dialect, DialectDetection.Detect(new BackendTraits("127.0.0.1", 9999, "uvicorn", owner)).Name);

    [Fact]
    public void The_server_header_tells_llama_cpp_whatever_the_model_list_says() =>
        Assert.Equal("llama.cpp", DialectDetection.Detect(new BackendTraits("127.0.0.1", 8000, "llama.cpp", "me")).Name);

    [Fact]
    public void An_openrouter_mirror_is_known_by_the_members_of_its_model_list() =>
        Assert.Equal("openrouter", DialectDetection.Detect(new BackendTraits("proxy.example.org", 443, null, null, ["id", "pricing", "top_provider", "context_length"])).Name);

    [Fact]
    public void A_proxy_on_a_usual_port_that_says_what_it_is_is_believed_over_the_port() =>
        Assert.Equal("vllm", DialectDetection.Detect(new BackendTraits("127.0.0.1", 11434, null, "vllm")).Name);

    [Fact]
    public void Every_preset_is_found_by_its_name_and_usual_spellings()
    {
        Assert.All(Dialects.Names, name => Assert.Equal(name, Dialects.Find(name)!.Name));
        Assert.Equal("llama.cpp", Dialects.Find("LlamaCpp")!.Name);
        Assert.Equal("qwen", Dialects.Find("alibaba")!.Name);
        Assert.Null(Dialects.Find("vlm"));
    }
}
