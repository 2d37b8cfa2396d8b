using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;
using Dragoman.Routing;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Upstream;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dragoman.Tests.Upstream;

/// <summary>Which target is next, after which wait, and what the caller is told in the end.</summary>
public sealed class TargetChoiceTests : IDisposable
{
    private static readonly TimeSpan AnyWait = TimeSpan.MaxValue;
    private readonly FakeTimeProvider _time = new();
    private readonly List<Backend> _backends = [];

    [Fact]
    public void Other_targets_come_first_in_the_routes_order_and_without_a_wait()
    {
        var choice = Choice(["a", "b", "c"]);
        Assert.Equal("a", choice.Current.Backend.Name);

        Assert.True(choice.TryNext(Failure(503), AnyWait));
        Assert.Equal(("b", TimeSpan.Zero), Next(choice));
        Assert.True(choice.TryNext(Failure(500), AnyWait));
        Assert.Equal(("c", TimeSpan.Zero), Next(choice));
        Assert.False(choice.TryNext(Failure(503), AnyWait)); // three attempts are the budget
    }

    [Fact]
    public void Waits_for_the_same_target_double_and_are_spread_and_bounded()
    {
        var options = new RetryOptions { Attempts = 10, Backoff = TimeSpan.FromSeconds(1), MaxBackoff = TimeSpan.FromSeconds(3) };
        var longest = new TargetChoice(Targets(["a"]), options, _time, () => 1);
        var shortest = new TargetChoice(Targets(["a"]), options, _time, () => 0);

        Assert.Equal([1, 2, 3, 3], Enumerable.Range(0, 4).Select(_ => Again(longest)));
        Assert.Equal([0.5, 1, 1.5, 1.5], Enumerable.Range(0, 4).Select(_ => Again(shortest)));

        double Again(TargetChoice choice)
        {
            Assert.True(choice.TryNext(Failure(503), AnyWait));
            _time.Advance(choice.Wait);
            return choice.Wait.TotalSeconds;
        }
    }

    // failures.md G5
    [Fact]
    public void What_a_target_asks_for_is_waited_for_up_to_the_bound()
    {
        Assert.Equal(7, WaitAfter(Failure(429, retryAfter: "7")));
        Assert.Equal(1.5, WaitAfter(Failure(429, retryAfterMs: "1500")));
        Assert.Equal(4, WaitAfter(Failure(429, retryAfter: (_time.GetUtcNow() + TimeSpan.FromSeconds(4)).ToString("R"))));
        Assert.Null(WaitAfter(Failure(429, retryAfter: "11")));
        Assert.Null(WaitAfter(Failure(503, retryAfter: "3600")));

        double? WaitAfter(UpstreamException failure)
        {
            var choice = Choice(["a"]);
            return choice.TryNext(failure, AnyWait) ? Math.Round(choice.Wait.TotalSeconds, 3) : null;
        }
    }

    [Fact]
    public void Who_is_busy_longest_is_waited_for_last()
    {
        var choice = Choice(["a", "b"]);

        Assert.True(choice.TryNext(Failure(429, retryAfter: "9"), AnyWait));
        Assert.Equal(("b", TimeSpan.Zero), Next(choice));
        Assert.True(choice.TryNext(Failure(429, retryAfter: "2"), AnyWait));

        Assert.Equal(("b", TimeSpan.FromSeconds(2)), Next(choice));
    }

    [Fact]
    public void When_all_are_busy_for_too_long_the_caller_is_told_the_shortest_time()
    {
        var choice = Choice(["a", "b", "c"]);

        Assert.True(choice.TryNext(Failure(429, retryAfter: "40"), AnyWait));
        Assert.True(choice.TryNext(Failure(429, retryAfter: "20"), AnyWait));
        var last = Failure(503);
        Assert.False(choice.TryNext(last, AnyWait));

        var told = choice.MostUseful(last);
        Assert.Equal((429, "20"), (told.Status, told.RetryAfter));
    }

    // failures.md G10: a time-out or a failed answer of the only target is not asked for again, to queue behind itself.
    [Theory]
    [InlineData(500)]
    [InlineData(504)]
    public void What_failed_at_its_work_is_not_given_the_same_work_again(int status)
    {
        Assert.False(Choice(["a"]).TryNext(Failure(status), AnyWait));
        Assert.True(Choice(["a", "b"]).TryNext(Failure(status), AnyWait));
    }

    [Theory]
    [InlineData(UpstreamErrorKind.Other)]
    [InlineData(UpstreamErrorKind.ContentFiltered)]
    public void What_is_wrong_with_the_request_is_not_tried_elsewhere(UpstreamErrorKind kind)
    {
        var failure = Failure(400, kind);
        var choice = Choice(["a", "b"]);

        Assert.False(choice.TryNext(failure, AnyWait));
        Assert.Same(failure, choice.MostUseful(failure));
    }

    [Fact]
    public void A_prompt_that_was_too_long_goes_only_where_the_window_is_known_to_be_larger()
    {
        var choice = new TargetChoice([Target("a", 8192), Target("b"), Target("c", 8192), Target("d", 200_000)], new(), _time);

        Assert.True(choice.TryNext(Failure(400, UpstreamErrorKind.ContextTooLong), AnyWait));
        Assert.Equal("d", choice.Current.Backend.Name);
        Assert.True(choice.TryNext(Failure(502), AnyWait));
        Assert.Equal("d", choice.Current.Backend.Name);
        Assert.False(choice.TryNext(Failure(502), AnyWait));
        Assert.Equal(UpstreamErrorKind.ContextTooLong, ((UpstreamException)choice.MostUseful(Failure(502))).Kind);
    }

    // failures.md G6
    [Fact]
    public void An_open_circuit_keeps_nobody_from_the_last_target()
    {
        var targets = Targets(["a", "b"]);
        Open(targets[0]);
        var choice = new TargetChoice(targets, new(), _time);
        Assert.Equal("b", choice.Current.Backend.Name);

        Assert.True(choice.TryNext(Failure(500), AnyWait));
        Assert.Equal(("a", TimeSpan.Zero), Next(choice));

        Open(targets[1]);
        Assert.Equal("a", new TargetChoice(targets, new(), _time).Current.Backend.Name);
    }

    [Fact]
    public void A_probe_goes_to_a_target_whose_time_is_over_and_only_one()
    {
        var targets = Targets(["a", "b"]);
        Open(targets[0]);
        _time.Advance(new CircuitOptions().Open);

        Assert.Equal("a", new TargetChoice(targets, new(), _time).Current.Backend.Name);
        Assert.Equal("b", new TargetChoice(targets, new(), _time).Current.Backend.Name);
    }

    [Fact]
    public void After_the_deadline_no_attempt_begins()
    {
        var choice = Choice(["a", "b"]);
        _time.Advance(new RetryOptions().Deadline);
        Assert.False(choice.TryNext(Failure(503), AnyWait));

        // Nor is a wait begun that would not end before it.
        choice = Choice(["a"]);
        _time.Advance(new RetryOptions().Deadline - TimeSpan.FromSeconds(2));
        Assert.False(choice.TryNext(Failure(429, retryAfter: "3"), AnyWait));
    }

    [Fact]
    public void A_wait_longer_than_the_caller_should_be_kept_is_the_callers()
    {
        Assert.False(Choice(["a"]).TryNext(Failure(429, retryAfter: "3"), TimeSpan.FromSeconds(2)));
        Assert.True(Choice(["a"]).TryNext(Failure(429, retryAfter: "1"), TimeSpan.FromSeconds(2)));
        // Another target is tried at any time.
        Assert.True(Choice(["a", "b"]).TryNext(Failure(429), TimeSpan.Zero));
    }

    [Fact]
    public void Who_cannot_be_told_the_request_is_passed_over_and_costs_no_attempt()
    {
        var choice = Choice(["a", "b"]);

        Assert.True(choice.PassOver());
        Assert.Equal("b", choice.Current.Backend.Name);
        Assert.Equal(1, choice.Attempts);
        Assert.False(choice.PassOver());
    }

    public void Dispose() => _backends.ForEach(backend => backend.Dispose());

    private static (string Backend, TimeSpan Wait) Next(TargetChoice choice) => (choice.Current.Backend.Name, choice.Wait);

    private static UpstreamException Failure(int status, UpstreamErrorKind kind = UpstreamErrorKind.Other, string? retryAfter = null, string? retryAfterMs = null) =>
        new("a", new(new(AnthropicErrorType.Api, "failed"), status, Kind: kind)) { RetryAfter = retryAfter, RetryAfterMs = retryAfterMs };

    private static void Open(ModelTarget target)
    {
        for (var i = 0; i < 10; i++) target.Circuit.Failed();
        Assert.True(target.Circuit.IsOpen);
    }

    private TargetChoice Choice(string[] backends) => new(Targets(backends), new(), _time, () => 1);

    private ModelTarget[] Targets(string[] backends) => [.. backends.Select(name => Target(name))];

    private ModelTarget Target(string name, int? window = null)
    {
        var options = new BackendOptions { Name = name, Url = new("http://127.0.0.1:1/v1/") };
        var dialects = new BackendDialects(options, new());
        var backend = new Backend(options, new(), dialects, new(new SocketsHttpHandler()), _time, NullLogger.Instance);
        _backends.Add(backend);
        return new(backend, "model", new("model", ContextWindow: window));
    }
}
