using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Blocks of an assistant message that the backend sees as one message: all of them, or those of one round where server tools ran
/// in between.</summary>
/// <param name="items">Stands before the first.</param>
/// <param name="count">How many.</param>
internal struct BlockRun(JsonItems items, int count)
{
    private JsonItems _items = items;
    private int _left = count;

    /// <summary>No blocks.</summary>
    public static BlockRun None => default;

    /// <summary>The block.</summary>
    public readonly JsonView Current => _items.Current;

    /// <summary>All blocks of a content.</summary>
    public static BlockRun All(JsonView blocks) => new(blocks.Items, int.MaxValue);

    /// <summary>Moves to the next.</summary>
    public bool MoveNext() => _left-- > 0 && _items.MoveNext();

    /// <summary>Begins at the first.</summary>
    public readonly BlockRun GetEnumerator() => this;

    /// <summary>Cuts the blocks of a message into rounds: a round ends behind the results of its server tools.</summary>
    /// <returns>The run, and whether it is the last.</returns>
    public static bool TryNextRound(ref JsonItems rest, ServerToolSet serverTools, out BlockRun round)
    {
        var start = rest;
        var count = 0;
        var isAnswered = false;
        while (true)
        {
            var before = rest;
            if (!rest.MoveNext())
                break;
            var block = new ContentBlock(rest.Current);
            var isResult = block.Type != ContentBlockType.ServerToolUse && serverTools.Find(block) is not null;
            if (isAnswered && !isResult)
            {
                rest = before;
                break;
            }

            isAnswered |= isResult;
            count++;
        }

        round = new(start, count);
        return count > 0;
    }
}
