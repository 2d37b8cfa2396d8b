using System.Text;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Errors;

public sealed class ErrorTextTests
{
    [Theory]
    [InlineData("Traceback (most recent call last): File \"/srv/app/main.py\", line 12, in run: no luck with http://10.1.2.3:8000, key sk-simulated-secret-0123456789")]
    [InlineData("no luck with 10.1.2.3:8000\n   at Some.Backend.Run(String text) in /srv/Run.cs:line 7")]
    [InlineData("Incorrect API key provided: anything. no luck with that")]
    [InlineData("no luck with sk-abc")]
    public void What_a_backend_lets_slip_reaches_nobody_and_its_words_do(string message)
    {
        var body = $$"""{"error":{"message":{{System.Text.Json.Nodes.JsonValue.Create(message).ToJsonString()}}} }""";
        var error = ErrorTranslator.Translate(500, Encoding.UTF8.GetBytes(body), new ErrorContext("asked-for", "backend", 10, null, 100)).Error.Message;
        Assert.Contains("no luck with", error, StringComparison.Ordinal);
        Assert.All(["Traceback", "/srv", "10.1.2.3", "sk-", "anything", "Some.Backend"], slip => Assert.DoesNotContain(slip, error, StringComparison.Ordinal));
    }
}
