using Dragoman.Configuration;
using Dragoman.Testing.Native;
using Dragoman.Upstream.Gcp;
using Dragoman.Upstream.Native;

namespace Dragoman.Tests.Upstream.Gcp;

/// <summary>Google's tokens for persons and machines; for service accounts see the double of Vertex AI.</summary>
public sealed class GcpTokensTests : IAsyncLifetime
{
    private readonly CredentialDouble _double = new();
    private readonly CredentialService _service = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dragoman-gcp-");
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _double.StartAsync(Now);

    public async ValueTask DisposeAsync()
    {
        _service.Dispose();
        _folder.Delete(recursive: true);
        await _double.DisposeAsync();
    }

    [Fact]
    public async Task Who_has_logged_in_gets_a_token()
    {
        Write("application_default_credentials.json", $$"""{"type":"authorized_user","client_id":"client","client_secret":"hush","refresh_token":"1//refresh","token_uri":"{{_double.Address}}google-token"}""");

        Assert.Equal("ya29.person", (await Tokens().LoadAsync(Now)).Value);
    }

    [Fact]
    public async Task The_machine_lends_a_token_where_no_file_is()
    {
        _variables["GCE_METADATA_HOST"] = _double.Address.Authority;

        var loan = await Tokens().LoadAsync(Now);

        Assert.Equal("ya29.machine", loan.Value);
        Assert.InRange(loan.Until!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(28), TimeSpan.FromMinutes(31));
    }

    [Theory]
    [InlineData("""{"type":"external_account"}""", "the Google credentials file is of a type this gateway does not know; service_account and authorized_user are known")]
    [InlineData("""{"type":"service_account","client_email":"a"}""", "the Google credentials file has no private_key")]
    [InlineData("""{"type":"service_account","client_email":"a","private_key":"no key"}""", "the Google credentials file holds a private key that cannot be read")]
    [InlineData("[]", "the Google credentials file: expected a JSON object")]
    public async Task A_file_that_is_of_no_use_is_told_by_what_is_wrong_with_it(string json, string message)
    {
        _variables["GOOGLE_APPLICATION_CREDENTIALS"] = Write("key.json", json);

        Assert.Equal(message, (await Assert.ThrowsAsync<CredentialException>(() => Tokens().LoadAsync(Now))).Message);
    }

    private GcpTokens Tokens() =>
        new(new() { Project = "p" }, new GcpSurroundings(_variables.GetValueOrDefault) { Folder = _folder.FullName }, _service, TimeProvider.System);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
