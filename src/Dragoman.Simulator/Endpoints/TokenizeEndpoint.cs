using Dragoman.Simulator.Replies;
using Dragoman.Simulator.Requests;
using Dragoman.Simulator.Scenarios;

namespace Dragoman.Simulator.Endpoints;

/// <summary><c>POST /tokenize</c>: vLLM's for <c>prompt</c> or <c>messages</c>, llama.cpp's for <c>content</c>. The tokens are numbers from 0 up.</summary>
internal static class TokenizeEndpoint
{
    public static Reply Answer(ReadOnlyMemory<byte> body)
    {
        if (RequestJson.Parse(body) is not { } root)
        {
            return ErrorReply.Of(400, "We could not parse the JSON body of your request.");
        }

        var rules = ScenarioCatalogue.Find(root.StringAt("model") ?? "")?.Scenario.Rules ?? BackendRules.Default;
        if (!rules.Tokenize) return ErrorReply.Of(404, "Not Found");
        if (root.StringAt("content") is { } content) return Reply.Json($$"""{"tokens":[{{Tokens(TokenCount.OfText(content))}}]}""");
        int count;
        if (root.StringAt("prompt") is { } prompt) count = TokenCount.OfText(prompt);
        else if (root.TryGet("messages", out _)) count = TokenCount.OfRequest(new ChatRequest(root));
        else return ErrorReply.Of(400, "One of prompt, messages or content is required.");

        return Reply.Json(
            $$"""{"count":{{count}},"max_model_len":{{rules.MaxModelLength}},"tokens":[{{Tokens(count)}}],"token_strs":null}""");
    }

    private static string Tokens(int count) => string.Join(',', Enumerable.Range(0, count));
}
