using System.Buffers;
using System.Text;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Requests;

public sealed class PromptSizeTests
{
    private static byte[] Png(int width, int height) =>
        [0x89, .. "PNG\r\n\u001a\n"u8, 0, 0, 0, 13, .. "IHDR"u8, .. BigEndian(width), .. BigEndian(height), 8, 2, 0, 0, 0, 0, 0, 0, 0];

    private static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static string Image(byte[] bytes) => Image(Convert.ToBase64String(bytes));

    private static string Image(string base64) => $$"""
        {"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"{{base64}}"} }]}]}
        """;

    // failures.md E9
    [Fact]
    public void An_image_weighs_by_its_pixels_and_never_by_its_base64()
    {
        Assert.Equal(100, Translating.Request(Image(Png(300, 250))).Answer.PromptSize.ImageTokens);
        Assert.Equal(1600, Translating.Request(Image(Png(4000, 3000))).Answer.PromptSize.ImageTokens);
        Assert.Equal(0, Translating.Request(Image(Png(300, 250))).Answer.PromptSize.TextBytes);
        Assert.Equal(1600, Translating.Request(Image("AAAA")).Answer.PromptSize.ImageTokens);
    }

    [Fact]
    public void Sizes_are_read_of_gif_webp_and_jpeg_also_behind_a_preview_picture()
    {
        byte[] gif = [.. "GIF89a"u8, 0x2C, 0x01, 0xFA, 0x00, .. new byte[30]];
        byte[] webp = [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBPVP8X"u8, 10, 0, 0, 0, 0, 0, 0, 0, 0x2B, 0x01, 0, 0xF9, 0, 0, .. new byte[30]];
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE1, 0xC3, 0x52, .. new byte[50_000], 0xFF, 0xC2, 0, 17, 8, 0x00, 0xFA, 0x01, 0x2C, .. new byte[30]];
        foreach (var image in new[] { gif, webp, jpeg })
            Assert.Equal(100, Translating.Request(Image(image)).Answer.PromptSize.ImageTokens);
    }

    [Fact]
    public void Text_tools_and_calls_are_measured()
    {
        var (_, answer) = Translating.Request("""
            {"model":"m","max_tokens":1,"system":"12345","tools":[{"name":"A","input_schema":{"type":"object","properties":{} }}],
             "messages":[{"role":"user","content":"a\nb"}]}
            """);
        var tools = """,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"A\",\"parameters\":{\"type\":\"object\",\"properties\":{} }}}]""".Replace("\\", "").Length;
        Assert.Equal(5 + 3 + tools, answer.PromptSize.TextBytes);
        Assert.Equal(2, answer.PromptSize.Messages);
        Assert.Equal(1, answer.PromptSize.Tools);
        Assert.Equal(answer.PromptSize.DefaultEstimate, answer.EstimatedInputTokens);
    }

    [Fact]
    public void The_limit_is_lowered_to_what_fits_beside_the_prompt_but_never_to_nothing()
    {
        const string request = """{"model":"m","max_tokens":32000,"messages":[{"role":"user","content":"a"}]}""";
        var target = Translating.TargetOf(Dialects.Generic) with { ContextWindow = 20_000, EstimateTokens = _ => 12_000 };
        var (body, answer) = Translating.Request(request, target);
        Assert.Contains("\"max_tokens\":8000", body);
        Assert.Equal(8000, answer.MaxTokens);
        Assert.Contains("max_tokens", answer.Dropped);

        Assert.Contains("\"max_tokens\":1024", Translating.Request(request, target with { EstimateTokens = _ => 25_000 }).Body);
    }

    [Fact]
    public void No_tokens_at_all_are_asked_for_without_the_backend() =>
        Assert.Equal(0, Translating.Request("""{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"a"}]}""").Answer.MaxTokens);

    [Fact]
    public void A_prompt_is_translated_for_counting_without_a_limit_and_with_what_its_template_needs()
    {
        using var text = JsonText.Parse(Encoding.UTF8.GetBytes(
            """{"model":"m","thinking":{"type":"adaptive"},"tools":[{"name":"A","input_schema":{"type":"object","properties":{}}}],"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"""));
        var body = new ArrayBufferWriter<byte>();
        var answer = RequestTranslator.TranslatePrompt(new MessagesRequest(text.Root), Translating.TargetOf(Dialects.Find("vllm")!), body);
        Assert.Equal(
            """{"model":"backend-model","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"tools":[{"type":"function","function":{"name":"A","parameters":{"type":"object","properties":{}}}}],"chat_template_kwargs":{"enable_thinking":false},"add_generation_prompt":false,"continue_final_message":true}""",
            Encoding.UTF8.GetString(body.WrittenSpan));
        Assert.Equal(2, answer.PromptSize.Messages);
    }
}
