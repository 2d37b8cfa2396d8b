using Dragoman.Configuration;
using Dragoman.Upstream.Native;

namespace Dragoman.Upstream.Azure;

/// <summary>Entra tokens for Azure OpenAI: for an application with its secret or its pod's identity, or for the machine we run on.</summary>
/// <param name="options">What the configuration says.</param>
/// <param name="surroundings">Where the rest is found.</param>
/// <param name="service">Calls those who lend.</param>
/// <param name="time">The clock.</param>
internal sealed class AzureTokens(AzureOptions options, AzureSurroundings surroundings, CredentialService service, TimeProvider time)
{
    private const string Resource = "https://cognitiveservices.azure.com";

    /// <summary>Asks for a token.</summary>
    /// <exception cref="CredentialException">There is none to be had.</exception>
    public async Task<Loan<string>> LoadAsync(CancellationToken cancellation)
    {
        var tenant = options.TenantId ?? surroundings.Set("AZURE_TENANT_ID");
        var client = options.ClientId ?? surroundings.Set("AZURE_CLIENT_ID");
        if (options.ManagedIdentity || tenant is null || client is null) return await FromMachineAsync(options.ClientId, cancellation);
        if ((options.ClientSecret ?? surroundings.Set("AZURE_CLIENT_SECRET")) is { } secret)
            return await FromEntraAsync(tenant, client, cancellation, ("client_secret", secret));
        if (surroundings.Set("AZURE_FEDERATED_TOKEN_FILE") is not { } file) return await FromMachineAsync(client, cancellation);
        var token = (await File.ReadAllTextAsync(file, cancellation)).Trim();
        return await FromEntraAsync(
            tenant, client, cancellation,
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", token));
    }

    private async Task<Loan<string>> FromEntraAsync(string tenant, string client, CancellationToken cancellation, params (string Name, string Value)[] proof)
    {
        var authority = new Uri(surroundings.Set("AZURE_AUTHORITY_HOST") ?? "https://login.microsoftonline.com");
        var answer = await service.PostAsync(
            new(authority, $"/{Uri.EscapeDataString(tenant)}/oauth2/v2.0/token"),
            cancellation,
            [("grant_type", "client_credentials"), ("client_id", client), ("scope", Resource + "/.default"), .. proof]);
        return CredentialService.ReadToken(answer, "Entra", time.GetUtcNow());
    }

    private async Task<Loan<string>> FromMachineAsync(string? client, CancellationToken cancellation)
    {
        var which = client is null ? "" : $"&client_id={Uri.EscapeDataString(client)}";
        HttpRequestMessage request;
        // App Service and Container Apps have a service of their own, with a secret in the environment to ask it with.
        if (surroundings.Set("IDENTITY_ENDPOINT") is { } endpoint && surroundings.Set("IDENTITY_HEADER") is { } header)
        {
            request = new(HttpMethod.Get, $"{endpoint}?api-version=2019-08-01&resource={Uri.EscapeDataString(Resource)}{which}");
            request.Headers.TryAddWithoutValidation("X-IDENTITY-HEADER", header);
        }
        else
        {
            var query = $"api-version=2018-02-01&resource={Uri.EscapeDataString(Resource)}{which}";
            request = new(HttpMethod.Get, new Uri(surroundings.MetadataService, "/metadata/identity/oauth2/token?" + query));
            request.Headers.TryAddWithoutValidation("Metadata", "true");
        }

        try
        {
            return CredentialService.ReadToken(await service.CallNearAsync(request, cancellation), "the machine's identity service", time.GetUtcNow());
        }
        catch (HttpRequestException)
        {
            throw new CredentialException("there are no Azure credentials: no API key, no application with a secret, and this machine has no identity service");
        }
    }
}
