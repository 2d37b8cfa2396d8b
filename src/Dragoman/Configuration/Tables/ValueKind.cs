using System.Globalization;
using System.Text.Json;

namespace Dragoman.Configuration.Tables;

/// <summary>What a value may be: how its text is taken, and how editors are told.</summary>
/// <typeparam name="T">What comes of it.</typeparam>
/// <param name="parse">Takes the text; throws <see cref="FormatException"/> with the end of a sentence that begins "'text' is".</param>
/// <param name="schema">Writes the members of a JSON Schema object.</param>
internal sealed class ValueKind<T>(Func<string, T> parse, Action<Utf8JsonWriter> schema)
{
    /// <summary>Takes a value as written.</summary>
    /// <exception cref="FormatException">Not such a value; says what would be, as the end of a sentence.</exception>
    public T Parse(string text) => parse(text);

    /// <summary>Takes a YAML list; null: a list is not taken.</summary>
    public Func<IReadOnlyList<string>, T>? ParseList { get; init; }

    /// <summary>The value must not be shown, and where it comes from is worth knowing.</summary>
    public bool IsSecret { get; init; }

    /// <summary>A fault may repeat the value.</summary>
    public bool IsQuoted
    {
        get => field && !IsSecret;
        init;
    } = true;

    /// <summary>Writes the members of a JSON Schema object that describes it.</summary>
    public void WriteSchema(Utf8JsonWriter json) => schema(json);
}

/// <summary>The kinds of values that settings have.</summary>
internal static class ValueKinds
{
    private static readonly (string Unit, double Seconds)[] TimeUnits = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];
    private static readonly (string Unit, long Bytes)[] SizeUnits = [("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("", 1)];

    /// <summary>Matches a value that is put in when the file is read, so that no editor complains of <c>"${PORT}"</c>.</summary>
    private const string Substituted = @"\$\{";

    /// <summary>Some text, not empty.</summary>
    public static ValueKind<string> Text { get; } = new(text => text.Length > 0 ? text : throw new FormatException("empty"), WriteText);

    /// <summary>Some text; empty: null.</summary>
    public static ValueKind<string?> OptionalText { get; } = new(text => text.Length == 0 ? null : text, WriteText);

    /// <summary>Text that nobody may see; empty: null. A line's end at its end is no part of it: variables that were made from files have one.</summary>
    public static ValueKind<string?> Secret { get; } = new(
        text => text.TrimEnd('\r', '\n') is var secret && secret.Any(char.IsControl)
            ? throw new FormatException("no secret: it has several lines, or characters that do not print")
            : secret.Length == 0 ? null : secret,
        WriteText)
    {
        IsSecret = true,
    };

    /// <summary>True or false.</summary>
    public static ValueKind<bool> Bool { get; } = new(
        text => text.ToLowerInvariant() switch
        {
            "true" or "1" or "yes" or "on" => true,
            "false" or "0" or "no" or "off" => false,
            _ => throw new FormatException("neither true nor false"),
        },
        json => OrSubstituted(json, json => json.WriteString("type"u8, "boolean"u8)));

    /// <summary>Several texts: a list, or one text with commas.</summary>
    public static ValueKind<IReadOnlyList<string>> List { get; } = new(Cut, WriteList) { ParseList = items => items };

    /// <summary>Several addresses in one text, with semicolons; a list, too.</summary>
    public static ValueKind<string> Urls { get; } = new(text => text, WriteList) { ParseList = items => string.Join(';', items) };

    /// <summary>An http address; empty: null.</summary>
    public static ValueKind<Uri?> OptionalUrl { get; } = new(
        text => text.Length == 0 ? null : Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url : throw new FormatException("no address. Expected one like https://login.example.org/keys"),
        WriteText);

    /// <summary>A moment; a date alone is its beginning, UTC. Empty: null.</summary>
    public static ValueKind<DateTimeOffset?> OptionalMoment { get; } = new(
        text => text.Length == 0 ? null : DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment : throw new FormatException("no date. Expected one like 2027-01-31 or 2027-01-31T18:00:00Z"),
        WriteText);

    /// <summary>SHA-256 as hexadecimal digits. Not shown: somebody may have written the key itself.</summary>
    public static ValueKind<string> Sha256 { get; } = new(
        text => text.Length == 64 && text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant()
            : throw new FormatException("no SHA-256: that is 64 hexadecimal digits, never the key itself. `dragoman key new NAME` makes one"),
        json => Pattern(json, $"^[0-9a-fA-F]{{64}}$|{Substituted}"))
    {
        IsQuoted = false,
    };

    /// <summary>A price or an amount of money, 0 or more.</summary>
    public static ValueKind<decimal> Money { get; } = new(
        text => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            ? amount : throw new FormatException("no amount. Expected a number like 0.25, 0 or more"),
        json => OrSubstituted(json, json =>
        {
            json.WriteString("type"u8, "number"u8);
            json.WriteNumber("minimum"u8, 0);
        }));

    /// <summary>A whole number within bounds.</summary>
    public static ValueKind<int> Number(int least, int most) => Long(least, most).Select(number => (int)number);

    /// <summary>A whole number within bounds.</summary>
    public static ValueKind<long> Long(long least, long most) => new(
        text => TryParse(text, out var number) && number >= least && number <= most
            ? number : throw new FormatException(most == long.MaxValue ? $"not a whole number of at least {least}" : $"not a whole number from {least} to {most}"),
        json => OrSubstituted(json, json =>
        {
            json.WriteString("type"u8, "integer"u8);
            json.WriteNumber("minimum"u8, least);
            if (most < int.MaxValue) json.WriteNumber("maximum"u8, most);
        }));

    /// <summary>A number within bounds, not necessarily whole.</summary>
    public static ValueKind<double> Fraction(double least, double most) => new(
        text => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"not a number from {least} to {most}")),
        json => OrSubstituted(json, json =>
        {
            json.WriteString("type"u8, "number"u8);
            json.WriteNumber("minimum"u8, least);
            json.WriteNumber("maximum"u8, most);
        }));

    /// <summary>A time of at most a day.</summary>
    public static ValueKind<TimeSpan> Time(TimeSpan least) => new(
        text =>
        {
            foreach (var (unit, seconds) in TimeUnits)
            {
                if (!text.EndsWith(unit, StringComparison.Ordinal)
                    || !double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)) continue;
                var total = count * seconds;
                if (total >= least.TotalSeconds && total <= 86400) return TimeSpan.FromSeconds(total);
            }

            throw new FormatException("no time like 500ms, 10s, 5m, 1h or 1d, of at most a day");
        },
        json => Pattern(json, $@"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$|{Substituted}"));

    /// <summary>A number of bytes within bounds.</summary>
    public static ValueKind<long> Size(long least, long most) => new(
        text =>
        {
            foreach (var (unit, bytes) in SizeUnits)
            {
                if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                    || !long.TryParse(text[..^unit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var count)) continue;
                if (count <= most / bytes && count * bytes >= least) return count * bytes;
            }

            throw new FormatException($"no size like 512KB or 64MB, of at least {least} and at most {most} bytes");
        },
        json =>
        {
            json.WriteStartArray("type"u8);
            json.WriteStringValue("string"u8);
            json.WriteStringValue("integer"u8);
            json.WriteEndArray();
            json.WriteString("pattern"u8, $"^[0-9]+([kKmMgG][bB])?$|{Substituted}");
        });

    /// <summary>One of several words, in small or capital letters.</summary>
    public static ValueKind<T> OneOf<T>(params (string Word, T Value)[] words) => new(
        text =>
        {
            foreach (var (word, value) in words)
            {
                if (text.Equals(word, StringComparison.OrdinalIgnoreCase)) return value;
            }

            var all = words.Select(entry => entry.Word).ToArray();
            throw new FormatException($"none of {string.Join(", ", all)}. Did you mean '{NearestName.Of(text, all)}'?");
        },
        json => OrSubstituted(json, json =>
        {
            json.WriteStartArray("enum"u8);
            foreach (var (word, _) in words) json.WriteStringValue(word);
            json.WriteEndArray();
        }));

    /// <summary>The same, or nothing: empty text is null.</summary>
    public static ValueKind<T?> OrNull<T>(this ValueKind<T> kind) where T : struct =>
        new(text => text.Length == 0 ? null : kind.Parse(text), kind.WriteSchema) { IsSecret = kind.IsSecret, IsQuoted = kind.IsQuoted };

    /// <summary>The same value as another type.</summary>
    public static ValueKind<TResult> Select<T, TResult>(this ValueKind<T> kind, Func<T, TResult> make) =>
        new(text => make(kind.Parse(text)), kind.WriteSchema) { IsSecret = kind.IsSecret, IsQuoted = kind.IsQuoted };

    private static string[] Cut(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // As the core schema of YAML 1.2 writes whole numbers.
    private static bool TryParse(string text, out long number)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal)) return long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number) && number >= 0;
        return long.TryParse(text.StartsWith('+') ? text.AsSpan(1) : text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static void WriteText(Utf8JsonWriter json) => json.WriteString("type"u8, "string"u8);

    private static void WriteList(Utf8JsonWriter json)
    {
        json.WriteStartArray("type"u8);
        json.WriteStringValue("string"u8);
        json.WriteStringValue("array"u8);
        json.WriteEndArray();
        json.WriteStartObject("items"u8);
        json.WriteString("type"u8, "string"u8);
        json.WriteEndObject();
    }

    private static void Pattern(Utf8JsonWriter json, string pattern)
    {
        json.WriteString("type"u8, "string"u8);
        json.WriteString("pattern"u8, pattern);
    }

    private static void OrSubstituted(Utf8JsonWriter json, Action<Utf8JsonWriter> schema)
    {
        json.WriteStartArray("anyOf"u8);
        json.WriteStartObject();
        schema(json);
        json.WriteEndObject();
        json.WriteStartObject();
        Pattern(json, Substituted);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
