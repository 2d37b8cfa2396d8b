using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Ids of tool calls on both sides (mapping.md section 5.3): stateless, the id itself carries what is needed.</summary>
public static class ToolUseIds
{
    private const int LongestForClient = 64;
    private const int LongestPass40 = 40;
    private const string Digits62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<byte> Safe =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"u8);

    private static readonly SearchValues<byte> LettersAndDigits =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static ReadOnlySpan<byte> EncodedPrefix => "toolu_gw1_"u8;

    /// <summary>The backend's form of a client's id: one function for calls and results alike.</summary>
    public static string ToUpstream(string id, ToolIdForm form)
    {
        var utf8 = Encoding.UTF8.GetBytes(id);
        return IsKept(utf8, form) ? id : Reshape(utf8, form);
    }

    /// <summary>Whether the id goes to the backend byte for byte; else <see cref="Reshape"/> says what goes.</summary>
    /// <param name="id">The bytes between the quotes.</param>
    /// <param name="form">What the backend takes.</param>
    internal static bool IsKept(ReadOnlySpan<byte> id, ToolIdForm form)
    {
        if (id.StartsWith(EncodedPrefix))
            return false;
        return form switch
        {
            ToolIdForm.Verbatim => !id.Contains((byte)'\\'),
            ToolIdForm.Mistral9 => id.Length == 9 && !id.ContainsAnyExcept(LettersAndDigits),
            _ => id.Length is > 0 and <= LongestPass40 && !id.ContainsAnyExcept(Safe),
        };
    }

    /// <summary>The backend's form of an id that is not kept.</summary>
    /// <param name="id">Unescaped UTF-8.</param>
    /// <param name="form">What the backend takes.</param>
    internal static string Reshape(ReadOnlySpan<byte> id, ToolIdForm form)
    {
        // An id that we encoded is the backend's own: it comes back as the backend wrote it.
        if (TryDecode(id, out var original))
        {
            if (form == ToolIdForm.Verbatim || (form == ToolIdForm.Pass40 && original.Length <= LongestPass40) || IsKept(original, form))
                return Encoding.UTF8.GetString(original);
            id = original;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(id, hash);
        return form switch
        {
            ToolIdForm.Verbatim => Encoding.UTF8.GetString(id),
            ToolIdForm.Mistral9 => string.Create(9, hash, static (digits, hash) =>
            {
                for (var i = 0; i < digits.Length; i++)
                    digits[i] = Digits62[hash[i] % Digits62.Length];
            }),
            _ => "call_" + Convert.ToHexStringLower(hash[..12]),
        };
    }

    /// <summary>The client's form of a backend's id: kept if it is safe, else encoded reversibly; null if it is blank and a fresh one is needed.</summary>
    /// <param name="id">Unescaped UTF-8.</param>
    public static string? ToClient(ReadOnlySpan<byte> id)
    {
        if (id.Trim(" \t\r\n"u8).IsEmpty)
            return null;
        if (id.Length <= LongestForClient && !id.ContainsAnyExcept(Safe) && !id.StartsWith(EncodedPrefix))
            return Encoding.UTF8.GetString(id);
        return Encoding.UTF8.GetString(EncodedPrefix) + Base64Url.EncodeToString(id);
    }

    private static bool TryDecode(ReadOnlySpan<byte> id, out byte[] original)
    {
        original = [];
        if (!id.StartsWith(EncodedPrefix) || !Base64Url.IsValid(id[EncodedPrefix.Length..]))
            return false;
        original = Base64Url.DecodeFromUtf8(id[EncodedPrefix.Length..]);
        return original.Length > 0 && System.Text.Unicode.Utf8.IsValid(original);
    }
}
