using System.Text;
using Dragoman.Protocol.Anthropic;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Errors;

public sealed class UnknownModelTests
{
    [Theory]
    [InlineData("""{"code":"Some requested entity was not found","error":"The model grok-beta was deprecated and is no longer accessible via the API."}""")]
    [InlineData("""{"error":{"message":"The model `gone` does not exist","code":"model_not_found"}}""")]
    public void A_404_that_speaks_of_a_model_is_about_the_model(string body)
    {
        var error = ErrorTranslator.Translate(404, Encoding.UTF8.GetBytes(body), new ErrorContext("asked-for", "backend", 10, null, 100));
        Assert.Equal((404, AnthropicErrorType.NotFound), (error.Status, error.Error.Type));
        Assert.Equal("model: asked-for", error.Error.Message);
    }

    [Theory]
    [InlineData("""{"detail":"Not Found"}""")]
    [InlineData("<html><body>404 page not found</body></html>")]
    public void Any_other_404_is_about_the_configured_address(string body)
    {
        var error = ErrorTranslator.Translate(404, Encoding.UTF8.GetBytes(body), new ErrorContext("asked-for", "backend", 10, null, 100));
        Assert.Equal((502, AnthropicErrorType.Api), (error.Status, error.Error.Type));
    }
}
