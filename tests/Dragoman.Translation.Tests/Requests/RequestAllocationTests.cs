using System.Buffers;
using System.Text;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Requests;

/// <summary>What a request costs the garbage collector, beside pooled buffers.</summary>
public sealed class RequestAllocationTests
{
    [Theory]
    [InlineData("openai", 20)]
    [InlineData("vllm", 20)]
    [InlineData("llama.cpp", 500)]
    public void A_request_of_Claude_Code_allocates_less_than_15_KB_whatever_its_length(string dialect, int turns)
    {
        var body = Encoding.UTF8.GetBytes(AgentRequest(turns));
        var target = Translating.TargetOf(Dialects.Find(dialect)!);
        using var output = new PooledBuffer();
        for (var i = 0; i < 20; i++)
        {
            Run(body, target, output);
        }

        var allocated = Allocations.Fewest(() => Run(body, target, output), runs: 20);
        TestContext.Current.SendDiagnosticMessage($"{dialect}, {turns} turns, {body.Length} bytes: {allocated} bytes allocated");
        Assert.InRange(allocated, 0, 15 * 1024);
    }

    private static void Run(byte[] body, TranslationTarget target, PooledBuffer output)
    {
        output.Clear();
        using var text = JsonText.Parse(body);
        RequestTranslator.Translate(new MessagesRequest(text.Root), target, output);
    }

    /// <summary>Like Claude Code: system prompt, tools with schemas, reminders, a tool call and its result in every turn.</summary>
    internal static string AgentRequest(int turns)
    {
        var json = new StringBuilder("""{"model":"claude-sonnet-4-5","max_tokens":32000,"stream":true,"thinking":{"type":"adaptive"},"output_config":{"effort":"high"},"system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.330;"},{"type":"text","text":""").Append('"');
        json.Append(string.Concat(Enumerable.Repeat("Work on the task step by step.\\nLook before you \\\"leap\\\".\\n", 100)));
        json.Append('"').Append(""","cache_control":{"type":"ephemeral"}}],"tools":[""");
        for (var tool = 0; tool < 14; tool++)
        {
            json.Append(tool == 0 ? "" : ",").Append($$"""{"name":"Tool{{tool}}","description":"{{string.Concat(Enumerable.Repeat("Use it with care.\\n", 60))}}","input_schema":{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"path":{"type":"string","description":"The path"},"limit":{"type":"integer","minimum":0,"maximum":9007199254740991} },"required":["path"],"additionalProperties":false} }""");
        }

        json.Append(""",{"name":"DeferredToolPlaceholder","input_schema":{"type":"object","properties":{}},"defer_loading":true}],"messages":[{"role":"user","content":[{"type":"text","text":"<system-reminder>\nbe good\n</system-reminder>"},{"type":"text","text":"Do the task."}]},{"role":"system","content":"# Environment\nlinux"}""");
        for (var turn = 0; turn < turns; turn++)
        {
            json.Append($$"""
                ,{"role":"assistant","content":[{"type":"thinking","thinking":"I look.","signature":"abc"},{"type":"text","text":"Reading."},{"type":"tool_use","id":"toolu_{{turn}}","name":"Tool{{turn % 14}}","input":{"path":"/home/user/file{{turn}}.cs"} }] },
                {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_{{turn}}","content":"{{string.Concat(Enumerable.Repeat("    1\\tusing System;\\n", 30))}}","is_error":false}] }
                """);
        }

        return json.Append("]}").ToString();
    }
}
