using System.Text.Encodings.Web;
using System.Text.Json;
using Dragoman.Authentication;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Reloading;
using Dragoman.Telemetry;

namespace Dragoman.Accounting;

/// <summary>One JSON line for each request that somebody may have to pay for, failed and broken off ones too. Never bodies, keys or a
/// backend's address.</summary>
internal sealed class AccountLog : IDisposable
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly GatewaySnapshots _snapshots;
    private readonly TimeProvider _time;
    private readonly LogOutput _output;

    public AccountLog(GatewaySnapshots snapshots, TimeProvider time, ILogger<AccountLog> log)
    {
        _snapshots = snapshots;
        _time = time;
        var file = new AccountFile(log);
        _output = new((lines, dropped) => file.Append(snapshots.Current.Options.Accounting.File, lines, dropped));
    }

    private readonly record struct Entry(DateTimeOffset At, HttpContext Http, RequestTelemetry Telemetry, TimeSpan Duration, TimeSpan? FirstEvent);

    /// <summary>Adds the line of a request that is over.</summary>
    /// <param name="http">The request.</param>
    /// <param name="telemetry">What is known of it.</param>
    /// <param name="started">When it began, as a time stamp of the clock.</param>
    public void Add(HttpContext http, RequestTelemetry telemetry, long started)
    {
        // Probes, and paths that lead nowhere, cost nobody anything.
        if (_snapshots.Current.Options.Accounting.File is null || !CallerAuthentication.IsGuarded(http)) return;
        TimeSpan? firstEvent = telemetry.FirstEventAt is { } first ? _time.GetElapsedTime(started, first) : null;
        _output.Add(Write, new Entry(_time.GetUtcNow(), http, telemetry, _time.GetElapsedTime(started), firstEvent));
    }

    /// <summary>Writes what is left.</summary>
    public void Dispose() => _output.Dispose();

    private static void Write(PooledBuffer line, Entry entry)
    {
        var known = entry.Telemetry;
        using (var json = new Utf8JsonWriter(line, Readable))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, entry.At);
            json.WriteString("request_id"u8, known.Id);
            WriteCaller(json, known.Caller);
            json.WriteString("path"u8, RequestLog.PathOf(entry.Http));
            json.WriteString("model"u8, known.Model);
            json.WriteBoolean("stream"u8, known.Stream);
            json.WriteString("route"u8, known.Route);
            json.WriteString("backend"u8, known.Backend);
            json.WriteString("upstream_model"u8, known.UpstreamModel);
            json.WriteNumber("attempts"u8, known.Attempts.Count);
            RequestLog.WriteTried(json, known);
            json.WriteNumber("status"u8, RequestLog.StatusOf(entry.Http, known));
            if (known.StopReason is { } stop) json.WriteString("stop_reason"u8, stop.Word());
            else json.WriteNull("stop_reason"u8);
            WriteUsage(json, entry.Http, known);
            if (entry.FirstEvent is { } first) json.WriteNumber("first_event_ms"u8, Milliseconds(first));
            else json.WriteNull("first_event_ms"u8);
            json.WriteNumber("duration_ms"u8, Milliseconds(entry.Duration));
            json.WriteNumber("request_bytes"u8, known.RequestBytes);
            json.WriteNumber("response_bytes"u8, known.StreamedBytes > 0 ? known.StreamedBytes : entry.Http.Response.ContentLength ?? 0);
            json.WriteStartArray("dropped"u8);
            foreach (var field in known.Dropped) json.WriteStringValue(field);
            json.WriteEndArray();
            json.WriteString("error"u8, known.Error?.TypeName);
            json.WriteEndObject();
        }

        line.Append((byte)'\n');
    }

    private static void WriteCaller(Utf8JsonWriter json, Caller? caller)
    {
        json.WriteString("caller"u8, caller?.Name);
        json.WriteStartObject("labels"u8);
        if (caller is not null)
        {
            foreach (var (name, value) in caller.Labels) json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    private static void WriteUsage(Utf8JsonWriter json, HttpContext http, RequestTelemetry known)
    {
        var usage = known.Spent;
        json.WriteNumber("input_tokens"u8, usage.InputTokens);
        json.WriteNumber("cache_read_input_tokens"u8, usage.CacheReadInputTokens);
        json.WriteNumber("cache_creation_input_tokens"u8, usage.CacheCreationInputTokens);
        json.WriteNumber("output_tokens"u8, usage.OutputTokens);
        json.WriteBoolean("estimated"u8, usage.Estimated);
        // At the prices of the configuration that served it.
        if (http.Features.Get<GatewaySnapshot>()?.Prices.CostOf(known) is { } cost) json.WriteNumber("cost"u8, cost);
        else json.WriteNull("cost"u8);
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}
