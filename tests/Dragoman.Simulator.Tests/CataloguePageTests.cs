using System.Text;
using Dragoman.Simulator.Model;
using Dragoman.Simulator.Scenarios;

namespace Dragoman.Simulator.Tests;

/// <summary><c>docs/simulator.md</c>, written from the catalogue. With <c>DRAGOMAN_UPDATE_DOCS=1</c> the test writes it; otherwise it compares.</summary>
public sealed class CataloguePageTests
{
    private const string Introduction = """
        # The simulated backend

        `dragoman simulate` is a backend that speaks OpenAI Chat Completions and does as it is told: it answers, calls tools, reasons, refuses, stalls and
        breaks in every way that real backends were seen to. Tests, demonstrations and load runs use it; so can you, to see what a client or a gateway makes of
        a defect. It is no language model.

            dragoman simulate --urls http://127.0.0.1:9000
            dragoman serve --backend http://127.0.0.1:9000/v1 --model sim/demo

        The **model name** of a request selects a scenario. `sim/` may be left out; a name that is no scenario's is answered by `sim/demo`. A scenario that says
        "any number" takes another one at the end of its name: `sim/silence-60`.

        It listens to `POST /v1/chat/completions`, `GET /v1/models` (every scenario, with `max_model_len`), `GET /v1/models/{id}`, `POST /tokenize` (vLLM's
        shape for `prompt` and `messages`, llama.cpp's for `content`; about four bytes a token) and `GET /health`. The paths without `/v1` work too.

        With `--server NAME` (vllm, sglang, llamacpp, ollama, lmstudio, openai, openrouter) its header, model list and pages such as `/props`
        are those of that server, so that what a gateway recognises can be tried; other model names then get that server's scenario.

        Requests are checked as a strict backend would: unknown roles and part types, tool messages that do not follow their call, calls without results, arguments
        that are no JSON object, ids over 40 and names over 64 characters, empty arrays, `tool_choice` without tools, `stream_options` without `stream` and more
        are a 400 in OpenAI's shape. So a translator's faults show, whatever the scenario.

        ## Directives

        Anywhere in a user's message, several at will. The newest message that holds any is obeyed, in Claude Code as well as in a plain request.

        | directive | what happens |
        | --- | --- |
        | `[[text WORDS]]` | says the words |
        | `[[think WORDS]]` | reasons |
        | `[[tool NAME {"json":1}]]` | calls a tool; several are parallel calls; `{cwd}` in the arguments is the client's working directory |
        | `[[then]]` | ends a turn: what follows is the answer to the tool results |
        | `[[script NAME]]` | plays a conversation of the list below |

        After the last turn the tool results are quoted, shortened. Without directives `sim/demo` satisfies a `response_format`, obeys a forced `tool_choice`,
        writes a summary when Claude Code compacts, or says what it is and echoes the question; `max_tokens` and `stop` end its words.

        ## Scripts

        The turn is counted from the assistant messages since the directive, so nothing is remembered between requests, except for those that fail first.

        """;

    [Fact]
    public void The_page_lists_every_scenario_and_script_as_the_catalogue_does()
    {
        var expected = Write();
        var path = Path.Combine(RepositoryRoot(), "docs", "simulator.md");
        if (Environment.GetEnvironmentVariable("DRAGOMAN_UPDATE_DOCS") == "1") File.WriteAllText(path, expected);
        Assert.True(File.Exists(path), "docs/simulator.md is missing: run this test with DRAGOMAN_UPDATE_DOCS=1.");
        Assert.True(expected == File.ReadAllText(path).ReplaceLineEndings("\n"), "docs/simulator.md is stale: run this test with DRAGOMAN_UPDATE_DOCS=1.");
    }

    private static string Write()
    {
        var page = new StringBuilder(Introduction).Append('\n');
        page.Append("| script | what happens |\n| --- | --- |\n");
        foreach (var script in Scripts.All) page.Append($"| `{script.Name}` | {Cell(script.Description)} |\n");
        page.Append("\n## Scenarios\n\nThe last column names the rows of the failure catalogue that a scenario provokes.\n");
        foreach (var family in ScenarioCatalogue.Families)
        {
            page.Append($"\n### {family.Title}\n\n{family.Introduction}\n\n| model | what happens | rows |\n| --- | --- | --- |\n");
            foreach (var scenario in family.Scenarios) page.Append($"| `{scenario.Name}` | {Cell(scenario.Description)} | {scenario.Rows} |\n");
        }

        return page.ToString().ReplaceLineEndings("\n");
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Dragoman.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The repository's root was not found above the tests.");
    }
}
