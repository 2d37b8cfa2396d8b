using System.Net;
using System.Text;
using System.Text.Json;
using Dragoman.Simulator.Scenarios;

namespace Dragoman.Simulator.Tests;

/// <summary>Promises that hold for every scenario.</summary>
public sealed class CatalogueTests(Backend backend) : IClassFixture<Backend>
{
    public static TheoryData<string> Names => new(ScenarioCatalogue.All.Select(s => s.Name));

    /// <summary>Scenarios that keep a caller waiting for ever, or for longer than a test should take.</summary>
    private static bool Waits(string name) =>
        name.StartsWith("sim/endless", StringComparison.Ordinal) || name.StartsWith("sim/hang", StringComparison.Ordinal) || name.StartsWith("sim/silence", StringComparison.Ordinal)
        || name.StartsWith("sim/pings", StringComparison.Ordinal) || name.StartsWith("sim/stall", StringComparison.Ordinal) || name == "sim/bench-paced-200" || name == "sim/pace-50";

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_scenario_answers_streamed_and_whole_or_breaks_as_its_family_says(string name)
    {
        if (Waits(name)) return;
        foreach (var stream in (bool[])[true, false])
        {
            var breaks = name.StartsWith("sim/break-", StringComparison.Ordinal) || name is "sim/error-reset-then-ok";
            try
            {
                using var response = await backend.PostAsync(Backend.Ask(name, stream: stream), TestContext.Current.CancellationToken);
                var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
                Assert.True(breaks || name.StartsWith("sim/error", StringComparison.Ordinal) || response.StatusCode == HttpStatusCode.OK || Refuses(name), $"{name} answered {(int)response.StatusCode}: {Encoding.UTF8.GetString(body)}");
                if (response.StatusCode == HttpStatusCode.OK && !breaks && !name.StartsWith("sim/error", StringComparison.Ordinal)) AssertReadable(name, stream, body);
            }
            catch (HttpRequestException) when (breaks)
            {
            }
        }
    }

    [Fact]
    public void Names_are_unique_lower_case_and_begin_with_sim()
    {
        Assert.All(ScenarioCatalogue.All, s => Assert.Matches("^sim/[a-z0-9-]+$", s.Name));
        Assert.Equal(ScenarioCatalogue.All.Count, ScenarioCatalogue.All.Select(s => s.Name).Distinct().Count());
    }

    [Fact]
    public void A_name_is_found_with_and_without_its_prefix_and_with_another_number()
    {
        Assert.Equal("sim/silence-5", ScenarioCatalogue.Find("silence-60")?.Scenario.Name);
        Assert.Equal(60, ScenarioCatalogue.Find("sim/silence-60")?.Number);
        Assert.Equal(5, ScenarioCatalogue.Find("sim/silence-5")?.Number);
        Assert.Null(ScenarioCatalogue.Find("gpt-5"));
        Assert.Null(ScenarioCatalogue.Find("sim/silence-"));
    }

    [Theory]
    [InlineData("A1"), InlineData("A2"), InlineData("A3"), InlineData("A4"), InlineData("A5"), InlineData("A6"), InlineData("A7"), InlineData("A8"), InlineData("A9"), InlineData("A10"), InlineData("A11"), InlineData("A12"), InlineData("A13"), InlineData("A14"), InlineData("A15"), InlineData("A16")]
    [InlineData("B1"), InlineData("B2"), InlineData("B3"), InlineData("B5"), InlineData("B6"), InlineData("B7"), InlineData("B8"), InlineData("B9"), InlineData("B15"), InlineData("B20")]
    [InlineData("C1"), InlineData("C2"), InlineData("C3"), InlineData("C4"), InlineData("E2"), InlineData("E3"), InlineData("E4"), InlineData("E7")]
    [InlineData("G1"), InlineData("G2"), InlineData("G3"), InlineData("G4"), InlineData("G5"), InlineData("G7"), InlineData("G8"), InlineData("G9"), InlineData("G10"), InlineData("G11"), InlineData("G18"), InlineData("H1"), InlineData("H2"), InlineData("H3")]
    public void A_failure_that_backends_provoke_has_a_scenario(string row) =>
        Assert.Contains(ScenarioCatalogue.All, s => s.Rows.Split(", ").Contains(row));

    [Fact]
    public async Task The_model_list_holds_every_scenario_with_its_window()
    {
        using var document = JsonDocument.Parse(await backend.Client.GetStringAsync("v1/models", TestContext.Current.CancellationToken));
        var data = document.RootElement.GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(ScenarioCatalogue.All.Select(s => s.Name), data.Select(m => m.GetProperty("id").GetString()));
        Assert.Equal(8192, data.Single(m => m.GetProperty("id").GetString() == "sim/window-8k").GetProperty("max_model_len").GetInt32());
        Assert.Equal("sim/demo", data.Single(m => m.GetProperty("id").GetString() == "sim/lora-french").GetProperty("parent").GetString());
    }

    [Theory]
    [InlineData("vllm", "uvicorn", "\"owned_by\":\"vllm\"", "version")]
    [InlineData("llamacpp", "llama.cpp", "\"owned_by\":\"llamacpp\"", "props")]
    [InlineData("ollama", null, "\"owned_by\":\"library\"", "api/version")]
    [InlineData("openrouter", "cloudflare", "\"top_provider\"", null)]
    public async Task A_played_server_shows_its_own_header_models_and_pages(string server, string? header, string member, string? page)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var played = await SimulatorApp.StartAsync(new SimulatorOptions { Server = server }, ct);
        using var models = await backend.Client.GetAsync(new Uri(played.BaseAddress, "v1/models"), ct);
        Assert.Equal(header, models.Headers.TryGetValues("Server", out var values) ? values.Single() : null);
        var list = await models.Content.ReadAsStringAsync(ct);
        Assert.StartsWith($"{{\"object\":\"list\",\"data\":[{{\"id\":\"sim/{server}\"", list, StringComparison.Ordinal);
        Assert.Contains(member, list, StringComparison.Ordinal);
        if (page is null) return;
        Assert.StartsWith("{", await backend.Client.GetStringAsync(new Uri(played.BaseAddress, page), ct), StringComparison.Ordinal);
        using var elsewhere = await backend.Client.GetAsync(page, ct);
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
    }

    [Fact]
    public void Every_server_that_can_be_played_has_a_scenario() =>
        Assert.All(Endpoints.ServerPersona.All, persona => Assert.NotNull(ScenarioCatalogue.Find("sim/" + persona.Name)));

    private static bool Refuses(string name) => name is "sim/no-tools" or "sim/text-only" or "sim/window-always" or "sim/no-stream-options" or "sim/usage-needs-no-stream-options";

    private static void AssertReadable(string name, bool stream, byte[] body)
    {
        if (!stream)
        {
            using var document = JsonDocument.Parse(body);
            Assert.Equal("chat.completion", document.RootElement.GetProperty("object").GetString());
            return;
        }

        if (name == "sim/framing-lone-surrogates") return; // No .NET reader takes half of a pair.
        var answer = ReadAnswer.OfStream(Encoding.UTF8.GetString(body));
        Assert.True(answer.FinishReason is not null || name is "sim/finish-never", $"{name} does not finish");
    }
}
