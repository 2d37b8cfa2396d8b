using System.Text;
using Dragoman.Protocol.OpenAI;

namespace Dragoman.Protocol.Tests.OpenAI;

public sealed class WholeToolCallsTests
{
    [Fact]
    public void Calls_of_a_whole_answer_are_calls_of_their_own_even_under_one_id_and_index()
    {
        Assert.True(ChatChunk.TryParse(
            """
            {"choices":[{"message":{"tool_calls":[
              {"id":"call_0","index":0,"type":"function","function":{"name":"Read","arguments":"{}"}},
              {"id":"call_0","index":0,"type":"function","function":{"name":"Bash","arguments":"{}"}}]}}]}
            """u8,
            out var chunk,
            isWhole: true));

        List<(int Index, string Name)> calls = [];
        foreach (var call in chunk.ToolCalls) calls.Add((call.Index, Encoding.UTF8.GetString(call.Name)));
        Assert.Equal([(0, "Read"), (1, "Bash")], calls);
    }
}
