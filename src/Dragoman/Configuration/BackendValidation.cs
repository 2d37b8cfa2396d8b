using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Configuration;

/// <summary>Rules for backends, among them what each schema needs.</summary>
internal static class BackendValidation
{
    public static void Check(IReadOnlyList<BackendOptions> backends, ConfigurationFaults faults)
    {
        if (backends.Count == 0) faults.Add("backends", "No backend is configured. Name one with --backend http://127.0.0.1:8000/v1.");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var backend in backends)
        {
            var path = $"backends.{backend.Name}";
            if (!names.Add(backend.Name)) faults.Add(path, $"Two backends are called '{backend.Name}'. Names must differ.");
            // A caller may ask for NAME/MODEL.
            if (backend.Name.Length == 0 || backend.Name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '/'))
                faults.Add(path, $"'{backend.Name}' is no name for a backend. Expected one without spaces and slashes.");
            CheckSchema(backend, path, faults);
            CheckHeaders(backend, path, faults);
            if (backend.Health is { Path: { } health } && !health.StartsWith('/')) faults.Add($"{path}.health.path", $"'{health}' is no path. Expected one like /health.");
        }
    }

    private static void CheckSchema(BackendOptions backend, string path, ConfigurationFaults faults)
    {
        if (!Schemas.All.Contains(backend.Schema, StringComparer.Ordinal))
        {
            faults.Add($"{path}.schema", $"Backend '{backend.Name}': there is no schema '{backend.Schema}'. Known schemas: {string.Join(", ", Schemas.All)}.");
            return;
        }

        var isTranslated = backend.Schema is Schemas.OpenAI or Schemas.AzureOpenAI;
        if (backend.Dialect != "auto" && Dialects.Find(backend.Dialect) is null)
            faults.Add($"{path}.dialect", $"There is no dialect '{backend.Dialect}'. Known dialects: auto, {string.Join(", ", Dialects.Names)}.");
        else if (backend.Dialect != "auto" && !isTranslated)
            faults.Add($"{path}.dialect", $"A backend of schema {backend.Schema} speaks the Messages API itself and has no dialect. Take it out.");
        if (backend.Overrides != new DialectOptions() && !isTranslated)
            faults.Add($"{path}.overrides", $"A backend of schema {backend.Schema} speaks the Messages API itself and has no dialect to override. Take it out.");

        CheckCloud(backend, path, faults);
        if (backend.Url is null && NeedsAddress(backend)) faults.Add($"{path}.url", $"It is missing. A backend of schema {backend.Schema} needs its address, such as {Example(backend.Schema)}.");
    }

    private static bool NeedsAddress(BackendOptions backend) => backend.Schema is Schemas.OpenAI or Schemas.AzureOpenAI or Schemas.Anthropic;

    private static string Example(string schema) => schema switch
    {
        Schemas.Anthropic => "https://api.anthropic.com",
        Schemas.AzureOpenAI => "https://NAME.openai.azure.com",
        _ => "http://gpu-1:8000/v1",
    };

    private static void CheckCloud(BackendOptions backend, string path, ConfigurationFaults faults)
    {
        Belongs(backend.Aws is not null, "aws", Schemas.AwsAnthropic);
        Belongs(backend.Gcp is not null, "gcp", Schemas.GcpAnthropic);
        Belongs(backend.Azure is not null, "azure", Schemas.AzureOpenAI);
        switch (backend)
        {
            case { Schema: Schemas.AwsAnthropic, Aws: null or { Region: null } }:
                faults.Add($"{path}.aws.region", "It is missing, and AWS_REGION is not set. Expected a region like us-east-1.");
                break;
            case { Schema: Schemas.GcpAnthropic, Gcp: null }:
                faults.Add($"{path}.gcp", "It is missing. Vertex AI needs at least the project: gcp: { project: NAME }.");
                break;
        }

        switch (backend)
        {
            case { Url: null, Schema: Schemas.AwsAnthropic, Aws.Region: { } region }:
                faults.Add($"{path}.aws.region", $"'{region}' is no region. Expected one like us-east-1.");
                break;
            case { Url: null, Schema: Schemas.GcpAnthropic, Gcp: { Project.Length: > 0 } gcp }:
                faults.Add($"{path}.gcp.location", $"'{gcp.Location}' is no location. Expected one like us-east5 or global.");
                break;
        }

        if (backend.Aws is { } aws && aws.AccessKeyId is null != aws.SecretAccessKey is null)
            faults.Add($"{path}.aws", "access_key_id and secret_access_key go together: one of them is missing.");
        if (backend.Azure is { ClientSecret: not null } azure && (azure.TenantId is null || azure.ClientId is null))
            faults.Add($"{path}.azure", "client_secret goes with tenant_id and client_id: one of them is missing.");

        void Belongs(bool isSet, string key, string schema)
        {
            if (isSet && backend.Schema != schema) faults.Add($"{path}.{key}", $"This belongs to backends of schema {schema}; the schema of '{backend.Name}' is {backend.Schema}.");
        }
    }

    private static void CheckHeaders(BackendOptions backend, string path, ConfigurationFaults faults)
    {
        foreach (var (name, value) in backend.Headers)
        {
            if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c)))
                faults.Add($"{path}.headers.{name}", $"'{name}' is no name of a header.");
            if (value.Any(c => c is '\r' or '\n' or '\0')) faults.Add($"{path}.headers.{name}", "The value of a header is one line.");
        }
    }
}
