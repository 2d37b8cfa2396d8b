using System.Diagnostics;
using System.Text.RegularExpressions;
using Dragoman.Commands;
using Dragoman.Configuration;
using Dragoman.Tests.Commands;
using Dragoman.Tests.Configuration;

namespace Dragoman.Tests;

/// <summary>What the pages say is true.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Root = Repository.Root;

    [Fact]
    public void Every_default_of_the_reference_is_the_one_that_holds()
    {
        var options = new GatewayOptions();

        // Setting each to its documented default changes nothing.
        foreach (var setting in Settings.All)
        {
            var changed = setting.Apply(options, setting.Default);
            Assert.True(Described.Of(options) == Described.Of(changed), $"{setting.Key}: {setting.Default} is not its default.");
        }
    }

    [Fact]
    public void Every_known_vendors_variable_stands_in_the_reference()
    {
        var page = File.ReadAllText(Path.Combine(Root, "docs", "configuration.md"));

        Assert.All(KnownVendors.All.SelectMany(vendor => vendor.KeyVariables.Append(vendor.UrlVariable)).OfType<string>(), variable => Assert.Contains($"`{variable}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_command_and_option_stands_in_the_README()
    {
        var readme = File.ReadAllText(Path.Combine(Root, "README.md"));

        Assert.All(ServeCommand.Create().Options, option => Assert.Contains($"| `{option.Name}", readme, StringComparison.Ordinal));
        foreach (var command in new[] { ServeCommand.Create(), CheckCommand.Create(), KeyCommand.Create(), ClaudeCommand.Create(), SimulateCommand.Create() }) Assert.Contains($"| `dragoman {command.Name}", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_folder_of_the_architecture_page_exists_and_none_is_missing()
    {
        var page = File.ReadAllText(Path.Combine(Root, "docs", "architecture.md"));
        var named = FolderRow().Matches(page).Select(match => match.Groups[1].Value).ToArray();

        Assert.All(named, folder => Assert.True(Directory.Exists(Path.Combine(Root, folder)), folder));
        foreach (var project in new[] { "src/Dragoman", "src/Dragoman.Protocol", "src/Dragoman.Translation" })
        {
            var folders = Directory.GetDirectories(Path.Combine(Root, project)).Select(Path.GetFileName).Where(name => name is not ("bin" or "obj" or "Properties"));
            Assert.All(folders, folder => Assert.Contains($"{project}/{folder}", named));
        }
    }

    [Fact]
    public void The_READMEs_configuration_file_has_no_fault_and_nothing_that_is_probably_not_meant()
    {
        var yaml = Assert.Single(YamlBlock().Matches(File.ReadAllText(Path.Combine(Root, "README.md")))).Groups[1].Value;

        var reading = WrittenFile.Read(yaml, ("DEEPSEEK_API_KEY", "a"), ("ANTHROPIC_API_KEY", "b"));

        Assert.Empty(reading.Faults);
        Assert.Empty(ConfigurationNotes.Of(reading, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public async Task The_READMEs_lines_to_copy_work()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Root, "README.md"), TestContext.Current.CancellationToken);
        var lines = ShellBlock().Matches(readme).SelectMany(block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        await using var gateway = await GatewayProcess.Start("--urls http://127.0.0.1:0", environment: ("DRAGOMAN_DISCOVERY", "false")).ListeningAsync();

        Assert.True(lines.Length >= 4);
        foreach (var line in lines)
        {
            var (status, output) = await RunAsync(line.Replace("http://127.0.0.1:4000", gateway.Address.ToString().TrimEnd('/'), StringComparison.Ordinal).Replace("curl ", "curl -sS --fail-with-body ", StringComparison.Ordinal));
            Assert.True(status == 0, $"{line}\n{output}");
            var expected = line.Contains("\"stream\":true", StringComparison.Ordinal) ? "event: message_stop" : line.Contains("count_tokens", StringComparison.Ordinal) ? "\"input_tokens\"" : line.EndsWith("/v1/models", StringComparison.Ordinal) ? "\"has_more\"" : "\"type\":\"message\"";
            Assert.Contains(expected, output, StringComparison.Ordinal);
        }
    }

    private static async Task<(int Status, string Output)> RunAsync(string line)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(line + " 2>&1");
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }

    [GeneratedRegex("^\\| `((?:src|tests)/[^`]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex FolderRow();

    [GeneratedRegex("```yaml\\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();

    [GeneratedRegex("```sh\\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();
}
