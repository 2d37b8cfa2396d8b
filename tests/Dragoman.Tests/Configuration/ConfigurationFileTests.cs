using CsCheck;
using Dragoman.Configuration;

namespace Dragoman.Tests.Configuration;

/// <summary>What a configuration file means (product.md section 4).</summary>
public sealed class ConfigurationFileTests
{
    private const string Contract = """
        urls: http://127.0.0.1:4000
        prefixes: ["/", "/anthropic"]
        backends:
          gpu:      { schema: openai, url: http://gpu-1:8000/v1, dialect: vllm }
          deepseek: { schema: openai, url: https://api.deepseek.com/v1, dialect: deepseek, api_key: "${DEEPSEEK_API_KEY}" }
          claude:   { schema: anthropic, url: https://api.anthropic.com, api_key: "${ANTHROPIC_API_KEY}" }
        routes:                                  # first match wins
          - model: "claude-opus-*"
            to:
              - { backend: gpu, model: Qwen/Qwen3-Coder-480B-A35B, weight: 3 }
              - { backend: deepseek, model: deepseek-chat, weight: 1 }
              - { backend: claude, priority: 1 }          # only when priority 0 is exhausted
          - { model: "claude-haiku-*", to: [{ backend: gpu, model: Qwen/Qwen3-4B }] }
          - { model: "*", to: [{ backend: gpu }] }        # no model: pass the client's name through
        keys:
          - { name: alice, sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", models: ["claude-*"], limits: { requests_per_minute: 60, tokens_per_minute: 200000, tokens_per_day: 5000000 } }
        timeouts: { connect: 5s, first_event: 600s, idle: 300s, ping: 10s }
        retry: { attempts: 3 }
        """;

    private static readonly (string, string)[] Keys = [("DEEPSEEK_API_KEY", "sk-deep"), ("ANTHROPIC_API_KEY", "sk-ant")];

    [Fact]
    public void The_example_of_the_contract_is_read_as_it_is_meant()
    {
        var reading = WrittenFile.Read(Contract, Keys);

        Assert.Empty(reading.Faults);
        var options = reading.Options;
        Assert.Equal(["gpu", "deepseek", "claude"], options.Backends.Select(backend => backend.Name));
        Assert.Equal(("http://gpu-1:8000/v1/", "vllm", null), (options.Backends[0].Url.ToString(), options.Backends[0].Dialect, options.Backends[0].ApiKey));
        Assert.Equal("sk-deep", options.Backends[1].ApiKey);
        Assert.Equal((Schemas.Anthropic, "https://api.anthropic.com/", "sk-ant"), (options.Backends[2].Schema, options.Backends[2].Url.ToString(), options.Backends[2].ApiKey));
        Assert.Equal(["claude-opus-*", "claude-haiku-*", "*"], options.Routes.Select(route => route.Model));
        Assert.Equal(
            [new("gpu", "Qwen/Qwen3-Coder-480B-A35B") { Weight = 3 }, new("deepseek", "deepseek-chat"), new("claude") { Priority = 1 }],
            options.Routes[0].To);
        var key = Assert.Single(options.Keys);
        Assert.Equal(("alice", "claude-*"), (key.Name, Assert.Single(key.Models)));
        Assert.Equal(new() { RequestsPerMinute = 60, TokensPerMinute = 200_000, TokensPerDay = 5_000_000 }, key.Limits);
        Assert.Equal(TimeSpan.FromSeconds(600), options.Timeouts.FirstEvent);
        Assert.Equal(3, options.Retry.Attempts);
    }

    [Fact]
    public void Everything_else_can_be_written_too()
    {
        using var file = new WrittenFile(
            """
            urls: [http://127.0.0.1:0, http://127.0.0.1:4001]
            prefixes: /one, /two
            backends:
              bedrock: { schema: aws-anthropic, aws: { region: eu-west-1, profile: work } }
              vertex: { schema: gcp-anthropic, gcp: { project: p1, location: us-east5 } }
              everywhere: { schema: gcp-anthropic, gcp: { project: p1 } }
              azure:
                schema: azure-openai
                url: https://mine.openai.azure.com/openai/v1/
                azure: { tenant_id: t, client_id: c, client_secret: "${file:secret}" }
                headers: { X-Team: "a$$b", X-Port: 7 }
                overrides: { images: none }
                health: { path: /health, interval: 1m }
            routes:
              - model: "(opus|sonnet)-*"
                when: { background: false, tokens_above: 60000, headers: { X-Tier: gold* } }
                to: [{ backend: azure, model: "gpt-$1" }]
                limits: { money_per_month: 12.50 }
            jwt: { issuer: https://login.example.org, audience: dragoman, limits: { concurrent_requests: 0x10 } }
            keys:
              - { name: bob, sha256: 60303AE22B998861BCE3B28F33EEC1BE758A213C86C93C076DBE9F558C11C752, expires: 2030-01-31, labels: { team: core } }
            prices:
              - { model: "gpt-*", backend: azure, input: 1.25, cached_read: 0.125, output: 10 }
            limit_store: { redis: "redis:6379,password=${REDIS_PASSWORD:-}", if_down: refuse }
            accounting: { file: "-" }
            circuit: { failure_ratio: 0.25 }
            """);
        file.WriteBeside("secret", "s3cret\n");

        var reading = file.Read();

        Assert.Empty(reading.Faults);
        var options = reading.Options;
        Assert.Equal("http://127.0.0.1:0;http://127.0.0.1:4001", options.Urls);
        Assert.Equal(["/one", "/two"], options.Prefixes);
        Assert.Equal(
            ["https://bedrock-runtime.eu-west-1.amazonaws.com/", "https://us-east5-aiplatform.googleapis.com/", "https://aiplatform.googleapis.com/", "https://mine.openai.azure.com/"],
            options.Backends.Select(backend => backend.Url.ToString()));
        var azure = options.Backends[3];
        Assert.Equal("s3cret", azure.Azure!.ClientSecret);
        Assert.Equal([("X-Team", "a$b"), ("X-Port", "7")], azure.Headers.Select(header => (header.Key, header.Value)));
        Assert.Equal(("/health", TimeSpan.FromMinutes(1)), (azure.Health!.Path, azure.Health.Interval));
        var route = Assert.Single(options.Routes);
        Assert.Equal((false, 60_000, "gold*"), (route.When!.Background, route.When.TokensAbove, route.When.Headers["x-tier"]));
        Assert.Equal("gpt-$1", route.To[0].Model);
        Assert.Equal(12.5m, route.Limits!.MoneyPerMonth);
        Assert.Equal(16, options.Jwt!.Limits!.ConcurrentRequests);
        Assert.Equal((new DateTimeOffset(2030, 1, 31, 0, 0, 0, TimeSpan.Zero), "core"), (options.Keys[0].Expires, options.Keys[0].Labels["team"]));
        Assert.Equal("60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752", options.Keys[0].Sha256);
        Assert.Equal(new() { Model = "gpt-*", Backend = "azure", Input = 1.25m, CachedRead = 0.125m, Output = 10 }, Assert.Single(options.Prices));
        Assert.Equal(("redis:6379,password=", StoreDown.Refuse), (options.LimitStore.Redis, options.LimitStore.IfDown));
        Assert.Equal(0.25, options.Circuit.FailureRatio);
        Assert.Equal([file.Path, Path.Combine(Path.GetDirectoryName(file.Path)!, "secret")], reading.Files.Select(read => read.Path));
    }

    [Fact]
    public void The_environment_goes_before_the_file_and_the_command_line_before_both()
    {
        using var file = new WrittenFile("backends: { gpu: { url: http://gpu-1:8000 } }\ntimeouts: { ping: 1s, idle: 1s, connect: 1s, usage: 1s }\n");
        (string Name, string Value)[] environment = [("DRAGOMAN_TIMEOUTS_IDLE", "2s"), ("DRAGOMAN_TIMEOUTS_CONNECT", "2s"), ("DRAGOMAN_TIMEOUTS_USAGE", "2s")];
        var source = new ConfigurationSource(
            file.Path,
            name => environment.FirstOrDefault(variable => variable.Name == name).Value,
            [new("timeouts.connect", "--set timeouts.connect", o => Settings.Apply(o, "timeouts.connect=3s")), new("timeouts.usage", "--set timeouts.usage", o => Settings.Apply(o, "timeouts.usage=3s"))]);

        var timeouts = source.Read().OptionsOrThrow().Timeouts;

        Assert.Equal((1, 2, 3, 3), (timeouts.Ping.Seconds, timeouts.Idle.Seconds, timeouts.Connect.Seconds, timeouts.Usage.Seconds));
    }

    [Fact]
    public void A_setting_means_the_same_in_the_file_in_the_environment_and_on_the_command_line()
    {
        string[] values = ["true", "false", "7", "300", "0.25", "40s", "128KB", "url", "hermes", "on", "openai_file", "refuse", "never", "none", "http://127.0.0.1:4001", "/some/where", "text"];
        foreach (var setting in Settings.All)
        {
            if (values.FirstOrDefault(value => IsTaken(setting, value)) is not { } value)
            {
                Assert.Fail($"No value of the list changes {setting.Key}: add one.");
                return;
            }

            var keys = setting.Key.Split('.');
            var yaml = keys.Length == 1 ? $"{keys[0]}: {value}\n" : $"{keys[0]}:\n  {keys[1]}: {value}\n";
            const string backend = "backends: { gpu: { url: http://gpu-1:8000 } }\n";
            using var file = new WrittenFile(yaml + backend);
            using var plain = new WrittenFile(backend);

            var told = Settings.Apply(new GatewayOptions(), $"{setting.Key}={value}");
            var written = file.Read();
            var variable = plain.Read((setting.Variable, value));

            Assert.False(IsFaulty(setting, written.Faults), $"{setting.Key}: {string.Join('\n', written.Faults)}");
            Assert.NotEqual(Describe(new()), Describe(told));
            Assert.Equal(Describe(told), Describe(written.Options));
            Assert.Equal(Describe(told), Describe(variable.Options));
        }

        static bool IsTaken(Setting<GatewayOptions> setting, string value)
        {
            try
            {
                var changed = setting.Apply(new(), value);
                return Describe(changed) != Describe(new()) && !IsFaulty(setting, GatewayValidation.FaultsOf(changed, backendsMayBeFound: true));
            }
            catch (FormatException)
            {
                return false;
            }
        }

        // Others may be missing beside it: that is another test's business.
        static bool IsFaulty(Setting<GatewayOptions> setting, IReadOnlyList<ConfigurationFault> faults) => faults.Any(fault => fault.Path.StartsWith(setting.Key, StringComparison.Ordinal));

        static string Describe(GatewayOptions options) => Described.Of(options with { Backends = [] });
    }

    [Fact]
    public void Whatever_stands_in_a_file_it_is_read_or_refused_with_a_place_and_without_a_secret()
    {
        const string signs = "{}[]:,-#&*!|>'\"%@`$ \n\t\0\\?~<=xX0é";
        var gen = Gen.Select(Gen.Int[0, Contract.Length - 1], Gen.Int[0, 12], Gen.Char[signs].Array[0, 6]).Array[1, 4];
        using var file = new WrittenFile("");
        gen.Sample(
            edits =>
            {
                var text = Contract;
                foreach (var (at, length, put) in edits)
                {
                    var from = Math.Min(at, text.Length);
                    text = text[..from] + new string(put) + text[Math.Min(from + length, text.Length)..];
                }

                File.WriteAllText(file.Path, text);
                foreach (var fault in file.Read(Keys).Faults)
                {
                    Assert.NotNull(fault.At);
                    Assert.DoesNotContain("sk-ant", fault.ToString(), StringComparison.Ordinal);
                }
            },
            iter: 2000,
            threads: 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing yet\n")]
    [InlineData("backends:\nroutes:\nkeys:\ntimeouts:\n")]
    [InlineData("{ \"backends\": { \"gpu\": { \"url\": \"http:\\/\\/gpu-1:8000\" } }, \"prefixes\": [\"/\"] }")]
    public void A_file_that_says_nothing_or_speaks_JSON_is_no_fault(string yaml) => Assert.Empty(WrittenFile.Faults(yaml));

    [Fact]
    public void Anchors_and_aliases_say_things_once()
    {
        var reading = WrittenFile.Read("backends:\n  a: &a { url: http://gpu-1:8000, dialect: vllm }\n  b: *a\n");

        Assert.Empty(reading.Faults);
        Assert.Equal(["a", "b"], reading.Options.Backends.Select(backend => backend.Name));
        Assert.Equal("vllm", reading.Options.Backends[1].Dialect);
    }
}
