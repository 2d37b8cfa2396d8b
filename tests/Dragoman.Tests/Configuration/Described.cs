using System.Collections;
using System.Globalization;

namespace Dragoman.Tests.Configuration;

/// <summary>Options as text, lists and what is in them included: records compare lists by reference.</summary>
internal static class Described
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        IDictionary map => $"{{{string.Join(", ", map.Keys.Cast<object>().Select(key => $"{key}: {Of(map[key])}"))}}}",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        IFormattable plain => plain.ToString(null, CultureInfo.InvariantCulture),
        bool or Uri => value.ToString()!,
        _ => $"{{{string.Join(", ", value.GetType().GetProperties().Where(property => property.GetIndexParameters().Length == 0).Select(property => $"{property.Name} = {Of(property.GetValue(value))}"))}}}",
    };
}
