using Dragoman.Configuration;
using Dragoman.Upstream;

namespace Dragoman.Tests.Upstream;

/// <summary>Replicas with the same configuration open each other's signatures, and nobody else's (product.md section 5.7).</summary>
public sealed class SignatureKeysTests
{
    private static readonly BackendOptions Backend = new() { Name = "gpu", Url = new("http://127.0.0.1:1/v1/"), ApiKey = "sk-1" };

    [Fact]
    public void The_same_configuration_gives_the_same_key() => Assert.Equal(SignatureKeys.For(Backend, null), SignatureKeys.For(Backend with { Url = new("http://replica/v1/") }, null));

    [Fact]
    public void Another_key_secret_or_backend_gives_another()
    {
        byte[][] keys =
        [
            SignatureKeys.For(Backend, null), SignatureKeys.For(Backend, "secret"), SignatureKeys.For(Backend with { ApiKey = "sk-2" }, null),
            SignatureKeys.For(Backend with { Name = "other" }, null), SignatureKeys.For(Backend with { ApiKey = null }, null),
        ];

        Assert.All(keys, key => Assert.Equal(32, key.Length));
        Assert.Equal(keys.Length, keys.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void A_secret_of_the_operators_own_outlives_a_change_of_the_API_key() =>
        Assert.Equal(SignatureKeys.For(Backend, "secret"), SignatureKeys.For(Backend with { ApiKey = "sk-2" }, "secret"));
}
