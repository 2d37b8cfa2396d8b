using Dragoman.Configuration;
using Dragoman.Routing;

namespace Dragoman.Upstream;

/// <summary>Looks for model servers on the ports where they usually are.</summary>
internal static class LocalServers
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>The usual ports, in order of preference.</summary>
    public static IReadOnlyList<(string Name, int Port, string Dialect)> Usual { get; } =
    [
        ("ollama", 11434, "ollama"), ("vllm", 8000, "auto"), ("llama.cpp", 8080, "auto"), ("lmstudio", 1234, "lmstudio"), ("sglang", 30000, "auto"),
    ];

    /// <summary>Those of <paramref name="candidates"/> that answer with a list of models in OpenAI's shape. All are asked at once and none
    /// for long.</summary>
    public static async Task<IReadOnlyList<BackendOptions>> FindAsync(IReadOnlyList<(string Name, int Port, string Dialect)> candidates)
    {
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = Patience, AllowAutoRedirect = false });
        var asked = candidates.Select(candidate => AskAsync(http, candidate.Name, candidate.Port, candidate.Dialect)).ToArray();
        return [.. (await Task.WhenAll(asked)).OfType<BackendOptions>()];
    }

    private static async Task<BackendOptions?> AskAsync(HttpMessageInvoker http, string name, int port, string dialect)
    {
        var url = new Uri($"http://127.0.0.1:{port}/v1/");
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            using var answer = await http.SendAsync(new(HttpMethod.Get, new Uri(url, "models")), limit.Token);
            if (!answer.IsSuccessStatusCode) return null;
            await answer.Content.LoadIntoBufferAsync(4 << 20, limit.Token);
            var list = ModelListReader.Read(await answer.Content.ReadAsByteArrayAsync(limit.Token));
            // A gateway like this one lists models in both shapes. Talking to it, or to ourselves, would help nobody.
            var isModelServer = list is { Models.Count: > 0 } && !list.Members.Contains("display_name");
            return isModelServer ? new BackendOptions { Name = name, Url = url, Dialect = dialect } : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return null;
        }
    }
}
