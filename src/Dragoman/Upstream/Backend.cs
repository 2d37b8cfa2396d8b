using Dragoman.Configuration;
using Dragoman.Routing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>A server that runs or sells models: the one thing through which the gateway calls it.</summary>
internal sealed class Backend : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly KeyValuePair<string, string>[] _headers;
    private readonly HealthProbe? _health;

    public Backend(BackendOptions options, GatewayOptions gateway, BackendDialects dialects, HttpMessageInvoker http, TimeProvider time, ILogger log)
    {
        Name = options.Name;
        Address = options.Url;
        DefaultModel = options.DefaultModel;
        Dialects = dialects;
        SignatureKey = SignatureKeys.For(options, gateway.SigningKey);
        _http = http;
        _headers = [.. options.Headers];
        Schema = UpstreamSchemas.Create(options, time);
        Models = new(this, gateway.Timeouts, time);
        Circuits = new(Name, gateway.Circuit, time, log);
        if (options.Health is { } health) _health = new(this, health, time);
    }

    /// <summary>The name in the configuration: what logs and callers may see.</summary>
    public string Name { get; }

    /// <summary>Never to be shown to a caller or written to a log.</summary>
    public Uri Address { get; }

    /// <summary>The model asked for where a request names none that is listed; null takes the first one listed.</summary>
    public string? DefaultModel { get; }

    /// <summary>The API it speaks.</summary>
    public UpstreamSchema Schema { get; }

    /// <summary>How it deviates from Chat Completions, as told and as learned.</summary>
    public BackendDialects Dialects { get; }

    /// <summary>What it lists.</summary>
    public ModelCatalog Models { get; }

    /// <summary>Which of its models can be relied on just now.</summary>
    public TargetCircuits Circuits { get; }

    /// <summary>Key that thinking signatures are sealed with.</summary>
    public ReadOnlyMemory<byte> SignatureKey { get; }

    /// <summary>Whether the last call got an answer; null before the first.</summary>
    public bool? Reachable { get; private set; }

    /// <summary>Sends a request, with the backend's credential and connections; returns when the headers of the answer are
    /// there.</summary>
    /// <param name="message">The request, from this backend's <see cref="Schema"/>.</param>
    /// <param name="body">Its body; empty if it has none.</param>
    /// <param name="cancellation">Ends the call at once.</param>
    /// <exception cref="HttpRequestException">Not reached, not in time, or cut off.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        foreach (var (name, value) in _headers) message.Headers.TryAddWithoutValidation(name, value);
        try
        {
            await Schema.AuthorizeAsync(message, body, cancellation);
            var answer = await _http.SendAsync(message, cancellation);
            Reachable = true;
            return answer;
        }
        catch (HttpRequestException)
        {
            Reachable = false;
            throw;
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            // How the handler says that a connection could not be made in time. Nobody has cancelled anything.
            Reachable = false;
            throw new HttpRequestException(HttpRequestError.ConnectionError, inner: e);
        }
    }

    public void Dispose()
    {
        _health?.Dispose();
        _http.Dispose();
    }
}
