namespace Dragoman.Telemetry;

/// <summary>Fresh ids in the forms of the client API: a prefix and 24 letters and digits.</summary>
/// <remarks>They must differ, and open nothing: no need to pay for unguessable ones.</remarks>
internal static class RandomIds
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary><c>req_…</c></summary>
    public static string Request() => WithPrefix("req_");

    /// <summary><c>msg_…</c>; clients merge answers of equal id (claude-code.md fact 4).</summary>
    public static string Message() => WithPrefix("msg_");

    /// <summary><c>toolu_…</c></summary>
    public static string ToolUse() => WithPrefix("toolu_");

    private static string WithPrefix(string prefix) => string.Create(prefix.Length + 24, prefix, static (span, prefix) =>
    {
        prefix.CopyTo(span);
        Random.Shared.GetItems(Base62, span[prefix.Length..]);
    });
}
