using System.Globalization;
using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;
using static Dragoman.Simulator.Replies.ToolForm;
using static Dragoman.Simulator.Requests.JsonReading;

namespace Dragoman.Simulator.Scenarios;

/// <summary>The ways in which backends stream tool calls otherwise (openai-chat-completions.md 6.4).</summary>
internal static class ToolForms
{
    /// <summary>All heads in one chunk, then the arguments by turns (failures.md A4).</summary>
    public static ToolForm Interleaved { get; } = new((stream, calls) =>
    {
        stream.Delta(Calls(calls.Select(c => Item(c.Number, c.Id, c.Name, ""))));
        Alternate(stream, calls);
    });

    /// <summary>A head each, then the arguments by turns.</summary>
    public static ToolForm InterleavedHeads { get; } = new((stream, calls) =>
    {
        for (var i = 0; i < calls.Count; i++) stream.Delta(Head(calls[i].Number, calls[i], ""));
        Alternate(stream, calls);
    });

    /// <summary>The fragments of several calls share chunks, the later call first.</summary>
    public static ToolForm SharedChunks { get; } = new((stream, calls) =>
    {
        stream.Delta(Calls(calls.Select(c => Item(c.Number, c.Id, c.Name, "")).Reverse()));
        var pieces = calls.Select(c => Pieces.OfArguments(c.Arguments).ToList()).ToList();
        for (var round = 0; round < pieces.Max(p => p.Count); round++)
        {
            stream.Delta(Calls(Enumerable.Range(0, calls.Count).Reverse().Where(i => round < pieces[i].Count)
                    .Select(i => Item(calls[i].Number, arguments: pieces[i][round]))));
        }
    });

    /// <summary>The head already carries the first bytes of the arguments (failures.md A3, B9).</summary>
    public static ToolForm ArgumentsInHead { get; } = new((stream, calls) =>
    {
        for (var i = 0; i < calls.Count; i++)
        {
            var pieces = Pieces.OfArguments(calls[i].Arguments, 2).ToList();
            stream.Delta(Head(calls[i].Number, calls[i], pieces.Count > 0 ? pieces[0] : ""));
            foreach (var piece in pieces.Skip(1)) stream.Delta(Tail(calls[i].Number, piece));
        }
    });

    /// <summary>A chunk per call (Groq, Ollama).</summary>
    public static ToolForm ChunkPerCall { get; } = new((stream, calls) =>
    {
        for (var i = 0; i < calls.Count; i++) stream.Delta(Head(calls[i].Number, calls[i], calls[i].Arguments));
    });

    /// <summary>All calls in one chunk (failures.md A5).</summary>
    public static ToolForm OneChunk { get; } = new((stream, calls) =>
        stream.Delta(Calls(calls.Select(c => Item(c.Number, c.Id, c.Name, c.Arguments)))));

    /// <summary>All calls in one chunk, without index and type (Mistral).</summary>
    public static ToolForm MistralChunk { get; } = new((stream, calls) => stream.Delta(
        $$"""{"content":null,"tool_calls":[{{string.Join(',', calls.Select(c => Item(null, c.Id, c.Name, c.Arguments, type: false)))}}]}""")) { IdOf = NineCharacters };

    /// <summary>No index; arguments in fragments, only the first of which names its call (failures.md B3).</summary>
    public static ToolForm NoIndex { get; } = new((stream, calls) =>
    {
        foreach (var call in calls)
        {
            stream.Delta(Calls([Item(null, call.Id, call.Name, "")]));
            foreach (var piece in Pieces.OfArguments(call.Arguments)) stream.Delta(Calls([Item(null, arguments: piece)]));
        }
    });

    /// <summary>No index, and the id on every fragment.</summary>
    public static ToolForm NoIndexIdRepeated { get; } = new((stream, calls) =>
    {
        foreach (var call in calls)
        {
            stream.Delta(Calls([Item(null, call.Id, call.Name, "")]));
            foreach (var piece in Pieces.OfArguments(call.Arguments)) stream.Delta(Calls([Item(null, call.Id, arguments: piece)]));
        }
    });

    /// <summary>Every call has index 0; only the id tells them apart (Ollama, older).</summary>
    public static ToolForm AllIndexZero { get; } = new((stream, calls) =>
    {
        foreach (var call in calls) stream.Delta(Head(0, call, call.Arguments));
    });

    /// <summary>Every call has index 0 and there are no ids; only a new name tells them apart.</summary>
    public static ToolForm AllIndexZeroNoIds { get; } = new((stream, calls) =>
    {
        foreach (var call in calls) stream.Delta(Calls([Item(0, name: call.Name, arguments: call.Arguments)]));
    })
    {
        Whole = c => Item(null, name: c.Name, arguments: c.Arguments),
    };

    /// <summary><c>id: ""</c> and the type on every continuation (Qwen).</summary>
    public static ToolForm EmptyIdOnTails { get; } = Tails((i, piece) => Calls([Item(i, "", arguments: piece)]));

    /// <summary><c>name: ""</c> on every continuation (GLM served by Mistral).</summary>
    public static ToolForm EmptyNameOnTails { get; } = Tails((i, piece) => Calls([Item(i, name: "", arguments: piece)]));

    /// <summary>Null id, type and name on every continuation.</summary>
    public static ToolForm NullsOnTails { get; } = Tails((i, piece) =>
        string.Create(CultureInfo.InvariantCulture,
            $$$"""{"tool_calls":[{"index":{{{i}}},"id":null,"type":null,"function":{"name":null,"arguments":{{{Quote(piece)}}}}}]}"""));

    /// <summary>The id on every fragment (LocalAI).</summary>
    public static ToolForm IdRepeated { get; } = TailsOf((i, call, piece) => Calls([Item(i, call.Id, arguments: piece)]));

    /// <summary>Id and name on every fragment (failures.md B2).</summary>
    public static ToolForm IdAndNameRepeated { get; } = TailsOf((i, call, piece) => Calls([Item(i, call.Id, call.Name, piece)]));

    /// <summary>Each call a second time under another index, the same id (LocalAI).</summary>
    public static ToolForm RepeatedUnderOtherIndex { get; } = new((stream, calls) =>
    {
        for (var i = 0; i < calls.Count; i++)
        {
            stream.Delta(Head(2 * calls[i].Number, calls[i], calls[i].Arguments));
            stream.Delta(Head(2 * calls[i].Number + 1, calls[i], ""));
        }
    });

    /// <summary>The first call has index 1, the next 2.</summary>
    public static ToolForm IndexFromOne { get; } = Shifted(i => i + 1);

    /// <summary>Indices with gaps: 0, 3, 6.</summary>
    public static ToolForm IndexGaps { get; } = Shifted(i => 3 * i);

    /// <summary>The head of every call has index 0, its tail the right one (hosts of deepseek-v4-flash).</summary>
    public static ToolForm HeadsAtZero { get; } = new((stream, calls) =>
    {
        for (var i = 0; i < calls.Count; i++)
        {
            stream.Delta(Head(0, calls[i], ""));
            foreach (var piece in Pieces.OfArguments(calls[i].Arguments)) stream.Delta(Tail(calls[i].Number, piece));
        }
    });

    /// <summary>Good calls, and between them fragments for an index that never had a head (Nebius, Cerebras).</summary>
    public static ToolForm OrphanFragments { get; } = new((stream, calls) =>
    {
        stream.Delta(Tail(7, "{\"lost\":"));
        Standard.Stream(stream, calls);
        stream.Delta(Tail(9, "true}"));
    });

    /// <summary>Arguments come first, the name after them.</summary>
    public static ToolForm NameAfterArguments { get; } = new((stream, calls) =>
    {
        for (var i = 0; i < calls.Count; i++)
        {
            var pieces = Pieces.OfArguments(calls[i].Arguments).ToList();
            stream.Delta(Calls([Item(calls[i].Number, calls[i].Id, arguments: pieces.FirstOrDefault() ?? "")]));
            stream.Delta(Calls([Item(calls[i].Number, name: calls[i].Name, type: false)]));
            foreach (var piece in pieces.Skip(1)) stream.Delta(Tail(calls[i].Number, piece));
        }
    });

    /// <summary>Id and name in deltas of their own.</summary>
    public static ToolForm IdThenName { get; } = new((stream, calls) =>
    {
        for (var i = 0; i < calls.Count; i++)
        {
            stream.Delta(string.Create(CultureInfo.InvariantCulture,
                    $$"""{"tool_calls":[{"index":{{calls[i].Number}},"id":{{Quote(calls[i].Id)}},"type":"function"}]}"""));
            stream.Delta(Calls([Item(calls[i].Number, name: calls[i].Name, type: false)]));
            foreach (var piece in Pieces.OfArguments(calls[i].Arguments)) stream.Delta(Tail(calls[i].Number, piece));
        }
    });

    /// <summary>Empty and null content, and empty deltas, between the fragments (failures.md A8).</summary>
    public static ToolForm EmptyContentBetween { get; } = new((stream, calls) =>
    {
        string[] nothings = ["""{"content":""}""", """{"content":null}""", "{}", """{"reasoning_content":""}""",
            """{"role":"assistant","content":"","tool_calls":[]}"""];
        for (var i = 0; i < calls.Count; i++)
        {
            stream.Delta(Head(calls[i].Number, calls[i], ""));
            var turn = 0;
            foreach (var piece in Pieces.OfArguments(calls[i].Arguments, 4)) stream.Delta(nothings[turn++ % nothings.Length])
                .Delta(Tail(calls[i].Number, piece));
        }
    });

    /// <summary>Arguments as a JSON object, not a string.</summary>
    public static ToolForm ArgumentsObject { get; } = ArgumentsAre(c => c.Arguments);

    public static ToolForm ArgumentsEmpty { get; } = ArgumentsAre(_ => "\"\"");

    public static ToolForm ArgumentsBraces { get; } = ArgumentsAre(_ => "\"{}\"");

    public static ToolForm ArgumentsNullText { get; } = ArgumentsAre(_ => "\"null\"");

    public static ToolForm ArgumentsNull { get; } = ArgumentsAre(_ => "null");

    public static ToolForm ArgumentsMissing { get; } = new((stream, calls) =>
    {
        for (var i = 0; i < calls.Count; i++) stream.Delta(Calls([Item(calls[i].Number, calls[i].Id, calls[i].Name)]));
    })
    {
        Whole = c => Item(null, c.Id, c.Name),
    };

    /// <summary>The call of before tools: <c>function_call</c>, the first of the calls alone.</summary>
    public static ToolForm LegacyFunctionCall { get; } = new((stream, calls) =>
    {
        stream.Delta($$$"""{"function_call":{"name":{{{Quote(calls[0].Name)}}},"arguments":""}}""");
        foreach (var piece in Pieces.OfArguments(calls[0].Arguments)) stream.Delta(
            $$$"""{"function_call":{"arguments":{{{Quote(piece)}}}}}""");
    });

    /// <summary>Gemini: whole calls without index; the first carries a signature that must come back (openai-chat-completions.md 6.2).</summary>
    public static ToolForm GeminiSigned { get; } = new((stream, calls) =>
    {
        for (var i = 0; i < calls.Count; i++) stream.Delta(Calls([Signed(calls[i], i == 0)]));
    })
    {
        IdOf = (exchange, _, i) => "function-call-" + exchange.NewCallId(i)[8..],
        Whole = c => Signed(c, c.Id.EndsWith("c0000", StringComparison.Ordinal)),
    };

    /// <summary>A standard stream whose ids are made by <paramref name="id"/>.</summary>
    public static ToolForm WithIds(Func<Exchange, Part.Call, int, string> id) => Standard with { IdOf = id };

    /// <summary>No ids at all.</summary>
    public static ToolForm NoIds { get; } = new((stream, calls) =>
    {
        for (var i = 0; i < calls.Count; i++)
        {
            stream.Delta(Calls([Item(calls[i].Number, name: calls[i].Name, arguments: "")]));
            foreach (var piece in Pieces.OfArguments(calls[i].Arguments)) stream.Delta(Tail(calls[i].Number, piece));
        }
    })
    {
        Whole = c => Item(null, name: c.Name, arguments: c.Arguments),
    };

    /// <summary>Ids are numbers.</summary>
    public static ToolForm NumericIds { get; } = new((stream, calls) =>
    {
        for (var i = 0; i < calls.Count; i++) stream.Delta(Head(calls[i].Number, calls[i], calls[i].Arguments)
            .Replace(Quote(calls[i].Id), calls[i].Id, StringComparison.Ordinal));
    })
    {
        IdOf = (exchange, _, i) => string.Create(CultureInfo.InvariantCulture, $"{exchange.Sequence}{i}"),
        Whole = c => Item(null, c.Id, c.Name, c.Arguments).Replace(Quote(c.Id), c.Id, StringComparison.Ordinal),
    };

    /// <summary>46 characters, as vLLM's: OpenAI takes no more than 40.</summary>
    public static string VllmId(Exchange exchange, Part.Call call, int number) =>
        "chatcmpl-tool-" + exchange.NewCallId(number)["call_sim".Length..].PadLeft(32, 'a');

    /// <summary>Only the call's number, so that every turn has the same ids.</summary>
    public static string CountingId(Exchange exchange, Part.Call call, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"call_{number}");

    /// <summary>The function's name and the call's number, as Kimi K2's.</summary>
    public static string KimiId(Exchange exchange, Part.Call call, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"functions.{call.Name}:{number}");

    /// <summary>Nine letters and digits, as Mistral's.</summary>
    public static string NineCharacters(Exchange exchange, Part.Call call, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"sim{exchange.Sequence % 10_000:d4}{number % 100:d2}");

    private static string Signed(IssuedCall call, bool first) => first
        ? Item(null, call.Id, call.Name,
            call.Arguments)[..^1] + ""","extra_content":{"google":{"thought_signature":"c2ltdWxhdGVkLXRob3VnaHQ="}}}"""
        : Item(null, call.Id, call.Name, call.Arguments);

    private static void Alternate(ChatStream stream, IReadOnlyList<IssuedCall> calls)
    {
        var pieces = calls.Select(c => Pieces.OfArguments(c.Arguments, 4).ToList()).ToList();
        for (var round = 0; round < pieces.Max(p => p.Count); round++)
        {
            for (var i = 0; i < calls.Count; i++)
            {
                if (round < pieces[i].Count) stream.Delta(Tail(calls[i].Number, pieces[i][round]));
            }
        }
    }

    private static ToolForm Tails(Func<int, string, string> tail) => TailsOf((i, _, piece) => tail(i, piece));

    private static ToolForm TailsOf(Func<int, IssuedCall, string, string> tail) => new((stream, calls) =>
    {
        for (var i = 0; i < calls.Count; i++)
        {
            stream.Delta(Head(calls[i].Number, calls[i], ""));
            foreach (var piece in Pieces.OfArguments(calls[i].Arguments)) stream.Delta(tail(calls[i].Number, calls[i], piece));
        }
    });

    private static ToolForm Shifted(Func<int, int> indexOf) => new((stream, calls) =>
    {
        for (var i = 0; i < calls.Count; i++)
        {
            stream.Delta(Head(indexOf(calls[i].Number), calls[i], ""));
            foreach (var piece in Pieces.OfArguments(calls[i].Arguments)) stream.Delta(Tail(indexOf(calls[i].Number), piece));
        }
    });

    /// <param name="json">Makes the JSON that stands where the string with the arguments should.</param>
    private static ToolForm ArgumentsAre(Func<IssuedCall, string> json)
    {
        string WithArguments(int? index, IssuedCall c) => Item(index, c.Id, c.Name)[..^2] + $",\"arguments\":{json(c)}}}}}";
        return new((stream, calls) =>
        {
            for (var i = 0; i < calls.Count; i++) stream.Delta(Calls([WithArguments(calls[i].Number, calls[i])]));
        })
        {
            Whole = c => WithArguments(null, c),
        };
    }

    private static string Calls(IEnumerable<string> items) => $$"""{"tool_calls":[{{string.Join(',', items)}}]}""";

    /// <summary>An entry of <c>tool_calls</c> with the members that are given.</summary>
    private static string Item(int? index, string? id = null, string? name = null, string? arguments = null, bool type = true)
    {
        List<string> members = [];
        if (index is { } at) members.Add(string.Create(CultureInfo.InvariantCulture, $"\"index\":{at}"));
        if (id is not null) members.Add($"\"id\":{Quote(id)}");
        if (type && (id is not null || name is not null)) members.Add("\"type\":\"function\"");
        List<string> function = [];
        if (name is not null) function.Add($"\"name\":{Quote(name)}");
        if (arguments is not null) function.Add($"\"arguments\":{Quote(arguments)}");
        members.Add($"\"function\":{{{string.Join(',', function)}}}");
        return $"{{{string.Join(',', members)}}}";
    }
}
