using System.Buffers.Text;
using System.Text;
using CsCheck;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Tests.Streams;

public sealed class ReasoningSignatureTests
{
    private static readonly byte[] Key = Encoding.UTF8.GetBytes("key");

    private static readonly SealedReasoning Full = new(
        "openrouter",
        "reasoning",
        "Thought \"so\" 😀",
        """[{"type":"reasoning.text","text":"a","index":0}]"""u8.ToArray(),
        new Dictionary<string, ReadOnlyMemory<byte>> { ["call_1"] = """{"google":{"thought_signature":"AbC="}}"""u8.ToArray() });

    [Fact]
    public void What_is_sealed_comes_back()
    {
        var signature = ReasoningSignature.Seal(Full, Key);
        Assert.StartsWith("gw1.", signature, StringComparison.Ordinal);
        Assert.All(signature, static c => Assert.True(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'));
        var opened = ReasoningSignature.Open(Encoding.UTF8.GetBytes(signature), Key)!;
        Assert.Equal((Full.Dialect, Full.Field, Full.Text), (opened.Dialect, opened.Field, opened.Text));
        Assert.Equal(Full.Details.ToArray(), opened.Details.ToArray());
        Assert.Equal(Full.ExtraContent!["call_1"].ToArray(), opened.ExtraContent!["call_1"].ToArray());
    }

    [Fact]
    public void The_same_reasoning_gives_the_same_signature() => Assert.Equal(ReasoningSignature.Seal(Full, Key), ReasoningSignature.Seal(Full, Key));

    [Fact]
    public void Long_reasoning_is_compressed()
    {
        var text = string.Concat(Enumerable.Range(0, 2000).Select(static i => $"Step {i}: I think about the file again. "));
        Assert.True(ReasoningSignature.Seal(new SealedReasoning("d", "f", text), Key).Length < text.Length / 3);
    }

    [Fact]
    public void Another_key_or_another_hand_opens_nothing()
    {
        var signature = Encoding.UTF8.GetBytes(ReasoningSignature.Seal(Full, Key));
        Assert.Null(ReasoningSignature.Open(signature, "other"u8));
        Assert.Null(ReasoningSignature.Open("EqQBCkYIChgCKkCsomething"u8, Key));
        Assert.Null(ReasoningSignature.Open("gw1."u8, Key));
        Gen.Select(Gen.Int[0, signature.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            var changed = signature.ToArray();
            changed[at] = value;
            return changed.AsSpan().SequenceEqual(signature) || ReasoningSignature.Open(changed, Key) is null || SameBits(changed, signature);
        });
        Gen.Byte.Array[0, 100].Sample(static bytes => ReasoningSignature.Open([.. "gw1."u8, .. bytes], Key) is null);
    }

    // The last character of base64 may have bits that count for nothing.
    private static bool SameBits(byte[] one, byte[] other) =>
        Base64Url.TryDecodeFromUtf8(one.AsSpan(4), new byte[1000], out _) && one.AsSpan(0, one.Length - 1).SequenceEqual(other.AsSpan(0, other.Length - 1));
}
