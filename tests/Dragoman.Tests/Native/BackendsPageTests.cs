using System.Text.RegularExpressions;
using Dragoman.Configuration;
using Dragoman.Tests.Configuration;

namespace Dragoman.Tests.Native;

/// <summary>What docs/backends.md says is true.</summary>
public sealed partial class BackendsPageTests
{
    [Fact]
    public void The_example_can_be_loaded_and_has_every_schema()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "backends.md"));

        var reading = WrittenFile.Read(Example().Match(page).Groups[1].Value, ("AZURE_OPENAI_API_KEY", "k"), ("ANTHROPIC_API_KEY", "k"));

        Assert.Empty(reading.Faults);
        Assert.Equal(Schemas.All.Order(), reading.Options.Backends.Select(backend => backend.Schema).Distinct().Order());
        var urls = reading.Options.Backends.ToDictionary(backend => backend.Name, backend => backend.Url.ToString());
        Assert.Equal("https://bedrock-runtime.eu-central-1.amazonaws.com/", urls["bedrock"]);
        Assert.Equal("https://europe-west1-aiplatform.googleapis.com/", urls["vertex"]);
        Assert.Equal("https://api.anthropic.com/", urls["claude"]);
    }

    [Fact]
    public void Every_schema_has_its_row()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "backends.md"));

        Assert.All(Schemas.All, schema => Assert.Contains($"| `{schema}` |", page, StringComparison.Ordinal));
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
