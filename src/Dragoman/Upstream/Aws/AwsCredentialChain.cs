using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Xml;
using Dragoman.Configuration;
using Dragoman.Upstream.Native;

namespace Dragoman.Upstream.Aws;

/// <summary>Finds credentials where Amazon's own tools look for them: the configuration, the environment, the shared files, a web identity,
/// the container, the machine. The first that has some counts.</summary>
/// <param name="options">What the configuration says.</param>
/// <param name="region">Where the security token service is asked.</param>
/// <param name="surroundings">Where the rest is found.</param>
/// <param name="service">Calls those who lend.</param>
/// <param name="time">The clock.</param>
internal sealed class AwsCredentialChain(
    AwsOptions options, string region, AwsSurroundings surroundings, CredentialService service, TimeProvider time)
{
    // Files may be edited, and no one tells how long what stands in them is good.
    private static readonly TimeSpan FileAge = TimeSpan.FromMinutes(10);

    /// <summary>Where the backend is: the configuration's word, the environment's, the profile's.</summary>
    /// <exception cref="ConfigurationException">Nobody says.</exception>
    public static string Region(AwsOptions options, AwsSurroundings surroundings) =>
        options.Region ?? surroundings.Set("AWS_REGION") ?? surroundings.Set("AWS_DEFAULT_REGION")
        ?? AwsProfiles.Read(surroundings, ProfileName(options, surroundings))?.GetValueOrDefault("region")
        ?? throw new ConfigurationException("A backend of schema aws-anthropic needs a region: set aws.region, or the environment variable AWS_REGION.");

    /// <summary>Looks for credentials.</summary>
    /// <exception cref="CredentialException">There are none.</exception>
    public async Task<Loan<AwsCredentials>> LoadAsync(CancellationToken cancellation)
    {
        if (options is { AccessKeyId: { Length: > 0 } id, SecretAccessKey: { Length: > 0 } secret }) return new(new(id, secret, options.SessionToken), null);
        // A profile that is named in the configuration is meant, whatever the environment holds.
        if (options.Profile is { } named) return await FromProfileAsync(named, cancellation) ?? throw new CredentialException($"there is no AWS profile '{named}' with credentials");
        return FromEnvironment()
            ?? await FromProfileAsync(ProfileName(options, surroundings), cancellation)
            ?? await FromWebIdentityAsync(surroundings.Set("AWS_WEB_IDENTITY_TOKEN_FILE"), surroundings.Set("AWS_ROLE_ARN"), surroundings.Set("AWS_ROLE_SESSION_NAME"), cancellation)
            ?? await FromContainerAsync(cancellation)
            ?? await FromMachineAsync(cancellation)
            ?? throw new CredentialException("there are no AWS credentials: none in the configuration, the environment, a profile, a web identity, the container or the machine");
    }

    private static string ProfileName(AwsOptions options, AwsSurroundings surroundings) => options.Profile ?? surroundings.Set("AWS_PROFILE") ?? "default";

    private Loan<AwsCredentials>? FromEnvironment() =>
        surroundings.Set("AWS_ACCESS_KEY_ID") is { } id && surroundings.Set("AWS_SECRET_ACCESS_KEY") is { } secret
            ? new(new(id, secret, surroundings.Set("AWS_SESSION_TOKEN")), null)
            : null;

    private async Task<Loan<AwsCredentials>?> FromProfileAsync(string profile, CancellationToken cancellation)
    {
        if (AwsProfiles.Read(surroundings, profile) is not { } settings) return null;
        if (AwsProfiles.Key(settings, profile) is { } key) return new(key, time.GetUtcNow() + FileAge);
        var role = settings.GetValueOrDefault("role_arn");
        return await FromWebIdentityAsync(settings.GetValueOrDefault("web_identity_token_file"), role, settings.GetValueOrDefault("role_session_name"), cancellation);
    }

    /// <remarks>A pod's identity: a file with a token that the cluster renews, exchanged for keys. Asked without a signature.</remarks>
    private async Task<Loan<AwsCredentials>?> FromWebIdentityAsync(string? tokenFile, string? role, string? session, CancellationToken cancellation)
    {
        if (tokenFile is null || role is null) return null;
        var token = (await File.ReadAllTextAsync(tokenFile, cancellation)).Trim();
        var answer = await service.PostAsync(
            surroundings.TokenService ?? new($"https://sts.{region}.{AwsRegions.Domain(region)}/"),
            cancellation,
            ("Action", "AssumeRoleWithWebIdentity"),
            ("Version", "2011-06-15"),
            ("RoleArn", role),
            ("RoleSessionName", session ?? "dragoman"),
            ("WebIdentityToken", token));
        if (answer.Status != HttpStatusCode.OK) throw new CredentialException($"the security token service refused our web identity with status {(int)answer.Status}");
        return ReadXml(answer.Body);
    }

    private static Loan<AwsCredentials> ReadXml(byte[] body)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var xml = XmlReader.Create(new MemoryStream(body), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            while (xml.Read())
            {
                while (xml is { NodeType: XmlNodeType.Element, LocalName: "AccessKeyId" or "SecretAccessKey" or "SessionToken" or "Expiration" })
                    found[xml.LocalName] = xml.ReadElementContentAsString();
            }
        }
        catch (XmlException)
        {
            // Said below.
        }

        if (!found.TryGetValue("AccessKeyId", out var id) || !found.TryGetValue("SecretAccessKey", out var secret))
            throw new CredentialException("the security token service gave no credentials");
        return new(new(id, secret, found.GetValueOrDefault("SessionToken")), Time(found.GetValueOrDefault("Expiration")));
    }

    private async Task<Loan<AwsCredentials>?> FromContainerAsync(CancellationToken cancellation)
    {
        Uri address;
        if (surroundings.Set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") is { } relative) address = new(surroundings.ContainerService, relative);
        else if (surroundings.Set("AWS_CONTAINER_CREDENTIALS_FULL_URI") is not { } full) return null;
        else if (!Uri.TryCreate(full, UriKind.Absolute, out address!) || !IsNear(address)) throw new CredentialException("AWS_CONTAINER_CREDENTIALS_FULL_URI names no service near us");

        var request = new HttpRequestMessage(HttpMethod.Get, address);
        var token = surroundings.Set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") is { } file
            ? (await File.ReadAllTextAsync(file, cancellation)).Trim()
            : surroundings.Set("AWS_CONTAINER_AUTHORIZATION_TOKEN");
        if (token is not null) request.Headers.TryAddWithoutValidation("authorization", token);
        return Read(await service.CallNearAsync(request, cancellation), "the container's credential service");
    }

    // A token goes along in the clear: only to this machine, or over TLS. The two addresses are those of ECS and EKS.
    private static bool IsNear(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps || address.IsLoopback || address.Host is "169.254.170.2" or "169.254.170.23" or "[fd00:ec2::23]";

    /// <remarks>Version 2 of the service only: a token first, which a forged request through some proxy could not get.</remarks>
    private async Task<Loan<AwsCredentials>?> FromMachineAsync(CancellationToken cancellation)
    {
        if (string.Equals(surroundings.Set("AWS_EC2_METADATA_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)) return null;
        try
        {
            var ask = new HttpRequestMessage(HttpMethod.Put, new Uri(surroundings.MetadataService, "/latest/api/token"));
            ask.Headers.TryAddWithoutValidation("x-aws-ec2-metadata-token-ttl-seconds", "300");
            var token = await service.CallNearAsync(ask, cancellation);
            if (token.Status != HttpStatusCode.OK) return null;
            var session = Encoding.ASCII.GetString(token.Body).Trim();
            var role = await GetAsync("/latest/meta-data/iam/security-credentials/", session, cancellation);
            if (role.Status != HttpStatusCode.OK) return null;
            var name = Encoding.UTF8.GetString(role.Body).Split('\n')[0].Trim();
            if (name.Length == 0) return null;
            return Read(await GetAsync($"/latest/meta-data/iam/security-credentials/{Uri.EscapeDataString(name)}", session, cancellation), "the machine's metadata service");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            // There is no such service here.
            return null;
        }
    }

    private Task<CredentialAnswer> GetAsync(string path, string session, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(surroundings.MetadataService, path));
        request.Headers.TryAddWithoutValidation("x-aws-ec2-metadata-token", session);
        return service.CallNearAsync(request, cancellation);
    }

    private static Loan<AwsCredentials> Read(CredentialAnswer answer, string who)
    {
        if (answer.Status != HttpStatusCode.OK) throw new CredentialException($"{who} answered with status {(int)answer.Status}");
        using var json = CredentialService.Parse(answer, who);
        var root = json.RootElement;
        if (Text(root, "AccessKeyId") is not { } id || Text(root, "SecretAccessKey") is not { } secret) throw new CredentialException($"{who} gave no credentials");
        return new(new(id, secret, Text(root, "Token")), Time(Text(root, "Expiration")));
    }

    private static string? Text(JsonElement root, string name) => CredentialService.Text(root, name);

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
