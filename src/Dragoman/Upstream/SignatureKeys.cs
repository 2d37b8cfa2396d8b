using System.Security.Cryptography;
using System.Text;
using Dragoman.Configuration;

namespace Dragoman.Upstream;

/// <summary>Keys that thinking signatures are sealed with.</summary>
/// <remarks>Replicas with the same configuration must open each other's signatures (product.md section 5.7), so the key is derived
/// from what they share, best first: <c>DRAGOMAN_SIGNING_KEY</c>, the backend's API key, the backend's name. The last is no secret: whoever
/// knows it can hand the backend reasoning it never wrote, which on a backend without a key anyone could do anyway.</remarks>
internal static class SignatureKeys
{
    public static byte[] For(BackendOptions backend, string? signingKey)
    {
        var secret = Encoding.UTF8.GetBytes(signingKey ?? backend.ApiKey ?? "dragoman");
        var purpose = Encoding.UTF8.GetBytes("dragoman thinking signature, backend " + backend.Name);
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, outputLength: 32, info: purpose);
    }
}
