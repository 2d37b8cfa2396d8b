using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;
using Dragoman.Reloading;
using Dragoman.Routing;
using Dragoman.Telemetry;
using Dragoman.Upstream;

namespace Dragoman.Endpoints;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>.</summary>
/// <remarks>One object for the clients of both APIs: Anthropic's fields and OpenAI's do not collide (failures.md F6). What a backend says
/// of its owner stays here: it can be an organisation's id.</remarks>
internal static class ModelsEndpoint
{
    private const int UsualPage = 20;
    private const int LargestPage = 1000;

    /// <summary>A page of the list.</summary>
    public static async Task ListAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var models = await ListForAsync(http);
        if (DiscoveryAlias.IsWanted(http.Request.Headers.UserAgent.ToString())) models = DiscoveryAlias.Apply(models);
        // OpenAI's clients know no pages: who does not ask for one as an Anthropic client gets everything.
        var anthropic = http.Request.Headers.ContainsKey("anthropic-version") || http.Request.Headers.ContainsKey("x-api-key");
        var limit = Limit(query["limit"], anthropic ? UsualPage : int.MaxValue);
        var (start, end) = (0, models.Count);
        if (query["after_id"].ToString() is { Length: > 0 } after) start = IndexOf(models, after, "after_id") + 1;
        if (query["before_id"].ToString() is { Length: > 0 } before)
        {
            // The page just before that model: its end is fixed, and its start depends on the limit.
            end = IndexOf(models, before, "before_id");
            start = Math.Max(start, end - limit);
            await WriteListAsync(http, models, start, end, more: start > 0);
            return;
        }

        var last = (int)Math.Min((long)start + limit, end);
        await WriteListAsync(http, models, start, last, more: last < end);
    }

    /// <summary>One model.</summary>
    public static async Task GetAsync(HttpContext http)
    {
        var models = await ListForAsync(http);
        // A slash in a name may come as it is or as %2F, which the server leaves alone in paths.
        var id = Uri.UnescapeDataString(http.Request.RouteValues["id"] as string ?? "");
        var found = Find(models, id) ?? (DiscoveryAlias.TryResolve(id, out var aliased) ? Find(models, aliased) : null)
            ?? throw new GatewayException(new AnthropicError(AnthropicErrorType.NotFound, $"model: {id}"));
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body)) WriteModel(json, found.Backend, found.Model);
        await JsonAnswer.WriteAsync(http, body.WrittenMemory);
    }

    /// <summary>The models that this caller may use.</summary>
    private static async ValueTask<IReadOnlyList<(Backend Backend, ListedModel Model)>> ListForAsync(HttpContext http)
    {
        var models = await GatewaySnapshot.Of(http).Router.ListAsync(http.RequestAborted);
        return RequestTelemetry.Of(http)?.Caller is { Models.Count: > 0 } caller ? [.. models.Where(entry => caller.MayUse(entry.Model.Id))] : models;
    }

    private static int Limit(string? text, int otherwise)
    {
        if (string.IsNullOrEmpty(text)) return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= LargestPage) return limit;
        throw GatewayException.InvalidRequest($"limit: Input should be a number from 1 to {LargestPage}");
    }

    private static int IndexOf(IReadOnlyList<(Backend Backend, ListedModel Model)> models, string id, string parameter)
    {
        for (var i = 0; i < models.Count; i++)
        {
            if (models[i].Model.Id == id) return i;
        }

        throw GatewayException.InvalidRequest($"{parameter}: there is no model '{id}'");
    }

    private static (Backend Backend, ListedModel Model)? Find(IReadOnlyList<(Backend Backend, ListedModel Model)> models, string id)
    {
        foreach (var entry in models)
        {
            if (entry.Model.Id == id) return entry;
        }

        return null;
    }

    private static Task WriteListAsync(HttpContext http, IReadOnlyList<(Backend Backend, ListedModel Model)> models, int start, int end, bool more)
    {
        var body = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "list"u8);
            json.WriteStartArray("data"u8);
            for (var i = start; i < end; i++) WriteModel(json, models[i].Backend, models[i].Model);
            json.WriteEndArray();
            json.WriteBoolean("has_more"u8, more);
            json.WriteString("first_id"u8, start < end ? models[start].Model.Id : null);
            json.WriteString("last_id"u8, start < end ? models[end - 1].Model.Id : null);
            json.WriteEndObject();
        }

        return JsonAnswer.WriteAsync(http, body.WrittenMemory);
    }

    private static string Description(Backend backend, ListedModel model) =>
        $"Served by {backend.Name}{(model.ServedAs is null ? "" : $" as {model.ServedAs}")}{(model.Parent is null ? "" : $", adapts {model.Parent}")}";

    private static void WriteModel(Utf8JsonWriter json, Backend backend, ListedModel model)
    {
        var created = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(model.Created ?? 0, 0, 253402300799));
        json.WriteStartObject();
        json.WriteString("id"u8, model.Id);
        json.WriteString("type"u8, "model"u8);
        json.WriteString("display_name"u8, model.DisplayName ?? model.Id);
        json.WriteString("description"u8, Description(backend, model));
        json.WriteString("created_at"u8, created.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        json.WriteString("lifecycle"u8, "active"u8);
        json.WriteNull("deprecated_at"u8);
        json.WriteNull("retires_at"u8);
        json.WriteNull("line"u8);
        if (model.ContextWindow is { } window) json.WriteNumber("max_input_tokens"u8, window);
        else json.WriteNull("max_input_tokens"u8);
        if (model.MaxOutputTokens is { } most) json.WriteNumber("max_tokens"u8, most);
        else json.WriteNull("max_tokens"u8);
        json.WriteNull("capabilities"u8);
        // vLLM's word for the model that an adapter belongs to.
        if (model.Parent is not null) json.WriteString("parent"u8, model.Parent);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, created.ToUnixTimeSeconds());
        json.WriteString("owned_by"u8, backend.Name);
        json.WriteEndObject();
    }
}
