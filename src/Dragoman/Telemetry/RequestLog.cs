using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dragoman.Authentication;
using Dragoman.Configuration;
using Dragoman.Protocol;
using Dragoman.Protocol.Json;

namespace Dragoman.Telemetry;

/// <summary>One line for each request, as text or as JSON, straight in UTF-8.</summary>
/// <remarks>Not an <see cref="ILogger"/>'s: its messages are strings, and its console wakes a thread and writes for each (docs/decisions/0009-request-log.md).
/// What a caller has a say in is escaped, so that it cannot forge a line of its own.</remarks>
internal sealed class RequestLog(LogOptions options, TimeProvider time, Stream output) : IDisposable
{
    private const int LongestPath = 100;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly LogOutput _output = new((lines, dropped) => Write(output, lines, dropped));

    private readonly record struct Entry(DateTimeOffset At, HttpContext Http, RequestTelemetry Telemetry, int Status, double Milliseconds);

    /// <summary>Adds the line of a request that is over.</summary>
    public void Add(HttpContext http, RequestTelemetry telemetry, double milliseconds)
    {
        var status = StatusOf(http, telemetry);
        // Probes come every few seconds and say nothing; failures of theirs do.
        if (telemetry.Model is null && status < 400 && IsProbe(http.Request.Path)) return;
        if (options.Json) _output.Add(WriteJson, new Entry(time.GetUtcNow(), http, telemetry, status, milliseconds));
        else _output.Add(WriteText, new Entry(time.GetLocalNow(), http, telemetry, status, milliseconds));
    }

    /// <summary>Writes what is left.</summary>
    public void Dispose() => _output.Dispose();

    /// <summary>How each attempt went, if it was not one alone.</summary>
    public static void WriteTried(Utf8JsonWriter json, RequestTelemetry known)
    {
        if (known.Attempts.Count <= 1) return;
        json.WriteStartArray("tried"u8);
        foreach (var attempt in known.Attempts) json.WriteStringValue(attempt.ToString());
        json.WriteEndArray();
    }

    private static void Write(Stream output, ReadOnlySpan<byte> lines, long dropped)
    {
        try
        {
            output.Write(lines);
            if (dropped > 0) output.Write(Encoding.ASCII.GetBytes($"{dropped} lines of the request log were dropped: they are not read fast enough\n"));
            output.Flush();
        }
        catch (IOException)
        {
            // Nobody listens any more; that ends no answer.
        }
    }

    private static bool IsProbe(PathString path) => path == "/healthz" || path == "/readyz" || path == "/" || path == "/api/hello";

    /// <summary>The status of the answer; 499 if its caller had left.</summary>
    public static int StatusOf(HttpContext http, RequestTelemetry telemetry) =>
        telemetry.Aborted ? StatusCodes.Status499ClientClosedRequest : http.Response.StatusCode;

    /// <summary>The path that was asked for, escaped, and cut if somebody made it long.</summary>
    public static string PathOf(HttpContext http)
    {
        var path = http.Request.Path.ToUriComponent();
        return path.Length <= LongestPath ? path : path[..LongestPath];
    }

    private static void WriteText(PooledBuffer line, Entry entry)
    {
        var known = entry.Telemetry;
        Write(line, entry.At, "HH:mm:ss.fff");
        Write(line, " "u8, known.Id);
        Write(line, " "u8, entry.Http.Request.Method);
        Write(line, " "u8, PathOf(entry.Http));
        Write(line, " "u8, entry.Status);
        Write(line, " "u8, (long)entry.Milliseconds);
        line.Append("ms"u8);
        if (known.Caller is { } caller && caller != Caller.Anonymous) Write(line, " caller="u8, caller.Name);
        if (known.Model is not null)
        {
            line.Append(known.Stream ? " stream=true"u8 : " stream=false"u8);
            Write(line, " model="u8, known.Model);
            if (known.Backend is { } backend) Write(line, " backend="u8, backend);
            if (known.UpstreamModel is { } model) Write(line, " upstream_model="u8, model);
            if (known.UpstreamStatus is { } status) Write(line, " upstream_status="u8, status);
            if (known.Attempts.Count > 1)
            {
                Write(line, " attempts="u8, known.Attempts.Count);
                Write(line, " tried="u8, string.Join(',', known.Attempts));
            }

            var usage = known.Usage;
            Write(line, " prompt_tokens="u8, usage.PromptTokens);
            Write(line, " cached_tokens="u8, usage.CacheReadInputTokens);
            Write(line, " output_tokens="u8, usage.OutputTokens);
            if (usage.Estimated) line.Append(" estimated=true"u8);
            if (known.StopReason is { } stop) Write(line, " stop="u8, stop.ToString());
            if (known.MendedToolCalls > 0) Write(line, " mended_tool_calls="u8, known.MendedToolCalls);
            if (known.UnreadableToolCalls > 0) Write(line, " unreadable_tool_calls="u8, known.UnreadableToolCalls);
        }

        if (known.Error is { } error) Write(line, " error="u8, error.TypeName);
        if (known.Dropped.Count > 0) Write(line, " dropped="u8, string.Join(',', known.Dropped));
        line.Append((byte)'\n');
    }

    private static void Write(PooledBuffer line, ReadOnlySpan<byte> name, string text)
    {
        line.Append(name);
        var isQuoted = text.Contains(' ');
        if (isQuoted) line.Append((byte)'"');
        EscapedText.Escape(text, line);
        if (isQuoted) line.Append((byte)'"');
    }

    private static void Write(PooledBuffer line, ReadOnlySpan<byte> name, long number)
    {
        line.Append(name);
        Write(line, number, default);
    }

    private static void Write<T>(PooledBuffer line, T value, ReadOnlySpan<char> format) where T : IUtf8SpanFormattable
    {
        const int mostDigits = 20;
        value.TryFormat(line.GetSpan(mostDigits), out var length, format, CultureInfo.InvariantCulture);
        line.Advance(length);
    }

    private static void WriteJson(PooledBuffer line, Entry entry)
    {
        var known = entry.Telemetry;
        using (var json = new Utf8JsonWriter(line, Readable))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, entry.At);
            json.WriteString("request_id"u8, known.Id);
            json.WriteString("method"u8, entry.Http.Request.Method);
            json.WriteString("path"u8, PathOf(entry.Http));
            json.WriteNumber("status"u8, entry.Status);
            json.WriteNumber("milliseconds"u8, Math.Round(entry.Milliseconds, 3));
            if (known.Caller is { } caller && caller != Caller.Anonymous) json.WriteString("caller"u8, caller.Name);
            if (known.Model is not null) WriteAnswer(json, known);
            if (known.Error is { } error) json.WriteString("error"u8, error.TypeName);
            if (known.Dropped.Count > 0)
            {
                json.WriteStartArray("dropped"u8);
                foreach (var field in known.Dropped) json.WriteStringValue(field);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        line.Append((byte)'\n');
    }

    private static void WriteAnswer(Utf8JsonWriter json, RequestTelemetry known)
    {
        var usage = known.Usage;
        json.WriteBoolean("stream"u8, known.Stream);
        json.WriteString("model"u8, known.Model);
        json.WriteString("backend"u8, known.Backend);
        json.WriteString("upstream_model"u8, known.UpstreamModel);
        json.WriteNumber("attempts"u8, known.Attempts.Count);
        if (known.UpstreamStatus is { } upstream) json.WriteNumber("upstream_status"u8, upstream);
        WriteTried(json, known);
        json.WriteNumber("prompt_tokens"u8, usage.PromptTokens);
        json.WriteNumber("cached_tokens"u8, usage.CacheReadInputTokens);
        json.WriteNumber("output_tokens"u8, usage.OutputTokens);
        json.WriteBoolean("estimated"u8, usage.Estimated);
        if (known.StopReason is { } stop) json.WriteString("stop"u8, stop.ToString());
        if (known.MendedToolCalls > 0) json.WriteNumber("mended_tool_calls"u8, known.MendedToolCalls);
        if (known.UnreadableToolCalls > 0) json.WriteNumber("unreadable_tool_calls"u8, known.UnreadableToolCalls);
    }
}
