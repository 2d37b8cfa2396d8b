using System.Text;
using System.Text.RegularExpressions;
using Dragoman.Configuration;
using Dragoman.Configuration.Tables;
using Dragoman.Reloading;

namespace Dragoman.Tests.Configuration;

/// <summary>The reference and the JSON Schema, written from the tables that read the file. With <c>DRAGOMAN_UPDATE_DOCS=1</c> the tests
/// write them; otherwise they compare.</summary>
public sealed class ConfigurationPagesTests
{
    [Fact]
    public void The_reference_has_every_key_with_its_default_and_meaning()
    {
        var path = Path.Combine(Repository.Root, "docs", "configuration.md");
        var page = File.ReadAllText(path).ReplaceLineEndings("\n");

        Hold(path, Between(Between(page, "settings", SettingRows()), "keys", KeySections()));
    }

    [Fact]
    public void The_JSON_Schema_is_the_one_that_check_prints() =>
        Hold(Path.Combine(Repository.Root, "docs", "dragoman.schema.json"), ConfigurationSchema.Write());

    [Fact]
    public void The_settings_that_wait_for_the_next_start_stand_in_the_page()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));
        var section = page[page.IndexOf("## Reload", StringComparison.Ordinal)..page.IndexOf("## Settings", StringComparison.Ordinal)];

        Assert.All(StartSettings.Keys, key => Assert.Contains($"`{key}`", section, StringComparison.Ordinal));
    }

    private static string SettingRows()
    {
        var rows = new StringBuilder("| key | default | variable | meaning |\n| --- | --- | --- | --- |\n");
        foreach (var setting in Settings.All)
            rows.Append($"| `{setting.Key}` | {Code(setting.Default)} | `{setting.Variable}` | {setting.Meaning} |\n");
        return rows.ToString();
    }

    private static string KeySections()
    {
        var text = new StringBuilder();
        var written = new HashSet<Table>();
        foreach (var member in GatewayTable.Root.Members.Where(member => member.Part is not null))
        {
            if (!IsSetting(member)) Write(member, "");
            else foreach (var inner in member.Part!.Members.Where(inner => inner.Part is not null)) Write(inner, member.Key + ".");
        }

        return text.ToString().TrimEnd('\n') + "\n";

        void Write(Member member, string under)
        {
            var path = under + member.Key + member.PartSuffix;
            if (!written.Add(member.Part!)) return;
            text.Append($"### `{path}`\n\n{member.Meaning}\n\n| key | default | meaning |\n| --- | --- | --- |\n");
            foreach (var inner in member.Part!.Members)
            {
                var key = inner.IsRequired ? $"**`{inner.Key}`**" : $"`{inner.Key}`";
                text.Append($"| {key} | {Code(inner.Default ?? "")} | {inner.Meaning}{Elsewhere(inner)} |\n");
            }

            text.Append('\n');
            foreach (var inner in member.Part.Members.Where(inner => inner.Part is not null && !IsSetting(inner))) Write(inner, path + ".");
        }

        static bool IsSetting(Member member) => member.Part is { } part && (GatewayTable.Root.Any(root => root.Part == part && root.PartSuffix.Length == 0 && root.Settings().Any()));
        static string Elsewhere(Member member) => member.Part is null ? "" : IsSetting(member) ? $" The keys are those of `{member.Part.Name}` above." : " The keys have a table of their own.";
    }

    private static string Code(string value) => value.Length == 0 ? "" : $"`{value}`";

    private static string Between(string page, string mark, string text)
    {
        var (begin, end) = ($"<!-- {mark} -->\n", $"<!-- /{mark} -->");
        var from = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        return page[..from] + text + page[page.IndexOf(end, StringComparison.Ordinal)..];
    }

    private static void Hold(string path, string expected)
    {
        if (Environment.GetEnvironmentVariable("DRAGOMAN_UPDATE_DOCS") == "1") File.WriteAllText(path, expected);
        var name = Path.GetFileName(path);
        Assert.True(File.Exists(path), $"docs/{name} is missing: run this test with DRAGOMAN_UPDATE_DOCS=1.");
        Assert.True(expected == File.ReadAllText(path).ReplaceLineEndings("\n"), $"docs/{name} is stale: run this test with DRAGOMAN_UPDATE_DOCS=1.");
    }
}
