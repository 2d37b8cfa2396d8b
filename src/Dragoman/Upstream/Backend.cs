using System.Net.Http.Headers;
using Dragoman.Configuration;
using Dragoman.Routing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>A server that runs or sells models: the one thing through which the gateway calls it.</summary>
internal sealed class Backend : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly AuthenticationHeaderValue? _credential;

    public Backend(BackendOptions options, GatewayOptions gateway, BackendDialects dialects, HttpMessageInvoker http, TimeProvider time)
    {
        Name = options.Name;
        Address = options.Url;
        DefaultModel = options.DefaultModel;
        Dialects = dialects;
        SignatureKey = SignatureKeys.For(options, gateway.SigningKey);
        _http = http;
        _credential = options.ApiKey is { Length: > 0 } key ? new("Bearer", key) : null;
        Models = new(this, gateway.Timeouts, time);
    }

    /// <summary>The name in the configuration: what logs and callers may see.</summary>
    public string Name { get; }

    /// <summary>Never to be shown to a caller or written to a log.</summary>
    public Uri Address { get; }

    /// <summary>The model asked for where a request names none that is listed; null takes the first one listed.</summary>
    public string? DefaultModel { get; }

    /// <summary>How it deviates from Chat Completions, as told and as learned.</summary>
    public BackendDialects Dialects { get; }

    /// <summary>What it lists.</summary>
    public ModelCatalog Models { get; }

    /// <summary>Key that thinking signatures are sealed with.</summary>
    public ReadOnlyMemory<byte> SignatureKey { get; }

    /// <summary>Calls <c>{address}/{path}</c>, such as <c>chat/completions</c> or <c>models</c>; returns when the headers are
    /// there.</summary>
    /// <exception cref="HttpRequestException">Not reached, or cut off.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation) =>
        SendAsync(new HttpRequestMessage(method, new Uri(Address, path)) { Content = content }, cancellation);

    /// <summary>Whether the last call got an answer; null before the first.</summary>
    public bool? Reachable { get; private set; }

    /// <summary>Sends a request of any address on the backend's server, with the backend's credential and connections; returns when the
    /// headers are there.</summary>
    /// <exception cref="HttpRequestException">Not reached, or cut off.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        // Nothing of the caller's own headers goes along: what a backend may know is built here. (failures.md D19)
        request.Headers.Authorization = _credential;
        try
        {
            var answer = await _http.SendAsync(request, cancellation);
            Reachable = true;
            return answer;
        }
        catch (HttpRequestException)
        {
            Reachable = false;
            throw;
        }
    }

    public void Dispose() => _http.Dispose();
}
