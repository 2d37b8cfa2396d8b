using System.Buffers.Text;
using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dragoman.Authentication;
using Dragoman.Configuration;

namespace Dragoman.Commands;

/// <summary><c>dragoman key new NAME</c>: makes a key for a caller. It is shown once; the file gets its hash.</summary>
internal static class KeyCommand
{
    /// <summary>What keys begin with, so that scanners for leaked secrets, and people, recognise them.</summary>
    public const string Prefix = "dgm-";

    private const int RandomBytes = 32;

    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "How logs, limits and accounts call whoever gets the key." };
        var create = new Command("new", "Print a new key, once, and the line for the configuration file.") { name };
        create.SetAction(parsed => Print(parsed.GetValue(name)!, Console.Out));
        return new Command("key", "Keys for those who may call.") { create };
    }

    private static int Print(string name, TextWriter output)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Any(char.IsControl)) throw new ConfigurationException("NAME is what logs will call the caller: it must not be empty.");
        var key = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        output.WriteLine($"The key, which nobody can show again:  {key}");
        output.WriteLine();
        output.WriteLine("Its line for the configuration file, under keys:");
        output.WriteLine($"  - {{ name: {Quoted(name)}, sha256: \"{KeyDigest.Of(key)}\" }}");
        return ExitStatus.Stopped;
    }

    /// <summary>A JSON text is a YAML text, whatever is in it.</summary>
    private static string Quoted(string name) => $"\"{JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
