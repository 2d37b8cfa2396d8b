using System.Text;

namespace Dragoman.Tests.Configuration;

/// <summary>What is said of a configuration file that cannot be: every fault, its place, what would be right, and no secret.</summary>
public sealed class ConfigurationFaultsTests
{
    [Fact]
    public void All_faults_are_told_at_once_each_with_its_place()
    {
        var faults = WrittenFile.Faults(
            """
            urls: http://127.0.0.1:4000
            backend:
              x: 1
            backends:
              gpu: { url: gpu-1:8000, dialect: vlm }
              claude: { schema: anthropic, api_key: "${NO_SUCH_KEY}", dialect: vllm }
            routes:
              - model: "claude-*"
                to:
                  - { backend: gpuu, wieght: 2 }
              - { model: "*" }
            keys:
              - { name: a, sha256: my-secret-key }
              - { name: a, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, limits: { money_per_day: 5 } }
            timeouts: { ping: soon, pings: 5s }
            retry: { attempts: 0 }
            web_search: { provider: searxng }
            """);

        Assert.Equal(
            [
                "dragoman.yaml:2:1: backend: There is no key 'backend'. Did you mean 'backends'? Known keys: urls, prefixes, backends, routes, keys, jwt, prices, limit_store, accounting, discovery, allow_anonymous, allowed_hosts, allowed_origins, retry, circuit, timeouts, limits, count_tokens, pdf, web_search, web_fetch, dialect, log, signing_key, inline_scheduling.",
                "dragoman.yaml:5:15: backends.gpu.url: The value is no address. Expected one like http://127.0.0.1:8000/v1.",
                "dragoman.yaml:5:36: backends.gpu.dialect: 'vlm' is none of auto, " + string.Join(", ", Dragoman.Translation.ChatCompletions.Dialects.Names) + ". Did you mean 'vllm'?",
                "dragoman.yaml:6:11: backends.claude.url: It is missing. A backend of schema anthropic needs its address, such as https://api.anthropic.com.",
                "dragoman.yaml:6:41: backends.claude.api_key: The environment variable NO_SUCH_KEY is not set, or empty. Set it, or write ${NO_SUCH_KEY:-} if it may be missing.",
                "dragoman.yaml:6:68: backends.claude.dialect: A backend of schema anthropic speaks the Messages API itself and has no dialect. Take it out.",
                "dragoman.yaml:10:20: routes[0].to[0].backend: Route 'claude-*' names backend 'gpuu'. Did you mean 'gpu'? Known backends: gpu, claude.",
                "dragoman.yaml:10:26: routes[0].to[0].wieght: There is no key 'wieght'. Did you mean 'weight'? Known keys: backend, model, weight, priority.",
                "dragoman.yaml:11:5: routes[1].to: It is missing. Where requests of this route go.",
                "dragoman.yaml:13:24: keys[0].sha256: The value is no SHA-256: that is 64 hexadecimal digits, never the key itself. `dragoman key new NAME` makes one.",
                "dragoman.yaml:14:13: keys[1].name: Two keys are called 'a': this one and keys[0]. Names must differ.",
                "dragoman.yaml:14:115: keys[1].limits.money_per_day: A limit of money needs prices, and none are configured. List them under prices: model, input, output.",
                "dragoman.yaml:15:19: timeouts.ping: 'soon' is no time like 500ms, 10s, 5m, 1h or 1d, of at most a day.",
                "dragoman.yaml:15:25: timeouts.pings: There is no key 'pings'. Did you mean 'ping'? Known keys: connect, first_event, idle, usage, ping, commit, shutdown, models, models_refresh.",
                "dragoman.yaml:16:20: retry.attempts: '0' is not a whole number from 1 to 20.",
                "dragoman.yaml:17:13: web_search.url: Provider 'searxng' needs the address of the server, such as http://127.0.0.1:8888, here or in SEARXNG_URL.",
            ],
            faults);
    }

    [Theory]
    [InlineData("urls: a\nurls: b", "dragoman.yaml:2:1: The key 'urls' stands here for the second time. The first is in line 1.")]
    [InlineData("urls: a\n---\nurls: b", "dragoman.yaml:2:1: A second document begins here. Expected one document in the file.")]
    [InlineData("urls: [a\nprefixes: b", "dragoman.yaml:2:1: This is no YAML. Look for a bracket or a quote that is not closed before this place.")]
    [InlineData("urls: a: b", "dragoman.yaml:1:8: This is no YAML.")]
    [InlineData("urls: \"a", "dragoman.yaml:1:7: This is no YAML.")]
    [InlineData("urls: *there", "dragoman.yaml:1:7: There is no anchor '&there' before this alias.")]
    [InlineData("urls: &a [*a]", "dragoman.yaml:1:11: There is no anchor '&a' before this alias.")]
    [InlineData("urls: !mine a", "dragoman.yaml:1:7: Tags have no meaning here.")]
    [InlineData("a: &a {}\nurls: { <<: *a }", "dragoman.yaml:2:9: YAML 1.2 knows no merge key '<<'.")]
    [InlineData("- urls", "dragoman.yaml:1:1: Expected keys with values here, such as urls.")]
    [InlineData("{ [a]: b }", "dragoman.yaml:1:")]
    [InlineData("urls: {}", "dragoman.yaml:1:7: urls: Expected a single value.")]
    [InlineData("urls:", "dragoman.yaml:1:6: urls: There is no value.")]
    [InlineData("timeouts: 5s", "dragoman.yaml:1:11: timeouts: Expected keys with values here, such as connect.")]
    [InlineData("routes: { model: x }", "dragoman.yaml:1:9: routes: Expected a list here: an entry for each route")]
    [InlineData("backends: [{ url: x }]", "dragoman.yaml:1:11: backends: Expected a name for each backend")]
    [InlineData("timeouts.ping: 5s", "dragoman.yaml:1:1: timeouts.ping: There is no key 'timeouts.ping'. Write 'ping' as a key under 'timeouts'.")]
    [InlineData("prefixes: [/a, b]", "dragoman.yaml:1:16: prefixes[1]: 'b' is no path prefix.")]
    [InlineData("urls: http://0.0.0.0:4000", "dragoman.yaml:1:7: urls: Listening on http://0.0.0.0:4000 would let everyone")] // failures.md J9
    [InlineData("urls: ${file:/no/such/file}", "dragoman.yaml:1:7: urls: The file '/no/such/file' does not exist.")]
    [InlineData("urls: \"${}\"", "dragoman.yaml:1:7: urls: '${' is followed by no name")]
    [InlineData("urls: \"${A\"", "dragoman.yaml:1:7: urls: '${' is not closed")]
    [InlineData("backends: { b: { schema: aws-anthropic } }", "backends.b.aws.region: It is missing, and AWS_REGION is not set.")]
    [InlineData("backends: { b: { schema: gcp-anthropic } }", "backends.b.gcp: It is missing. Vertex AI needs at least the project")]
    [InlineData("backends: { b: { schema: gcp-anthropic, gcp: {} } }", "backends.b.gcp.project: It is missing.")]
    [InlineData("backends: { b: { schema: aws-anthropic, aws: { region: a.evil/ } } }", "'a.evil/' is no region.")]
    [InlineData("backends: { b: { url: http://x, aws: { region: a } } }", "belongs to backends of schema aws-anthropic")]
    [InlineData("backends: { a/b: { url: http://x } }", "'a/b' is no name for a backend.")]
    [InlineData("jwt: { issuer: me, audience: you }", "dragoman.yaml:1:16: jwt.issuer: The issuer's keys are found at its address")]
    [InlineData("keys: [{ name: a, key: sk-secret }]", "The key itself does not belong into the file.")]
    public void A_fault_says_where_it_is_and_what_would_be_right(string yaml, string says)
    {
        var faults = WrittenFile.Faults(yaml);

        Assert.Contains(faults, fault => fault.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void A_secret_is_in_no_fault()
    {
        using var file = new WrittenFile(
            """
            backends:
              a: { url: "http://user:s3cret@host", api_key: { x: s3cret } }
              b: { url: "${SECRET}", headers: { A: [s3cret] } }
              c: { url: http://x, headers: { A: "s3cret\n2" } }
            keys: [{ name: a, sha256: s3cret }]
            retry: { attempts: "${SECRET}", deadline: "${file:secret}" }
            limit_store: { redis: [s3cret] }
            """);
        file.WriteBeside("secret", "s3cret");

        var faults = file.Read(("SECRET", "s3cret"), ("DRAGOMAN_SIGNING_KEY", "s3cret")).Faults;

        Assert.Equal(9, faults.Count);
        Assert.All(faults, fault => Assert.DoesNotContain("s3cret", fault.ToString(), StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.ToString().EndsWith("retry.attempts: What the environment variable SECRET holds is not a whole number from 1 to 20.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_fault_in_the_environment_names_its_variable()
    {
        var faults = WrittenFile.Faults("prefixes: [/a]\nbackends: { b: { url: http://x } }", ("DRAGOMAN_PREFIXES", "b"), ("DRAGOMAN_TIMEOUTS_PING", "soon"));

        Assert.Equal(2, faults.Length);
        Assert.Contains(faults, fault => fault.StartsWith("the environment variable DRAGOMAN_PREFIXES: 'b' is no path prefix.", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("DRAGOMAN_TIMEOUTS_PING: 'soon' is no time", StringComparison.Ordinal));
    }

    [Fact]
    public void An_alias_bomb_is_refused_at_once()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 30; i++) bomb.Append($"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n");

        Assert.Contains("more than 1000000 values", Assert.Single(WrittenFile.Faults(bomb.ToString())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200_000)]
    [InlineData(40)]
    public void Deep_nesting_is_refused(int depth) => Assert.StartsWith("dragoman.yaml:1:", Assert.Single(WrittenFile.Faults("urls: " + new string('[', depth))), StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_named_by_their_place()
    {
        using var file = new WrittenFile("");
        File.WriteAllBytes(file.Path, [.. "urls: http://127.0.0.1:0\nprefixes: "u8, 0xFF, 0x0A]);

        Assert.EndsWith("dragoman.yaml:2:11: This is no UTF-8 text.", Assert.Single(file.Read().Faults).ToString(), StringComparison.Ordinal);
    }
}
