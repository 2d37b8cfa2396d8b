using Dragoman.Protocol.Anthropic;

namespace Dragoman.Routing;

/// <summary>What routes can ask of a request. Nothing is looked for before a route asks for it, and everything at most once.</summary>
internal sealed class RequestFacts(string model, MessagesRequest request, IHeaderDictionary headers)
{
    private bool? _background;
    private bool? _thinking;
    private bool? _webSearch;
    private bool? _subagent;
    private PromptScan? _scan;
    private ulong? _session;

    /// <summary>The name the caller asked for.</summary>
    public string Model => model;

    /// <summary>The caller's headers.</summary>
    public IHeaderDictionary Headers => headers;

    /// <summary>Thinking is asked for, of whatever kind.</summary>
    public bool Thinking => _thinking ??= request.Thinking["type"u8] is { IsString: true } type && !type.Equals("disabled"u8);

    /// <summary>A server-side web search is among the tools.</summary>
    public bool WebSearch => _webSearch ??= HoldsWebSearch();

    /// <summary>An agent asks that Claude Code started beside the main conversation.</summary>
    public bool Subagent => _subagent ??= headers.ContainsKey("x-claude-code-agent-id") || BillingHeader.NamesSubagent(request);

    /// <summary>Claude Code's side work, which it gives to its small model: titles, summaries of web pages and the like.</summary>
    /// <remarks>Told by shape, since the name tells little: a small model that nobody has set is the main one (claude-code.md section 3.4).
    /// These requests have neither tools nor thinking; main ones and subagents' have tools, and nearly always thinking. The probe of
    /// <c>/model</c>, which asks for one token, is to reach the model it is about; counting asks for none.</remarks>
    public bool Background => _background ??=
        IsFromClaudeCode && !headers["x-claude-code-request-class"].ToString().Equals("main", StringComparison.OrdinalIgnoreCase)
        && request.MaxTokens.TryGetInt64(out var most) && most > 1
        && (request.Tools.IsMissing || request.Tools.IsEmpty) && !Thinking && !Subagent;

    /// <summary>An image stands in a message, or in the result of a tool.</summary>
    public bool Images => Scan.Images > 0;

    /// <summary>Tokens of the prompt, by its size.</summary>
    public long EstimatedTokens => Scan.EstimatedTokens;

    /// <summary>See <see cref="SessionKey.HashOf"/>.</summary>
    public ulong? SessionHash => _session ??= SessionKey.HashOf(headers, request);

    private PromptScan Scan => _scan ??= PromptScan.Of(request);

    private bool IsFromClaudeCode =>
        headers.UserAgent.ToString().StartsWith("claude-cli/", StringComparison.OrdinalIgnoreCase) || SessionKey.Of(headers) is not null;

    /// <summary>A request of which only the model's name is known, as when the gateway itself wants to know where a name goes: every time to
    /// the same place.</summary>
    public static RequestFacts OfName(string model) => new(model, default, new HeaderDictionary()) { _session = 0 };

    private bool HoldsWebSearch()
    {
        foreach (var tool in request.Tools.Items)
        {
            if (tool["type"u8].RawString.StartsWith("web_search_"u8)) return true;
        }

        return false;
    }
}
