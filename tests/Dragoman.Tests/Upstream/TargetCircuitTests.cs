using Dragoman.Configuration;
using Dragoman.Upstream;
using Microsoft.Extensions.Time.Testing;

namespace Dragoman.Tests.Upstream;

/// <summary>When a target is left alone, and how it comes back.</summary>
public sealed class TargetCircuitTests
{
    private static readonly CircuitOptions Options = new();
    private readonly FakeTimeProvider _time = new();
    private readonly List<bool> _changes = [];
    private readonly TargetCircuit _circuit;
    private bool _isDown;

    public TargetCircuitTests() => _circuit = new(Options, _time, () => _isDown, _changes.Add);

    [Fact]
    public void It_opens_when_half_of_enough_attempts_fail()
    {
        Report(successes: 2, failures: 2);
        Assert.False(_circuit.IsOpen);
        Assert.Equal(1, _circuit.Share);

        Report(failures: 1);

        Assert.True(_circuit.IsOpen);
        Assert.Equal(0, _circuit.Share);
        Assert.False(_circuit.TryEnter());
        Assert.Equal([true], _changes);
    }

    [Fact]
    public void Failures_long_ago_do_not_count()
    {
        Report(failures: 4);
        _time.Advance(Options.Window * 2);
        Report(failures: 1);

        Assert.False(_circuit.IsOpen);
    }

    [Fact]
    public void One_request_probes_when_its_time_is_over()
    {
        Report(failures: 5);
        _time.Advance(Options.Open);

        Assert.Equal(1, _circuit.Share);
        Assert.True(_circuit.TryEnter());
        Assert.False(_circuit.TryEnter());
        Assert.Equal(0, _circuit.Share);

        // The first probe's answer takes its time, or its caller has left.
        _time.Advance(Options.Open);
        Assert.True(_circuit.TryEnter());
        Assert.False(_circuit.TryEnter());
    }

    [Fact]
    public void A_probe_that_fails_opens_it_for_as_long_again()
    {
        Report(failures: 5);
        _time.Advance(Options.Open);
        Assert.True(_circuit.TryEnter());
        _circuit.Failed();

        Assert.False(_circuit.TryEnter());
        _time.Advance(Options.Open - TimeSpan.FromSeconds(1));
        Assert.False(_circuit.TryEnter());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_circuit.TryEnter());
    }

    [Fact]
    public void A_probe_that_succeeds_closes_it_and_its_share_grows_back()
    {
        Report(failures: 5);
        _time.Advance(Options.Open);
        Assert.True(_circuit.TryEnter());
        _circuit.Succeeded();

        Assert.False(_circuit.IsOpen);
        Assert.True(_circuit.TryEnter());
        Assert.InRange(_circuit.Share, 0.05, 0.15);
        _time.Advance(Options.SlowStart / 2);
        Assert.InRange(_circuit.Share, 0.5, 0.6);
        _time.Advance(Options.SlowStart / 2);
        Assert.Equal(1, _circuit.Share);
        Assert.Equal([true, false], _changes);
    }

    [Fact]
    public void Who_asked_for_a_rest_gets_it_and_is_not_held_for_broken()
    {
        _circuit.Busy(TimeSpan.FromSeconds(7));

        Assert.False(_circuit.IsOpen);
        Assert.False(_circuit.TryEnter());
        Assert.Equal(0, _circuit.Share);
        Assert.Equal(TimeSpan.FromSeconds(7), _circuit.BusyFor);

        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.True(_circuit.TryEnter());
        Assert.Equal(1, _circuit.Share);
        Assert.Empty(_changes);
    }

    [Fact]
    public void A_backend_that_is_down_is_open_until_it_is_up()
    {
        _isDown = true;
        _time.Advance(Options.Open * 10);
        Assert.True(_circuit.IsOpen);
        Assert.False(_circuit.TryEnter());

        _isDown = false;
        _circuit.BackendIsUp();
        Assert.False(_circuit.IsOpen);
        Assert.True(_circuit.TryEnter());
        Assert.InRange(_circuit.Share, 0.05, 0.15);
    }

    private void Report(int successes = 0, int failures = 0)
    {
        for (var i = 0; i < successes; i++) _circuit.Succeeded();
        for (var i = 0; i < failures; i++) _circuit.Failed();
    }
}
