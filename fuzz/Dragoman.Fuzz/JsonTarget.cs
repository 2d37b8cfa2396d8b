using System.Text;
using System.Text.Json;
using Dragoman.Protocol.Json;

namespace Dragoman.Fuzz;

/// <summary>Any bytes through our JSON index and through System.Text.Json. Promised: the same verdict, and the same values.</summary>
internal sealed class JsonTarget : FuzzTarget
{
    private const int MaxDepth = 256;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public override bool IsSeed(string path) => path.EndsWith(".json", StringComparison.Ordinal);

    public override void Run(ReadOnlySpan<byte> input)
    {
        // A byte order mark is no JSON; both sides get the text without it.
        if (input.StartsWith(Encoding.UTF8.Preamble))
            input = input[3..];
        var bytes = input.ToArray();
        JsonText? ours = null;
        var verdict = "";
        try
        {
            ours = JsonText.Parse(bytes, MaxDepth);
        }
        catch (JsonFormatException e)
        {
            verdict = e.Message;
        }

        using (ours)
        {
            var theirs = Reads(input);
            if (ours is not null && theirs is not null)
                throw new BrokenPromiseException($"Taken for JSON though it is not: {theirs}");
            if (ours is null && theirs is null)
                throw new BrokenPromiseException($"Refused though it is JSON: {verdict}");
            if (ours is not null)
            {
                using var tree = JsonDocument.Parse(bytes, new() { MaxDepth = MaxDepth });
                Compare(ours.Root, tree.RootElement);
                Taken++;
            }
        }
    }

    /// <summary>Why System.Text.Json, which does not look at the bytes of strings, or a strict decoder of UTF-8 refuses it; null if neither does.</summary>
    private static string? Reads(ReadOnlySpan<byte> input)
    {
        try
        {
            StrictUtf8.GetCharCount(input);
            var reader = new Utf8JsonReader(input, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (reader.Read())
            {
            }
            return null;
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            return e.GetType().Name;
        }
    }

    private static void Compare(JsonView ours, JsonElement theirs)
    {
        if (ours.Kind != theirs.ValueKind)
            throw new BrokenPromiseException("A value is of another kind.");
        switch (theirs.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in theirs.EnumerateObject())
                {
                    // The last one of a name counts.
                    theirs.TryGetProperty(property.Name, out var last);
                    Compare(ours[Encoding.UTF8.GetBytes(property.Name)], last);
                }
                break;
            case JsonValueKind.Array:
                var items = ours.Items;
                foreach (var item in theirs.EnumerateArray())
                {
                    if (!items.MoveNext())
                        throw new BrokenPromiseException("An array is shorter.");
                    Compare(items.Current, item);
                }
                if (items.MoveNext())
                    throw new BrokenPromiseException("An array is longer.");
                break;
            default:
                if (!ours.Raw.SequenceEqual(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(theirs)))
                    throw new BrokenPromiseException("A value has other bytes.");
                break;
        }
    }
}
