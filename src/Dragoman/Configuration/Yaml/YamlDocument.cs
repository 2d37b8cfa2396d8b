using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Dragoman.Configuration.Yaml;

/// <summary>Text is not the YAML we take.</summary>
/// <param name="place">Where.</param>
/// <param name="message">What is wrong, without a value of the document.</param>
internal sealed class YamlFaultException(Place place, string message) : Exception(message)
{
    public Place Place => place;
}

/// <summary>One YAML document as a tree. Only the library's parser is used: its object model knows no places for keys, and its
/// deserializer needs reflection.</summary>
internal sealed class YamlDocument
{
    // A few thousand keys and routes are far below both; an alias bomb is far above.
    private const int DeepestNesting = 32;
    private const long MostValues = 1_000_000;

    private readonly Parser _parser;
    private readonly Dictionary<string, YamlValue> _anchors = new(StringComparer.Ordinal);
    private int _depth;

    private YamlDocument(Parser parser) => _parser = parser;

    /// <summary>The document's value; null if there is none, only comments perhaps.</summary>
    /// <exception cref="YamlFaultException">Not UTF-8, no YAML, several documents, a key twice, or far too much of it.</exception>
    public static YamlValue? Parse(ReadOnlySpan<byte> utf8)
    {
        var scanner = new Scanner(new StringReader(Decode(utf8)), skipComments: true);
        try
        {
            return new YamlDocument(new Parser(scanner)).Read();
        }
        catch (YamlException e)
        {
            throw new YamlFaultException(PlaceOf(e.Start), "This is no YAML. " + e.Message);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or NullReferenceException or IndexOutOfRangeException)
        {
            // The library throws these, too, for texts such as "a: [1\nb: 2".
            throw new YamlFaultException(PlaceOf(scanner.CurrentPosition), "This is no YAML. Look for a bracket or a quote that is not closed before this place.");
        }
    }

    private static string Decode(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8);
        }
        catch (DecoderFallbackException e)
        {
            var before = utf8[..Math.Clamp(e.Index, 0, utf8.Length)];
            var place = new Place(before.Count((byte)'\n') + 1, before.Length - (before.LastIndexOf((byte)'\n') + 1) + 1);
            throw new YamlFaultException(place, "This is no UTF-8 text.");
        }
    }

    private YamlValue? Read()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _)) return null;
        _parser.Consume<DocumentStart>();
        var value = ReadValue();
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
            throw new YamlFaultException(PlaceOf(second.Start), "A second document begins here. Expected one document in the file.");
        return value;
    }

    private YamlValue ReadValue()
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            // An anchor is known from the end of its value on, so that nothing can hold itself.
            return _anchors.GetValueOrDefault(alias.Value.Value)
                ?? throw new YamlFaultException(PlaceOf(alias.Start), $"There is no anchor '&{alias.Value.Value}' before this alias.");
        }

        var next = _parser.Accept<NodeEvent>(out var node) ? node : throw new YamlFaultException(PlaceOf(_parser.Current?.Start ?? Mark.Empty), "This is no YAML. Expected a value.");
        if (!next.Tag.IsEmpty && !next.Tag.IsNonSpecific && !next.Tag.Value.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal))
            throw new YamlFaultException(PlaceOf(next.Start), "Tags have no meaning here. Leave out the one that begins with '!'.");
        if (_depth == DeepestNesting) throw new YamlFaultException(PlaceOf(next.Start), $"Nested deeper than {DeepestNesting} levels.");
        _depth++;
        YamlValue value = next switch
        {
            Scalar => ReadScalar(),
            SequenceStart => ReadSequence(),
            _ => ReadMapping(),
        };
        _depth--;
        if (value.Size > MostValues) throw new YamlFaultException(value.At, $"With its aliases written out this holds more than {MostValues} values.");
        if (!next.Anchor.IsEmpty) _anchors[next.Anchor.Value] = value;
        return value;
    }

    private YamlScalar ReadScalar()
    {
        var scalar = _parser.Consume<Scalar>();
        return new(scalar.Value, scalar is { Style: ScalarStyle.Plain, IsPlainImplicit: true } && scalar.Tag.IsEmpty | scalar.Tag.IsNonSpecific, PlaceOf(scalar.Start));
    }

    private YamlSequence ReadSequence()
    {
        var start = _parser.Consume<SequenceStart>();
        var items = new List<YamlValue>();
        while (!_parser.TryConsume<SequenceEnd>(out _)) items.Add(ReadValue());
        return new(items, PlaceOf(start.Start));
    }

    private YamlMapping ReadMapping()
    {
        var start = _parser.Consume<MappingStart>();
        var entries = new List<YamlEntry>();
        var places = new Dictionary<string, Place>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (!_parser.TryConsume<Scalar>(out var key))
                throw new YamlFaultException(PlaceOf(_parser.Current?.Start ?? start.Start), "Expected the name of a key.");
            var at = PlaceOf(key.Start);
            if (key is { Value: "<<", Style: ScalarStyle.Plain })
                throw new YamlFaultException(at, "YAML 1.2 knows no merge key '<<'. Write the keys out, or let an alias stand for a whole value.");
            if (!places.TryAdd(key.Value, at))
                throw new YamlFaultException(at, $"The key '{key.Value}' stands here for the second time. The first is in line {places[key.Value].Line}.");
            entries.Add(new(key.Value, at, ReadValue()));
        }

        return new(entries, PlaceOf(start.Start));
    }

    private static Place PlaceOf(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));
}
