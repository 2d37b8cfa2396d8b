using System.Text;
using Dragoman.Configuration;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Telemetry;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Upstream.ChatCompletions;
using Microsoft.AspNetCore.Http;

namespace Dragoman.Tests.Telemetry;

/// <summary>What becomes of tool calls on their way is told to the operator (mapping.md section 9.4).</summary>
public sealed class ToolCallsInTheLogTests
{
    [Theory]
    [InlineData("""{\"path\": \"/a\",}""", "mended_tool_calls", "unreadable_tool_calls")]
    [InlineData("no object at all: {", "unreadable_tool_calls", "mended_tool_calls")]
    public void A_call_that_had_to_be_mended_or_could_not_be_stands_in_the_line(string arguments, string told, string untold)
    {
        foreach (var asJson in new[] { false, true })
        {
            var line = LineOf(arguments, asJson);
            Assert.Contains(told, line, StringComparison.Ordinal);
            Assert.DoesNotContain(untold, line, StringComparison.Ordinal);
            // Bodies stay out of the log, broken ones too.
            Assert.DoesNotContain("/a", line, StringComparison.Ordinal);
            Assert.DoesNotContain("no object", line, StringComparison.Ordinal);
        }
    }

    private static string LineOf(string arguments, bool asJson)
    {
        var names = new ToolNames(64);
        names.Offer("Read");
        var answer = new AnswerContext { Model = "m", Dialect = Dialects.Generic, Tools = names, UsedToolIds = new UsedToolIds() };
        using var message = new PooledBuffer();
        using var told = new ChatCompletionsAnswer(answer, new(message, new MessageEventWriter(message), Stream: true, "msg_1"), largest: 1 << 20);
        told.Take(Encoding.UTF8.GetBytes(
            $$$"""data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c0","function":{"name":"Read","arguments":"{{{arguments}}}"}}]},"finish_reason":"tool_calls"}]}""" + "\n\n"));
        told.Close();

        var telemetry = new RequestTelemetry { Model = "m" };
        telemetry.Ended(told);
        using var output = new MemoryStream();
        using (var log = new RequestLog(new LogOptions { Json = asJson }, TimeProvider.System, output))
            log.Add(new DefaultHttpContext(), telemetry, 1);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
