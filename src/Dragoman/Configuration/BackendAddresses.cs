using Dragoman.Configuration.Tables;

namespace Dragoman.Configuration;

/// <summary>Addresses of backends: as people write them, and as each schema wants them.</summary>
internal static class BackendAddresses
{
    // What people copy along with an address.
    private static readonly string[] ChatEndings = ["/chat/completions"];
    private static readonly string[] MessagesEndings = ["/v1/messages", "/v1"];
    private static readonly string[] AzureEndings = ["/chat/completions", "/openai/v1", "/openai"];

    /// <summary>An http address without secrets in it. Faults do not repeat it: a password may stand in what was refused.</summary>
    public static ValueKind<Uri> Kind { get; } = new(Parse, json => json.WriteString("type"u8, "string"u8)) { IsQuoted = false };

    /// <summary>The address that the paths of <paramref name="schema"/> are appended to. Ends in a slash.</summary>
    public static Uri For(string schema, Uri address)
    {
        var path = address.AbsolutePath.TrimEnd('/');
        path = schema switch
        {
            Schemas.OpenAI => Without(path, ChatEndings) is { Length: > 0 } given ? given : "/v1",
            Schemas.Anthropic => Without(path, MessagesEndings),
            Schemas.AzureOpenAI => Without(path, AzureEndings),
            _ => path,
        };
        return new UriBuilder(address.Scheme, address.Host, address.Port, path + "/").Uri;
    }

    /// <summary>The backend with its final address. Null stays where there is none, nor can one be told from region or location.</summary>
    /// <param name="backend">As an operator described it.</param>
    /// <param name="variable">Reads an environment variable: Amazon's region may be there.</param>
    public static BackendOptions Complete(BackendOptions backend, Func<string, string?> variable)
    {
        if (backend.Schema == Schemas.AwsAnthropic)
        {
            var aws = backend.Aws ?? new();
            var region = aws.Region ?? NonEmpty(variable("AWS_REGION")) ?? NonEmpty(variable("AWS_DEFAULT_REGION"));
            backend = backend with { Aws = aws with { Region = region } };
        }

        var address = backend.Url ?? Derived(backend);
        return address is null ? backend : backend with { Url = For(backend.Schema, address) };
    }

    private static Uri? Derived(BackendOptions backend) => backend switch
    {
        { Schema: Schemas.AwsAnthropic, Aws.Region: { } region } when IsLabel(region) =>
            new($"https://bedrock-runtime.{region}.amazonaws.com{(region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}/"),
        { Schema: Schemas.GcpAnthropic, Gcp: { Location: "global", Project.Length: > 0 } } => new("https://aiplatform.googleapis.com/"),
        // A continent is no region, and has an address of another form.
        { Schema: Schemas.GcpAnthropic, Gcp: { Location: "us" or "eu", Project.Length: > 0 } gcp } => new($"https://aiplatform.{gcp.Location}.rep.googleapis.com/"),
        { Schema: Schemas.GcpAnthropic, Gcp: { Project.Length: > 0 } gcp } when IsLabel(gcp.Location) => new($"https://{gcp.Location}-aiplatform.googleapis.com/"),
        _ => null,
    };

    private static Uri Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new FormatException("no address. Expected one like http://127.0.0.1:8000/v1");
        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            throw new FormatException("an address that must not hold a user name, a query or a fragment. A key goes into api_key, --api-key or an environment variable");
        return url;
    }

    private static string Without(string path, string[] endings)
    {
        foreach (var ending in endings)
        {
            if (path.EndsWith(ending, StringComparison.Ordinal)) return path[..^ending.Length].TrimEnd('/');
        }

        return path;
    }

    // A region becomes part of a host's name.
    private static bool IsLabel(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
