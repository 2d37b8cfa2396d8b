using Dragoman.Translation.ChatCompletions;
using static Dragoman.Configuration.Tables.ValueKinds;

namespace Dragoman.Configuration.Tables;

/// <summary>What can be said of a backend.</summary>
internal static class BackendTables
{
    public static Table<AwsOptions> Aws { get; } = new("aws", "Bedrock: where, and who we are there. Without keys of its own the usual chain decides: environment, profile, web identity, container, machine.")
    {
        { "region", OptionalText, "", (o, v) => o with { Region = v }, "Such as `us-east-1`. Unset: `AWS_REGION`." },
        { "profile", OptionalText, "", (o, v) => o with { Profile = v }, "A profile of the shared credentials file. Unset: `AWS_PROFILE`." },
        { "access_key_id", OptionalText, "", (o, v) => o with { AccessKeyId = v }, "An access key's id." },
        { "secret_access_key", Secret, "", (o, v) => o with { SecretAccessKey = v }, "The access key itself." },
        { "session_token", Secret, "", (o, v) => o with { SessionToken = v }, "Goes with a key that is only lent." },
    };

    public static Table<GcpOptions> Gcp { get; } = new("gcp", "Vertex AI: where, and who we are there. Without a file `GOOGLE_APPLICATION_CREDENTIALS` decides, else the machine.")
    {
        { "project", Text, null, (o, v) => o with { Project = v }, "The project's id." },
        { "location", Text, "global", (o, v) => o with { Location = v }, "Such as `us-east5` or `global`." },
        { "credentials_file", OptionalText, "", (o, v) => o with { CredentialsFile = v }, "Path of a service account's key file." },
    };

    public static Table<AzureOptions> Azure { get; } = new("azure", "Azure OpenAI: how it is addressed, and who we are there if no API key is given.")
    {
        { "api_version", OptionalText, "", (o, v) => o with { ApiVersion = v }, "With one, models are deployments and have paths of their own. Unset: the `/openai/v1` surface." },
        { "tenant_id", OptionalText, "", (o, v) => o with { TenantId = v }, "Entra tenant of the application below." },
        { "client_id", OptionalText, "", (o, v) => o with { ClientId = v }, "Entra application; alone, a managed identity of that client id." },
        { "client_secret", Secret, "", (o, v) => o with { ClientSecret = v }, "The application's secret." },
        { "managed_identity", Bool, "false", (o, v) => o with { ManagedIdentity = v }, "Ask the machine's identity service for tokens." },
    };

    public static Table<HealthOptions> Health { get; } = new("health", "Asks the backend regularly whether it lives. Unset: the requests tell.")
    {
        { "path", OptionalText, "", (o, v) => o with { Path = v }, "Path on the backend's server, such as `/health`. Unset: its models are asked for." },
        { "interval", Time(TimeSpan.FromSeconds(1)), "15s", (o, v) => o with { Interval = v }, "From one question to the next." },
        { "timeout", Time(TimeSpan.FromMilliseconds(1)), "5s", (o, v) => o with { Timeout = v }, "Longest wait for an answer." },
    };

    public static Table<BackendOptions> Backend { get; } = new("backend", "Servers that run or sell models, by a name of your choice. Unset: some are looked for.")
    {
        { "schema", OneOf([.. Schemas.All.Select(schema => (schema, schema))]), Schemas.OpenAI, (o, v) => o with { Schema = v }, "The API it speaks: `openai`, `azure-openai`, `anthropic`, `aws-anthropic`, `gcp-anthropic`." },
        { "url", BackendAddresses.Kind, "", (o, v) => o with { Url = v }, "Its address, such as `http://gpu-1:8000/v1` or `https://api.anthropic.com`. Bedrock and Vertex AI need none." },
        { "dialect", OneOf([("auto", "auto"), .. Dialects.Names.Select(name => (name, name))]), "auto", (o, v) => o with { Dialect = v }, "How it deviates from Chat Completions: a preset's name, or `auto`, which tells from its address, its `Server` header and its list of models." },
        { "api_key", Secret, "", (o, v) => o with { ApiKey = v }, "Its key, best as `${NAME}` or `${file:/path}`." },
        { "default_model", OptionalText, "", (o, v) => o with { DefaultModel = v }, "The model asked for where a request names none that it lists. Unset: the first one listed." },
        new TextsMember<BackendOptions>("headers", Secret, (o, v) => o with { Headers = v }, "Headers sent with every request, by name."),
        { "overrides", SettingTables.Dialect, o => o.Overrides, (o, v) => o with { Overrides = v } },
        new ObjectMember<BackendOptions, HealthOptions>("health", Health, new(), (o, v) => o with { Health = v }),
        new ObjectMember<BackendOptions, AwsOptions>("aws", Aws, new(), (o, v) => o with { Aws = v }),
        new ObjectMember<BackendOptions, GcpOptions>("gcp", Gcp, new() { Project = "" }, (o, v) => o with { Gcp = v }),
        new ObjectMember<BackendOptions, AzureOptions>("azure", Azure, new(), (o, v) => o with { Azure = v }),
    };
}
