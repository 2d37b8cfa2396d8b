using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dragoman.Configuration;
using Dragoman.Upstream.Native;

namespace Dragoman.Upstream.Gcp;

/// <summary>Access tokens of Google's cloud: for a service account's key, for a person who logged in, or for the machine we run on.</summary>
/// <param name="options">What the configuration says.</param>
/// <param name="surroundings">Where the rest is found.</param>
/// <param name="service">Calls those who lend.</param>
/// <param name="time">The clock.</param>
internal sealed class GcpTokens(GcpOptions options, GcpSurroundings surroundings, CredentialService service, TimeProvider time)
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    private const string TokenService = "Google's token service";
    private static readonly Uri DefaultTokenService = new("https://oauth2.googleapis.com/token");
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Asks for a token.</summary>
    /// <exception cref="CredentialException">There is none to be had.</exception>
    public async Task<Loan<string>> LoadAsync(CancellationToken cancellation)
    {
        if ((options.CredentialsFile ?? surroundings.Set("GOOGLE_APPLICATION_CREDENTIALS")) is { } named) return await FromFileAsync(named, cancellation);
        var ofTools = Path.Combine(surroundings.Set("CLOUDSDK_CONFIG") ?? surroundings.Folder, "application_default_credentials.json");
        return File.Exists(ofTools) ? await FromFileAsync(ofTools, cancellation) : await FromMachineAsync(cancellation);
    }

    private async Task<Loan<string>> FromFileAsync(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path)) throw new CredentialException("the Google credentials file is not there");
        using var json = CredentialService.Parse(new(System.Net.HttpStatusCode.OK, await File.ReadAllBytesAsync(path, cancellation)), "the Google credentials file");
        var root = json.RootElement;
        var address = CredentialService.Text(root, "token_uri") is { } given ? new Uri(given) : DefaultTokenService;
        switch (CredentialService.Text(root, "type"))
        {
            case "service_account":
                var assertion = Assertion(Member(root, "client_email"), Member(root, "private_key"), CredentialService.Text(root, "private_key_id"), address);
                return await AskAsync(address, cancellation, ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion));
            case "authorized_user":
                return await AskAsync(
                    address,
                    cancellation,
                    ("grant_type", "refresh_token"),
                    ("client_id", Member(root, "client_id")),
                    ("client_secret", Member(root, "client_secret")),
                    ("refresh_token", Member(root, "refresh_token")));
            default:
                throw new CredentialException("the Google credentials file is of a type this gateway does not know; service_account and authorized_user are known");
        }
    }

    private async Task<Loan<string>> AskAsync(Uri address, CancellationToken cancellation, params (string Name, string Value)[] form) =>
        CredentialService.ReadToken(await service.PostAsync(address, cancellation, form), TokenService, time.GetUtcNow());

    /// <summary>A token of our own making, signed with the account's key, that is exchanged for Google's (RFC 7523).</summary>
    private string Assertion(string account, string privateKey, string? keyId, Uri audience)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var header = Part(json =>
        {
            json.WriteString("alg", "RS256");
            json.WriteString("typ", "JWT");
            if (keyId is not null) json.WriteString("kid", keyId);
        });
        var claims = Part(json =>
        {
            json.WriteString("iss", account);
            json.WriteString("scope", Scope);
            json.WriteString("aud", audience.OriginalString);
            json.WriteNumber("iat", now);
            json.WriteNumber("exp", now + (long)Lifetime.TotalSeconds);
        });
        using var key = RSA.Create();
        try
        {
            key.ImportFromPem(privateKey);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new CredentialException("the Google credentials file holds a private key that cannot be read");
        }

        var signed = $"{header}.{claims}";
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Part(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Base64Url.EncodeToString(bytes.ToArray());
    }

    private async Task<Loan<string>> FromMachineAsync(CancellationToken cancellation)
    {
        var host = surroundings.Set("GCE_METADATA_HOST") ?? "metadata.google.internal";
        var request = new HttpRequestMessage(HttpMethod.Get, $"http://{host}/computeMetadata/v1/instance/service-accounts/default/token");
        // Proves that we meant to ask: a request forged through some proxy could not carry it.
        request.Headers.TryAddWithoutValidation("Metadata-Flavor", "Google");
        try
        {
            return CredentialService.ReadToken(await service.CallNearAsync(request, cancellation), "the machine's metadata service", time.GetUtcNow());
        }
        catch (HttpRequestException)
        {
            throw new CredentialException("there are no Google credentials: no file is named, and this machine has no metadata service");
        }
    }

    private static string Member(JsonElement root, string name) =>
        CredentialService.Text(root, name) ?? throw new CredentialException($"the Google credentials file has no {name}");
}
