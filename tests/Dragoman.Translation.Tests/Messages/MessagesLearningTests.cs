using System.Text;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Translation.Messages;

namespace Dragoman.Translation.Tests.Messages;

/// <summary>What refusals of Bedrock and Vertex teach.</summary>
public sealed class MessagesLearningTests
{
    private static readonly string[] Betas = ["claude-code-20250219", "context-management-2025-06-27", "interleaved-thinking-2025-05-14"];

    [Theory]
    [InlineData("The model returned the following errors: metadata: Extra inputs are not permitted", "metadata")]
    [InlineData("Malformed input request: #: extraneous key [service_tier] is not permitted, please reformat your input and try again.", "service_tier")]
    [InlineData("context_management: Extra inputs are not permitted", "context_management")]
    public void A_member_that_can_be_done_without_is_left_out(string message, string member)
    {
        var lessons = MessagesLearning.Learn(MessagesLessons.None, Betas, Refusal(400, message), out var what);

        Assert.Equal([member], lessons!.RefusedMembers);
        Assert.Equal("does not take " + member, what);
        Assert.Null(MessagesLearning.Learn(lessons, Betas, Refusal(400, message), out _));
    }

    [Theory]
    [InlineData(400, "messages: Extra inputs are not permitted")]
    [InlineData(400, "tools.11.custom.defer_loading: Extra inputs are not permitted")]
    [InlineData(400, "messages.0.metadata: Extra inputs are not permitted")]
    [InlineData(400, "max_tokens: Field required")]
    [InlineData(429, "invalid beta flag")]
    public void What_is_asked_for_is_never_left_out(int status, string message) =>
        Assert.Null(MessagesLearning.Learn(MessagesLessons.None, Betas, Refusal(status, message), out _));

    [Fact]
    public void Betas_are_narrowed_down_until_the_model_takes_them()
    {
        var refusal = Refusal(400, "The model returned the following errors: invalid beta flag");
        var known = MessagesLessons.None;
        var tried = new List<string> { string.Join(',', known.Allowed(Betas)) };
        while (MessagesLearning.Learn(known, known.Allowed(Betas), refusal, out _) is { } more)
        {
            known = more;
            tried.Add(string.Join(',', known.Allowed(Betas)));
        }

        Assert.Equal(
            ["claude-code-20250219,context-management-2025-06-27,interleaved-thinking-2025-05-14", "context-management-2025-06-27,interleaved-thinking-2025-05-14", "interleaved-thinking-2025-05-14", ""],
            tried);
    }

    [Fact]
    public void A_beta_that_is_refused_by_name_goes_alone()
    {
        var refusal = Refusal(400, "Unexpected value(s) `context-management-2025-06-27` for the `anthropic-beta` header.");

        var lessons = MessagesLearning.Learn(MessagesLessons.None, Betas, refusal, out _);

        Assert.Equal(["claude-code-20250219", "interleaved-thinking-2025-05-14"], lessons!.Allowed(Betas));
    }

    private static TranslatedError Refusal(int status, string message) =>
        MessagesErrors.OfAnswer(status, Encoding.UTF8.GetBytes($$"""{"message":"{{message}}"}"""), new ErrorContext("m", "bedrock", 0, null, 0));
}
