using Dragoman.Configuration;

namespace Dragoman.Commands;

/// <summary>What the process ends with (product.md section 2).</summary>
internal static class ExitStatus
{
    /// <summary>Stopped in order.</summary>
    public const int Stopped = 0;

    /// <summary>Bad configuration or arguments.</summary>
    public const int BadConfiguration = 1;

    /// <summary>The address cannot be listened on.</summary>
    public const int CannotListen = 2;

    /// <summary>Says on standard error, in one paragraph, why the program cannot do as told; no stack trace.</summary>
    /// <returns>The status to end with; null for what nobody foresaw.</returns>
    public static int? Explain(Exception e, TextWriter error)
    {
        switch (e)
        {
            case CannotListenException:
                error.WriteLine("dragoman: " + e.Message);
                return CannotListen;
            case ConfigurationException:
                error.WriteLine("dragoman: " + e.Message);
                return BadConfiguration;
            default:
                return null;
        }
    }
}

/// <summary>An address cannot be listened on.</summary>
internal sealed class CannotListenException(string urls, Exception inner)
    : Exception(
        $"Cannot listen on {urls}: the address is in use or not this machine's. Another gateway may be running; "
        + "--urls takes another address, such as http://127.0.0.1:4001.",
        inner);
