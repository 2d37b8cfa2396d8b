using Dragoman.Configuration;
using Dragoman.Testing.Native;
using Dragoman.Upstream.Aws;
using Dragoman.Upstream.Native;

namespace Dragoman.Tests.Upstream.Aws;

/// <summary>Credentials are found where Amazon's own tools find them.</summary>
public sealed class AwsCredentialChainTests : IAsyncLifetime
{
    private readonly CredentialDouble _double = new();
    private readonly CredentialService _service = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dragoman-aws-");
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
    public async Task The_configurations_keys_go_before_all_else()
    {
        _variables["AWS_ACCESS_KEY_ID"] = "id-environment";
        _variables["AWS_SECRET_ACCESS_KEY"] = "secret-environment";

        await ExpectAsync("id-options", null, new() { AccessKeyId = "id-options", SecretAccessKey = "s" });
        await ExpectAsync("id-environment", null);
    }

    [Fact]
    public async Task A_lent_key_of_the_environment_comes_with_its_token()
    {
        _variables["AWS_ACCESS_KEY_ID"] = "id-environment";
        _variables["AWS_SECRET_ACCESS_KEY"] = "secret-environment";
        _variables["AWS_SESSION_TOKEN"] = "session-environment";

        await ExpectAsync("id-environment", "session-environment");
    }

    [Fact]
    public async Task Profiles_of_the_shared_files_are_read()
    {
        Write("credentials", """
            # a comment
            [default]
            aws_access_key_id = id-default
            aws_secret_access_key=secret-default

            [ team ]
            aws_access_key_id=id-team
            aws_secret_access_key=secret/with=signs
            aws_session_token=session-team
            """);
        Write("config", "[default]\nregion = eu-west-3\n[profile team]\nregion = us-west-2\ns3 =\n  aws_access_key_id = nested\n");

        await ExpectAsync("id-default", null);
        await ExpectAsync("id-team", "session-team", new() { Profile = "team" });
        _variables["AWS_PROFILE"] = "team";
        Assert.Equal("secret/with=signs", (await ExpectAsync("id-team", "session-team")).Value.SecretAccessKey);
        Assert.Equal("us-west-2", AwsCredentialChain.Region(new(), Surroundings()));
    }

    [Fact]
    public async Task A_profile_that_is_named_and_not_there_is_a_fault_and_no_reason_to_look_elsewhere()
    {
        _variables["AWS_ACCESS_KEY_ID"] = "id-environment";
        _variables["AWS_SECRET_ACCESS_KEY"] = "secret-environment";

        var e = await Assert.ThrowsAsync<CredentialException>(() => Chain(new() { Profile = "none" }).LoadAsync(Now));

        Assert.Equal("there is no AWS profile 'none' with credentials", e.Message);
    }

    [Fact]
    public async Task A_pods_identity_is_exchanged_for_keys()
    {
        _variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = Write("token", CredentialDouble.WebIdentity + "\n");
        _variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/pod";

        var loan = await ExpectAsync("id-web", "session-web");

        Assert.InRange(loan.Until!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(61));
    }

    [Fact]
    public async Task A_refused_identity_is_told_without_what_the_service_says()
    {
        _variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = Write("token", "forged");
        _variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/pod";

        var e = await Assert.ThrowsAsync<CredentialException>(() => Chain().LoadAsync(Now));

        Assert.Equal("the security token service refused our web identity with status 403", e.Message);
    }

    [Fact]
    public async Task Containers_of_both_kinds_lend_keys()
    {
        _variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/task";
        _variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = CredentialDouble.ContainerToken;
        await ExpectAsync("id-container", "session-container");

        _variables.Clear();
        _variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = new Uri(_double.Address, "/eks").ToString();
        _variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = Write("container-token", CredentialDouble.ContainerToken);
        await ExpectAsync("id-container", "session-container");
    }

    [Fact]
    public async Task A_containers_token_goes_to_no_far_service_in_the_clear()
    {
        _variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com/steal";
        _variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = CredentialDouble.ContainerToken;

        await Assert.ThrowsAsync<CredentialException>(() => Chain().LoadAsync(Now));
    }

    [Fact]
    public async Task The_machine_lends_keys_to_who_has_its_session() => await ExpectAsync("id-machine", "session-machine");

    [Fact]
    public async Task Where_nobody_lends_all_places_are_named()
    {
        _variables["AWS_EC2_METADATA_DISABLED"] = "true";

        var e = await Assert.ThrowsAsync<CredentialException>(() => Chain().LoadAsync(Now));

        Assert.StartsWith("there are no AWS credentials", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_are_in_no_text_that_could_end_in_a_log()
    {
        var loan = new Loan<AwsCredentials>(new("id", "the-secret", "the-token"), null);

        Assert.DoesNotContain("the-", loan + loan.Value.ToString(), StringComparison.Ordinal);
    }

    private async Task<Loan<AwsCredentials>> ExpectAsync(string id, string? session, AwsOptions? options = null)
    {
        var loan = await Chain(options).LoadAsync(Now);
        Assert.Equal((id, session), (loan.Value.AccessKeyId, loan.Value.SessionToken));
        return loan;
    }

    private AwsCredentialChain Chain(AwsOptions? options = null) => new(options ?? new(), "eu-west-1", Surroundings(), _service, TimeProvider.System);

    private AwsSurroundings Surroundings() => new(_variables.GetValueOrDefault)
    {
        Folder = _folder.FullName,
        TokenService = _double.Address,
        ContainerService = _double.Address,
        MetadataService = _double.Address,
    };

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
