using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Reads an entry of <c>tools</c> that names a server tool the gateway can run.</summary>
internal static class ServerToolDefinition
{
    private static readonly KnownTool Search = new(
        "web_search",
        "Search the web. Returns results, each with its title, address, age and an excerpt. Use it for what may have changed lately or is not known "
            + "for sure.",
        """{"type":"object","properties":{"query":{"type":"string","description":"What to search for: a few words, as for a search engine."}},"required":["query"]}""");

    private static readonly KnownTool Fetch = new(
        "web_fetch",
        "Fetch a web page or PDF document and read its text. Takes only addresses that stand in the conversation or in search results.",
        """{"type":"object","properties":{"url":{"type":"string","description":"The full address, with https://."}},"required":["url"]}""");

    /// <summary>Whether tools of that type are run by the gateway, if it knows the version.</summary>
    public static bool Knows(ReadOnlySpan<byte> type) => type.StartsWith("web_search_"u8) || type.StartsWith("web_fetch_"u8);

    /// <summary>What the model is told of it.</summary>
    public static KnownTool FunctionOf(ServerToolKind kind) => kind == ServerToolKind.WebFetch ? Fetch : Search;

    /// <summary>Reads the parameters.</summary>
    /// <exception cref="TranslationException">A version nobody knows, a tool that cannot be run here, or a parameter that makes no sense.</exception>
    public static ServerTool Read(ToolDefinition definition, RequestTranslation translation)
    {
        var type = definition.Type.GetString()!;
        var kind = type.StartsWith("web_search_", StringComparison.Ordinal) ? ServerToolKind.WebSearch : ServerToolKind.WebFetch;
        CheckVersion(definition, type, kind);
        CheckOffer(definition, type, kind, translation.Target.ServerTools);
        var name = InvalidRequest.RequireString(definition.Name, definition.View, "name");
        var expected = FunctionOf(kind).Name;
        if (name.GetString() != expected)
            throw InvalidRequest.At(name, $"Input should be '{expected}'");

        ReportLeftOut(definition.View, type, kind, translation.Dropped);
        var allowed = Domains(definition.View["allowed_domains"u8]);
        var blocked = Domains(definition.View["blocked_domains"u8]);
        if (allowed.Count > 0 && blocked.Count > 0)
            throw InvalidRequest.At(definition.View, "only one of allowed_domains and blocked_domains can be given");
        return new ServerTool
        {
            Kind = kind,
            MaxUses = Positive(definition.View["max_uses"u8]),
            AllowedDomains = allowed,
            BlockedDomains = blocked,
            UserLocation = kind == ServerToolKind.WebSearch ? Location(definition.View["user_location"u8]) : null,
            MaxContentTokens = kind == ServerToolKind.WebFetch ? Positive(definition.View["max_content_tokens"u8]) : null,
            UseCache = definition.View["use_cache"u8].Kind != System.Text.Json.JsonValueKind.False,
        };
    }

    private static void CheckVersion(ToolDefinition definition, string type, ServerToolKind kind)
    {
        ReadOnlySpan<string> known = kind == ServerToolKind.WebSearch
            ? ["web_search_20250305", "web_search_20260209", "web_search_20260318"]
            : ["web_fetch_20250910", "web_fetch_20260209", "web_fetch_20260309", "web_fetch_20260318"];
        if (!known.Contains(type))
            throw InvalidRequest.At(definition.View, $"{RequestFields.Reportable(type)} is not supported by this gateway; known are {string.Join(", ", known!)}");
    }

    private static void CheckOffer(ToolDefinition definition, string type, ServerToolKind kind, ServerToolOffer offer)
    {
        if (kind == ServerToolKind.WebSearch && !offer.WebSearch)
            throw InvalidRequest.At(definition.View, $"{type} {offer.WebSearchRefusal}");
        if (kind == ServerToolKind.WebFetch && !offer.WebFetch)
            throw InvalidRequest.At(definition.View, $"{type} is not supported by this gateway");
    }

    private static void ReportLeftOut(JsonView tool, string type, ServerToolKind kind, DroppedFeatures dropped)
    {
        // From the second version on the model may sift results by code that it writes. Without that it reads them itself.
        var plain = kind == ServerToolKind.WebSearch ? "web_search_20250305" : "web_fetch_20250910";
        if (type != plain)
            dropped.AddFromHistory("dynamic_filtering");
        if (kind == ServerToolKind.WebFetch && tool["citations"u8]["enabled"u8].IsTrue)
            dropped.Add("citations");
        if (tool["response_inclusion"u8].Equals("excluded"u8))
            dropped.Add("response_inclusion");
        if (!tool["url_sources"u8].IsMissing)
            dropped.Add("url_sources");
    }

    private static long? Positive(JsonView number)
    {
        if (number.IsMissing)
            return null;
        if (!number.TryGetInt64(out var value))
            throw InvalidRequest.At(number, "Input should be a valid integer");
        return value > 0 ? value : throw InvalidRequest.At(number, "Input should be greater than 0");
    }

    private static List<string> Domains(JsonView list)
    {
        if (list.IsMissing)
            return [];
        if (!list.IsArray)
            throw InvalidRequest.At(list, "Input should be a valid list");
        var domains = new List<string>();
        foreach (var item in list.Items)
            domains.Add(item.GetString() is { Length: > 0 } domain ? domain : throw InvalidRequest.At(item, "Input should be a valid string"));
        return domains;
    }

    private static UserLocation? Location(JsonView location)
    {
        if (location.IsMissing)
            return null;
        if (!location.IsObject)
            throw InvalidRequest.At(location, "Input should be an object");
        if (!location["type"u8].Equals("approximate"u8))
            throw InvalidRequest.At(location, "type", "Input should be 'approximate'");
        return new(Word(location["city"u8]), Word(location["region"u8]), Word(location["country"u8]), Word(location["timezone"u8]));
    }

    private static string? Word(JsonView word) =>
        word.IsMissing ? null : word.GetString() ?? throw InvalidRequest.At(word, "Input should be a valid string");
}
