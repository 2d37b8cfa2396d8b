using System.Globalization;
using System.Text.Json;

namespace Dragoman.Routing;

/// <summary>A backend's list of models, as far as it can be understood.</summary>
/// <param name="Models">In the backend's order.</param>
/// <param name="OwnedBy"><c>owned_by</c> of the first entry, or null.</param>
/// <param name="Members">Names of the members of the first entry.</param>
internal sealed record ReadModelList(IReadOnlyList<ListedModel> Models, string? OwnedBy, IReadOnlyCollection<string> Members);

/// <summary>Reads the answers to <c>GET /v1/models</c> of the servers in the field: each tells a model's size in words of its
/// own.</summary>
internal static class ModelListReader
{
    /// <summary>Reads <c>{"data": [{"id": …}]}</c>; null if it is no such list.</summary>
    public static ReadModelList? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (!Member(document.RootElement, "data", JsonValueKind.Array, out var data)) return null;
            var models = new List<ListedModel>();
            string? ownedBy = null;
            IReadOnlyCollection<string> members = [];
            foreach (var entry in data.EnumerateArray())
            {
                if (Text(entry, "id") is not { Length: > 0 } id) continue;
                if (models.Count == 0)
                {
                    ownedBy = Text(entry, "owned_by");
                    members = [.. entry.EnumerateObject().Select(member => member.Name)];
                }

                models.Add(Model(id, entry));
            }

            return new(models, ownedBy, members);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is for strings that are no text: an escaped half of a surrogate pair.
            return null;
        }
    }

    private static ListedModel Model(string id, JsonElement entry)
    {
        Member(entry, "meta", JsonValueKind.Object, out var meta);
        Member(entry, "top_provider", JsonValueKind.Object, out var provider);
        return new(
            id,
            DisplayName: Text(entry, "display_name") ?? Text(entry, "name"),
            // What the server was started with goes before what the model was trained for; what a provider serves before what the model
            // could.
            ContextWindow: Size(entry, "max_model_len") ?? Size(meta, "n_ctx") ?? Size(provider, "context_length") ?? Size(entry, "context_length")
                ?? Size(entry, "context_window") ?? Size(entry, "max_context_length") ?? Size(meta, "n_ctx_train") ?? Size(entry, "max_input_tokens"),
            MaxOutputTokens: Size(entry, "max_completion_tokens") ?? Size(entry, "max_output_tokens") ?? Size(provider, "max_completion_tokens"),
            Created: Number(entry, "created") ?? Time(entry, "created_at"),
            OwnedBy: Text(entry, "owned_by"),
            Parent: Text(entry, "parent"));
    }

    private static int? Size(JsonElement of, string name) => Number(of, name) is { } size and <= int.MaxValue ? (int)size : null;

    private static long? Number(JsonElement of, string name) =>
        Member(of, name, JsonValueKind.Number, out var value) && value.TryGetInt64(out var number) && number > 0 ? number : null;

    // Anthropic's way.
    private static long? Time(JsonElement of, string name) =>
        DateTimeOffset.TryParse(Text(of, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time.ToUnixTimeSeconds() > 0
            ? time.ToUnixTimeSeconds()
            : null;

    private static string? Text(JsonElement of, string name) => Member(of, name, JsonValueKind.String, out var value) ? value.GetString() : null;

    private static bool Member(JsonElement of, string name, JsonValueKind kind, out JsonElement value)
    {
        value = default;
        return of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out value) && value.ValueKind == kind;
    }
}
