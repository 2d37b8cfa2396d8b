using System.Text;
using CsCheck;
using Dragoman.Protocol.Json;
using Dragoman.Testing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Requests;

public sealed class BrokenRequestTests
{
    private static readonly string[] Replacements =
        ["null", "true", "0", "-1", "1.5", "1e400", "\"\"", "\"x\"", "\"\\ud83d\\ude00\"", "[]", "{}", "[null]", "[[]]", "[{}]", "{\"type\":\"text\"}", "[{\"type\":\"tool_use\"}]", "\"assistant\"", "\"tool_result\""];

    // failures.md C9 and others: an error with a reason, or a translation that is JSON; never an exception of another kind.
    [Fact]
    public void Whatever_stands_in_a_request_it_is_translated_or_refused_with_a_reason()
    {
        var requests = RecordedRequestTests.Recordings("captures/claude-code")
            .Concat(RecordedRequestTests.Recordings("corpus/anthropic-requests"))
            .Where(r => r.Body.Length < 40_000)
            .Select(r => Encoding.UTF8.GetString(r.Body))
            .ToArray();
        var dialects = Dialects.Names.Select(name => Dialects.Find(name)!).ToArray();

        Gen.Select(Gen.Int[0, requests.Length - 1], Gen.Int[0, dialects.Length - 1], Gen.Int[0, int.MaxValue], Gen.Int[0, Replacements.Length - 1], Gen.Bool)
            .Sample(
                (request, dialect, place, replacement, isStrict) =>
                    AssertHandled(Replace(requests[request], place, Replacements[replacement]), dialects[dialect] with { Strict = isStrict }),
                iter: 4_000);
    }

    [Fact]
    public void Whatever_order_a_conversation_has_it_is_translated_or_refused_with_a_reason() =>
        Gen.Select(Conversations.Gen, Gen.Int[0, int.MaxValue], Gen.Int[0, Replacements.Length - 1], Gen.Int[0, Dialects.Names.Count - 1]).Sample(
            (request, place, replacement, dialect) =>
                AssertHandled(Replace(request, place, Replacements[replacement]), Dialects.Find(Dialects.Names[dialect])!),
            iter: 2_000);

    private static string Replace(string request, int place, string replacement)
    {
        using var text = JsonText.Parse(Encoding.UTF8.GetBytes(request));
        var places = new List<(int Start, int Length)>();
        Gather(text.Root, places);
        var (start, length) = places[place % places.Count];
        var bytes = text.Bytes;
        return Encoding.UTF8.GetString([.. bytes[..start], .. Encoding.UTF8.GetBytes(replacement), .. bytes[(start + length)..]]);
    }

    private static void Gather(JsonView view, List<(int, int)> places)
    {
        places.Add((view.Offset, view.Raw.Length));
        foreach (var item in view.Items)
            Gather(item, places);
        foreach (var member in view.Members)
            Gather(member.Value, places);
    }

    private static void AssertHandled(string request, Dialect dialect)
    {
        try
        {
            using var translated = JsonText.Parse(Encoding.UTF8.GetBytes(Translating.Request(request, dialect).Body));
            Assert.True(translated.Root["messages"u8].IsArray);
        }
        catch (TranslationException refusal)
        {
            Assert.Equal(400, refusal.Error.Status);
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException($"{e.GetType()} {e.Message} {e.StackTrace} for {dialect.Name}: {request}");
        }
    }
}
