using Dragoman.Configuration;
using Dragoman.Errors;

namespace Dragoman.Commands;

/// <summary>What a person reads after the start: what is behind the gateway, and lines to copy that use it.</summary>
internal static class StartBanner
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task WriteAsync(TextWriter output, RunningGateway gateway, BackendChoice choice, CancellationToken cancellation)
    {
        var address = gateway.Address.ToString().TrimEnd('/');
        await output.WriteLineAsync($"Dragoman listens on {address}");
        await output.WriteLineAsync($"Backend ({choice.Found}):");
        var models = await ListAsync(gateway, cancellation);
        foreach (var backend in gateway.Snapshots.Current.Router.Backends)
        {
            var count = backend.Models.Known?.Models.Count ?? 0;
            var state = backend.Reachable == true ? $"{count} model{(count == 1 ? "" : "s")}" : "does not answer yet";
            var speaks = SchemaOf(choice.Options, backend.Name) is Schemas.OpenAI or Schemas.AzureOpenAI ? $"dialect {backend.Dialects.Known.Name}" : "the Messages API itself";
            await output.WriteLineAsync($"  {backend.Name}  {Shown(backend.Address)}  {speaks}, {state}");
        }

        if (choice.Options.WebSearch.InOrder is { Count: > 0 } searches)
            await output.WriteLineAsync($"Web search: {string.Join(", ", searches.Select(SearchServices.NameOf))}");

        var model = await UsualModelAsync(gateway, choice.Options, models, cancellation);
        var isOpen = choice.Options.Keys.Count == 0 && choice.Options.Jwt is null;
        var key = isOpen ? "any" : "KEY";
        await output.WriteLineAsync(
            $$$"""

            Try it:
              curl -N {{{address}}}/v1/messages{{{(isOpen ? "" : " -H 'x-api-key: KEY'")}}} -H 'content-type: application/json' -d '{"model":"{{{model}}}","max_tokens":256,"stream":true,"messages":[{"role":"user","content":"Hello"}]}'
            An Anthropic SDK:
              ANTHROPIC_BASE_URL={{{address}}} ANTHROPIC_API_KEY={{{key}}}
            Claude Code:
              ANTHROPIC_BASE_URL={{{address}}} ANTHROPIC_AUTH_TOKEN={{{key}}} ANTHROPIC_MODEL='{{{model}}}' claude

            """);
    }

    /// <summary>The backends' lists, if they come soon: the banner does not wait for a server that sleeps.</summary>
    private static async Task<IReadOnlyList<string>> ListAsync(RunningGateway gateway, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            return [.. (await gateway.Snapshots.Current.Router.ListAsync(limit.Token)).Select(entry => entry.Model.Id)];
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return [];
        }
    }

    private static async Task<string> UsualModelAsync(
        RunningGateway gateway, GatewayOptions options, IReadOnlyList<string> models, CancellationToken cancellation)
    {
        if (options.Routes is [{ Model: "*", To: [{ Model: { } only }] }]) return only;
        // Whatever serves a name that nobody lists is the model a newcomer gets.
        if (options.Routes.Count == 0) return models.Count == 0 ? "any-name" : (await gateway.Snapshots.Current.Router.ResolveAsync("any-name", cancellation)).Model;
        // With routes, a name that one of them is for.
        foreach (var name in models.Prepend("claude-haiku-5-5").Prepend("claude-sonnet-5-5").Prepend("claude-opus-5-5"))
        {
            if (await IsServedAsync(gateway, name, cancellation)) return name;
        }

        return "any-name";
    }

    private static async Task<bool> IsServedAsync(RunningGateway gateway, string name, CancellationToken cancellation)
    {
        try
        {
            await gateway.Snapshots.Current.Router.ResolveAsync(name, cancellation);
            return true;
        }
        catch (GatewayException)
        {
            return false;
        }
    }

    private static string SchemaOf(GatewayOptions options, string backend) => options.Backends.First(described => described.Name == backend).Schema;

    // The operator's own terminal may show the address; a key never stands in it.
    private static string Shown(Uri address) => address.GetLeftPart(UriPartial.Path).TrimEnd('/');
}
