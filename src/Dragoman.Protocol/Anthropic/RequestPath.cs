using System.Globalization;
using System.Text;
using Dragoman.Protocol.Json;

namespace Dragoman.Protocol.Anthropic;

/// <summary>Places in a request as the real service writes them: with a block's type after its number, <c>messages.3.content.0.image.source</c>.</summary>
public static class RequestPath
{
    private const int LongestStep = 64;

    /// <summary>Where <paramref name="view"/> stands.</summary>
    public static string Of(JsonView view)
    {
        var path = new StringBuilder();
        var inContent = false;
        foreach (var step in view.Ancestors)
        {
            if (path.Length > 0)
                path.Append('.');
            if (step.Name.IsPresent)
            {
                Append(path, step.Name.GetString()!);
                inContent = step.Name.Equals("content"u8);
                continue;
            }

            path.Append(CultureInfo.InvariantCulture, $"{step.Index}");
            if (inContent && step.Value.Position != view.Position && step.Value["type"u8].GetString() is { } type)
                Append(path.Append('.'), type);
            inContent = false;
        }

        return path.ToString();
    }

    /// <summary>Where the member <paramref name="name"/> of <paramref name="container"/> stands, or would stand.</summary>
    public static string Of(JsonView container, string name)
    {
        var member = container[Encoding.UTF8.GetBytes(name)];
        if (member.IsPresent)
            return Of(member);

        var path = Of(container);
        var last = default(JsonStep);
        var parentIsContent = false;
        foreach (var step in container.Ancestors)
        {
            parentIsContent = last.Name.Equals("content"u8) && !step.Name.IsPresent;
            last = step;
        }

        var tag = parentIsContent && container["type"u8].GetString() is { } type ? $".{type}" : "";
        return path.Length == 0 ? name : $"{path}{tag}.{name}";
    }

    private static void Append(StringBuilder path, string step) =>
        path.Append(step.Length <= LongestStep ? step : step[..LongestStep] + "…");
}
