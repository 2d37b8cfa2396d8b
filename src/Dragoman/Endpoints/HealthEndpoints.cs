using System.Buffers;
using System.Text.Json;
using Dragoman.Reloading;

namespace Dragoman.Endpoints;

/// <summary>What probes ask for: <c>/</c>, <c>/api/hello</c>, <c>/healthz</c>, <c>/readyz</c>.</summary>
internal sealed class HealthEndpoints(GracefulStop stop, ConfigurationStatus configuration)
{
    private static readonly byte[] Hello = """{"name":"dragoman","messages":"/v1/messages","models":"/v1/models","ready":"/readyz"}"""u8.ToArray();
    private static readonly byte[] Alive = """{"status":"alive"}"""u8.ToArray();

    /// <summary>Clients look whether somebody is there before they send anything.</summary>
    public static Task HelloAsync(HttpContext http) => JsonAnswer.WriteAsync(http, Hello);

    /// <summary>The process runs.</summary>
    public static Task AliveAsync(HttpContext http) => JsonAnswer.WriteAsync(http, Alive);

    /// <summary>200 if requests can be served: not stopping, and a backend answers. Says what is known of each backend, never its
    /// address.</summary>
    public async Task ReadyAsync(HttpContext http)
    {
        var router = GatewaySnapshot.Of(http).Router;
        foreach (var backend in router.Backends) await backend.Models.GetAsync(http.RequestAborted);
        var stopping = stop.IsStopping;
        var ready = !stopping && router.Backends.Any(backend => backend.Reachable == true);
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("status"u8, stopping ? "stopping"u8 : ready ? "ready"u8 : "no backend can be reached"u8);
            WriteConfiguration(json);
            json.WriteStartArray("backends"u8);
            foreach (var backend in router.Backends)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, backend.Name);
                json.WriteBoolean("reachable"u8, backend.Reachable == true);
                json.WriteString("dialect"u8, backend.Dialects.Known.Name);
                json.WriteNumber("models"u8, backend.Models.Known?.Models.Count ?? 0);
                json.WriteStartArray("failing"u8);
                foreach (var model in backend.Circuits.Open) json.WriteStringValue(model);
                json.WriteEndArray();
                json.WriteStartArray("learned"u8);
                foreach (var lesson in backend.Dialects.Lessons) json.WriteStringValue(lesson);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        await JsonAnswer.WriteAsync(http, body.WrittenMemory, ready ? 200 : 503);
    }

    /// <summary>Where the faults of a refused edit are. What they are stands in the log: everyone may ask us, and a fault may quote the
    /// file.</summary>
    private void WriteConfiguration(Utf8JsonWriter json)
    {
        json.WriteStartObject("configuration"u8);
        json.WriteString("loaded_at"u8, configuration.LoadedAt);
        if (configuration.LastFault is { } refused)
        {
            json.WriteStartObject("fault"u8);
            json.WriteString("at"u8, refused.At);
            json.WriteStartArray("places"u8);
            foreach (var fault in refused.Faults)
                json.WriteStringValue(string.Join(": ", new[] { fault.At is { } at ? $"{Path.GetFileName(fault.Source)}:{at}" : "", fault.Path }.Where(part => part.Length > 0)));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
