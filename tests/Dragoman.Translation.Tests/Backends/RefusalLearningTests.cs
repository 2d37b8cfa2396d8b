using Dragoman.Protocol.Anthropic;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Backends;

public sealed class RefusalLearningTests
{
    private static readonly Dialect OpenAI = Dialects.OpenAI;
    private static readonly Dialect Generic = Dialects.Generic;

    private static TranslatedError Refusal(string parameter, string message) =>
        new(new AnthropicError(AnthropicErrorType.InvalidRequest, message), 400, null, UpstreamErrorKind.RefusedParameter, parameter);

    private static Dialect Learned(Dialect dialect, string parameter, string message = "not supported") =>
        RefusalLearning.Learn(dialect, Refusal(parameter, message))?.Dialect ?? throw new InvalidOperationException("nothing was learned");

    [Fact]
    public void The_other_name_of_the_token_limit_is_learned_both_ways()
    {
        Assert.Equal(
            MaxTokensField.MaxCompletionTokens,
            Learned(Generic, "max_tokens", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.").MaxTokensField);
        Assert.Equal(MaxTokensField.MaxTokens, Learned(OpenAI, "max_completion_tokens", "Extra inputs are not permitted").MaxTokensField);
    }

    [Theory]
    [InlineData("max_tokens is too large: 32000. This model supports at most 16384 completion tokens", 16384)]
    [InlineData("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 8192)]
    [InlineData("max_tokens: 64000 > 4096 for gpt-4o-2024-08-06", 4096)]
    public void A_limit_on_the_answer_is_read_from_the_refusal(string message, int limit)
    {
        var learned = Learned(Generic, "max_tokens", message);
        Assert.Equal(limit, learned.MaxOutputTokens);
        Assert.Equal(MaxTokensField.MaxTokens, learned.MaxTokensField);
    }

    [Fact] // failures.md E2
    public void A_backend_without_stream_options_is_no_longer_asked_for_usage() =>
        Assert.False(Learned(Generic, "body.stream_options.include_usage").StreamUsage);

    [Fact] // failures.md C6
    public void Effort_words_are_narrowed_to_those_the_refusal_lists()
    {
        var learned = Learned(OpenAI, "reasoning_effort", "Unsupported value: 'xhigh' is not supported with this model. Supported values are: 'minimal', 'low', 'medium', and 'high'.");
        Assert.Equal(["low", "medium", "high"], learned.Efforts);
        Assert.Null(learned.EffortOff);
        Assert.Equal(ReasoningControl.Effort, learned.ReasoningControl);
    }

    [Fact] // failures.md C5
    public void A_model_without_reasoning_is_no_longer_asked_to_reason() =>
        Assert.Equal(ReasoningControl.None, Learned(OpenAI, "reasoning_effort", "Unrecognized request argument supplied: reasoning_effort").ReasoningControl);

    [Fact]
    public void Tool_choice_is_given_up_from_the_most_particular_form_on()
    {
        var first = Learned(Generic, "tool_choice");
        Assert.Equal(ToolChoices.Auto | ToolChoices.None | ToolChoices.Required, first.ToolChoices);
        Assert.Equal(ToolChoices.Auto | ToolChoices.None, Learned(first, "tool_choice").ToolChoices);
    }

    [Fact]
    public void A_text_model_gets_placeholders_for_images_and_an_offline_one_gets_them_as_data()
    {
        Assert.Equal(Images.None, Learned(OpenAI, "image_url", "this model does not support image input").Images);
        Assert.Equal(Images.DataUrl, Learned(OpenAI, "image_url", "could not download the image").Images);
    }

    [Fact] // failures.md C1
    public void Reasoning_that_must_come_back_is_sent_back_and_reasoning_that_may_not_is_left_out()
    {
        var wanted = Learned(Generic, "messages.3.reasoning_content", "The reasoning_content in the thinking mode must be passed back to the API.");
        Assert.Equal(ReasoningInput.ReasoningContent, wanted.ReasoningInput);
        Assert.Equal(ReasoningRequired.AllTurns, wanted.ReasoningRequired);
        Assert.Equal(" ", wanted.ReasoningPlaceholder);
        Assert.Equal(ReasoningInput.None, Learned(wanted, "reasoning_content", "Extra inputs are not permitted").ReasoningInput);
    }

    [Fact]
    public void Orders_of_roles_are_learned()
    {
        Assert.Equal(Alternation.Strict, Learned(Generic, "alternation", "Conversation roles must alternate user/assistant/user/assistant/...").Alternation);
        Assert.Equal(Alternation.NoUserAfterTool, Learned(Generic, "alternation", "Unexpected role 'user' after role 'tool'").Alternation);
    }

    [Fact] // failures.md B21
    public void A_grammar_that_does_not_compile_gets_plainer_schemas() =>
        Assert.True(Learned(Generic, "grammar").SchemaFilters.HasFlag(SchemaFilters.Pattern | SchemaFilters.Format | SchemaFilters.Const));

    [Fact]
    public void What_the_dialect_does_without_already_teaches_nothing()
    {
        Assert.Null(RefusalLearning.Learn(Generic with { StreamUsage = false }, Refusal("stream_options", "no")));
        Assert.Null(RefusalLearning.Learn(Generic, Refusal("a_field_we_never_send", "no")));
    }

    [Fact]
    public void Learning_ends_after_finitely_many_refusals_of_one_field()
    {
        foreach (var field in new[] { "tool_choice", "reasoning_effort", "response_format", "image_url", "system", "temperature", "alternation", "messages.0.reasoning_content" })
        {
            var (dialect, lessons) = (OpenAI, 0);
            while (RefusalLearning.Learn(dialect, Refusal(field, "missing")) is { } lesson)
            {
                dialect = lesson.Dialect;
                Assert.InRange(++lessons, 1, 6);
            }
        }
    }
}
