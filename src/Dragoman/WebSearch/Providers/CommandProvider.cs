using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Dragoman.Configuration;

namespace Dragoman.WebSearch.Providers;

/// <summary>Any program: the query goes to its standard input as one JSON object, its results are JSON on its standard output.</summary>
/// <remarks>It is started directly, without a shell, once for each search, and is killed with everything it started when the search is
/// over for any other reason than its end. It inherits the gateway's environment: programs often have their keys there.</remarks>
internal sealed class CommandProvider(SearchProviderOptions options) : ISearchProvider
{
    private const int LargestOutput = 4 << 20;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(SearchQuery query, int count, CancellationToken cancellation)
    {
        using var process = Start();
        try
        {
            // All three at once: a program that fills one pipe while we wait for another would wait for us in turn.
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var errors = DrainAsync(process.StandardError.BaseStream, stop.Token);
            var input = WriteAsync(process, query, count, stop.Token);
            var output = await BoundedStream.ReadAsync(process.StandardOutput.BaseStream, LargestOutput, stop.Token);
            await input;
            await process.WaitForExitAsync(cancellation);
            // A grandchild may hold the pipe open; nobody reads it anyhow.
            await stop.CancelAsync();
            await errors;
            return process.ExitCode == 0 ? Read(output) : throw new SearchProviderException(SearchError.Unavailable, $"ended with exit status {process.ExitCode}");
        }
        finally
        {
            Kill(process);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The object a program is given.</summary>
    internal static byte[] InputOf(SearchQuery query, int count)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("query"u8, query.Text);
            json.WriteNumber("count"u8, count);
            Domains(json, "allowed_domains", query.Domains.Allowed);
            Domains(json, "blocked_domains", query.Domains.Blocked);
            if (query.Location is { } location)
            {
                json.WriteStartObject("user_location"u8);
                Part(json, "city", location.City);
                Part(json, "region", location.Region);
                Part(json, "country", location.Country);
                Part(json, "timezone", location.Timezone);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();

        static void Domains(Utf8JsonWriter json, string name, IReadOnlyList<DomainRule> rules)
        {
            json.WriteStartArray(name);
            foreach (var rule in rules) json.WriteStringValue(rule.ToString());
            json.WriteEndArray();
        }

        static void Part(Utf8JsonWriter json, string name, string? value)
        {
            if (value is not null) json.WriteString(name, value);
        }
    }

    private static IReadOnlyList<SearchHit> Read(ReadOnlyMemory<byte> output)
    {
        try
        {
            using var json = JsonDocument.Parse(output);
            return HitReading.ReadAny(json.RootElement);
        }
        catch (JsonException)
        {
            throw new SearchProviderException(SearchError.Unavailable, "wrote something that is no JSON");
        }
    }

    private static async Task WriteAsync(Process process, SearchQuery query, int count, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(InputOf(query, count), cancellation);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It does not read its input. Whether it searched all the same shows in its output.
        }
    }

    private static async Task DrainAsync(Stream stream, CancellationToken cancellation)
    {
        var bytes = new byte[4096];
        try
        {
            while (await stream.ReadAsync(bytes, cancellation) > 0)
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The search is over.
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended meanwhile.
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(options.Command!, options.Arguments)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            throw new SearchProviderException(SearchError.Unavailable, "cannot be started: there is no such program, or it may not be run");
        }
    }
}
