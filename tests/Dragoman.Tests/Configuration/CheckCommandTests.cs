using System.Text.Json;
using Dragoman.Commands;
using Dragoman.Configuration;
using Dragoman.Tests.Commands;

namespace Dragoman.Tests.Configuration;

/// <summary>What <c>dragoman check</c> says.</summary>
public sealed class CheckCommandTests
{
    private const string Good = """
        backends:
          gpu:      { url: http://gpu-1:8000/v1, dialect: vllm }
          deepseek: { url: https://api.deepseek.com/v1, dialect: deepseek, api_key: "${DEEPSEEK_API_KEY}" }
          claude:   { schema: anthropic, url: https://api.anthropic.com, api_key: "${file:key}", headers: { X-Team: "s3cret-team" } }
          spare:    { schema: aws-anthropic, aws: { region: us-east-1 } }
        routes:
          - model: "claude-opus-*"
            to:
              - { backend: gpu, model: Qwen/Qwen3-Coder-480B-A35B, weight: 3 }
              - { backend: deepseek, model: deepseek-chat }
              - { backend: claude, priority: 1 }
          - { model: "claude-*", when: { background: true }, to: [{ backend: gpu, model: Qwen/Qwen3-4B }] }
          - { model: "claude-opus-5", to: [{ backend: gpu }] }
        keys:
          - name: alice
            sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
            models: ["claude-*"]
            expires: 2026-01-31
            limits: { requests_per_minute: 60, money_per_day: 2.5 }
        prices: [{ model: "Qwen/*", input: 1, cached_read: 0.1, output: 2.5 }]
        limit_store: { redis: "redis:6379,password=s3cret-word", if_down: refuse }
        """;

    [Fact]
    public void It_says_in_words_what_the_file_will_do_and_where_secrets_come_from_and_never_the_secrets()
    {
        using var file = new WrittenFile(Good);
        file.WriteBeside("key", "s3cret-file");

        var (status, output) = Check(file, ("DEEPSEEK_API_KEY", "s3cret-variable"));

        Assert.Equal(
            """
            dragoman.yaml is good.

            Listens on http://127.0.0.1:4000, for this machine only, under / and /anthropic.

            Backends:
              gpu       openai, dialect vllm, http://gpu-1:8000/v1; no key
              deepseek  openai, dialect deepseek, https://api.deepseek.com/v1; key from the environment variable DEEPSEEK_API_KEY
              claude    anthropic, https://api.anthropic.com; key from the file key
                        sends X-Team, written in the file
              spare     aws-anthropic, https://bedrock-runtime.us-east-1.amazonaws.com; credentials of the environment, a profile, a web identity, the container or the machine

            Routes, the first match wins:
              1. claude-opus-*
                 3 of 4: gpu, as Qwen/Qwen3-Coder-480B-A35B
                 1 of 4: deepseek, as deepseek-chat
                 if all before fail: claude, by the name the caller used
              2. claude-*, if background
                 gpu, as Qwen/Qwen3-4B
              3. claude-opus-5
                 gpu, by the name the caller used
              Any other model: 404 not_found_error.

            Callers:
              alice  claude-*; 60 requests a minute, 2.5 of money a day; until 2026-01-31 00:00 UTC

            Limits are counted at redis:6379; while it cannot be reached, requests with limits are refused.
            Prices of a million tokens (input, cached read, cached write, output):
              Qwen/*: 1, 0.1, 1, 2.5
            No accounts are kept.
            A request is tried up to 3 times, within 2 min.

            Notes:
              Route 3 (claude-opus-5) is never used: route 1 (claude-opus-*) takes everything that it is for.
              No route leads to backend 'spare'.
              deepseek-chat at deepseek has no price, so limits of money do not count it.
              The key of alice expired on 2026-01-31.
              backends.claude.headers.X-Team is written in the file. Better: ${NAME} for an environment variable, or ${file:/path} for a file of its own.
              limit_store.redis is written in the file. Better: ${NAME} for an environment variable, or ${file:/path} for a file of its own.

            """,
            output);
        Assert.Equal(0, status);
        Assert.DoesNotContain("s3cret", output, StringComparison.Ordinal);
    }

    [Fact]
    public void It_tells_every_fault_of_a_file_and_ends_with_status_1()
    {
        using var file = new WrittenFile(
            """
            backends:
              gpu: { url: http://gpu-1:8000/v1, dialct: vllm }
            routes:
              - { model: "claude-(opus", to: [{ backend: gpu }] }
              - { model: "*", to: [{ backend: cpu, weight: many }] }
            timeouts: { ping: 10 }
            """);

        var (status, output) = Check(file);

        Assert.Equal(
            """
            dragoman.yaml:2:37: backends.gpu.dialct: There is no key 'dialct'. Did you mean 'dialect'? Known keys: schema, url, dialect, api_key, default_model, headers, overrides, health, aws, gcp, azure.
            dragoman.yaml:4:14: routes[0].model: The pattern 'claude-(opus' has a '(' without a ')' at character 8.
            dragoman.yaml:5:35: routes[1].to[0].backend: Route '*' names backend 'cpu'. Did you mean 'gpu'? Known backends: gpu.
            dragoman.yaml:5:48: routes[1].to[0].weight: 'many' is not a whole number from 0 to 1000000.
            dragoman.yaml:6:19: timeouts.ping: '10' is no time like 500ms, 10s, 5m, 1h or 1d, of at most a day.

            dragoman.yaml: 5 faults.

            """,
            output);
        Assert.Equal(1, status);
    }

    [Fact]
    public void What_a_file_leaves_out_is_said_too()
    {
        using var file = new WrittenFile("# nothing yet\n");

        var (status, output) = Check(file);

        Assert.Equal(0, status);
        Assert.Contains("none named: looked for at start", output, StringComparison.Ordinal);
        Assert.Contains("everyone who can reach it, without a key; every model", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Notes:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("claude-opus-5", "*", false)]
    [InlineData("*", "claude-opus-5", true)]
    [InlineData("claude-*", "claude-opus-*", true)]
    [InlineData("claude-opus-*", "claude-*", false)]
    [InlineData("claude-(opus|sonnet)-*", "claude-opus-*", true)]
    [InlineData("claude-*", "claude-(opus|sonnet)-*", true)]
    [InlineData("(a|b)", "(a|b)", true)]
    [InlineData("*-5", "claude-*", false)]
    public void A_route_that_an_earlier_one_hides_is_noted(string first, string second, bool isHidden)
    {
        var reading = WrittenFile.Read($"backends: {{ gpu: {{ url: http://x }} }}\nroutes:\n  - {{ model: \"{first}\", to: [{{ backend: gpu }}] }}\n  - {{ model: \"{second}\", to: [{{ backend: gpu }}] }}\n");

        Assert.Equal(isHidden, ConfigurationNotes.Of(reading, DateTimeOffset.UnixEpoch).Any(note => note.StartsWith("Route 2", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_program_prints_the_schema_and_ends_with_the_status()
    {
        await using var schema = GatewayProcess.Start("check --schema");
        Assert.Equal(0, await schema.ExitAsync());
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", JsonDocument.Parse(schema.Output).RootElement.GetProperty("$schema").GetString());

        using var file = new WrittenFile("nonsense: 1");
        await using var check = GatewayProcess.Start($"check --config \"{file.Path}\" --set timeouts.ping=never");
        Assert.Equal(1, await check.ExitAsync());
        Assert.Contains("2 faults.", check.Output, StringComparison.Ordinal);
    }

    private static (int Status, string Output) Check(WrittenFile file, params (string Name, string Value)[] environment)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var status = CheckCommand.Check(file.Source(environment), new FixedTime(), output);
        return (status, output.ToString().Replace(Path.GetDirectoryName(file.Path) + "/", "", StringComparison.Ordinal));
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    }
}
