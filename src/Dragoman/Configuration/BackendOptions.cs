namespace Dragoman.Configuration;

/// <summary>A server that runs or sells models, as an operator names it.</summary>
internal sealed record BackendOptions
{
    /// <summary>How routes, logs and error messages call it; never its address.</summary>
    public required string Name { get; init; }

    /// <summary>The address that <c>chat/completions</c> is appended to, such as <c>http://gpu-1:8000/v1/</c>. Ends in a slash.</summary>
    public required Uri Url { get; init; }

    /// <summary>The API it speaks. Only <c>openai</c> so far.</summary>
    public string Schema { get; init; } = "openai";

    /// <summary>How it deviates from that API: a preset's name, or <c>auto</c>.</summary>
    public string Dialect { get; init; } = "auto";

    /// <summary>Sent as <c>Authorization: Bearer</c>; null sends none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The model asked for where a request names none that the backend lists; null takes the first one listed.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>Turns what a person writes into the address to append to: <c>http://host:8000</c> becomes <c>http://host:8000/v1/</c>,
    /// and an address that was copied with its <c>/chat/completions</c> loses it.</summary>
    /// <exception cref="ConfigurationException">No absolute http or https address.</exception>
    public static Uri ParseUrl(string text)
    {
        if (!Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new ConfigurationException($"The backend address '{text}' is no address. Expected one like http://127.0.0.1:8000/v1.");
        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            throw new ConfigurationException(
                "The backend address must not hold a user name, a query or a fragment. A key goes into --api-key or an environment variable.");
        }

        var path = url.AbsolutePath.TrimEnd('/');
        if (path.EndsWith("/chat/completions", StringComparison.Ordinal)) path = path[..^"/chat/completions".Length];
        return new UriBuilder(url.Scheme, url.Host, url.Port, path.Length == 0 ? "/v1/" : path + "/").Uri;
    }
}
