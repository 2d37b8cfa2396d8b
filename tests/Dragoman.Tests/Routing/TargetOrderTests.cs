using CsCheck;
using Dragoman.Configuration;
using Dragoman.Routing;

namespace Dragoman.Tests.Routing;

/// <summary>The order in which targets are tried.</summary>
public sealed class TargetOrderTests
{
    private const int Sessions = 20_000;
    private static readonly ModelPattern Everything = ModelPattern.TryParse("*", out var pattern, out _) ? pattern : throw new InvalidOperationException();

    [Fact]
    public void Each_target_gets_its_share_of_the_sessions()
    {
        Gen.Int[0, 5].Array[2, 5].Where(weights => weights.Sum() > 0).Sample(
            weights =>
            {
                var targets = weights.Select((weight, i) => Target(i, weight)).ToList();
                var first = Enumerable.Range(0, Sessions).CountBy(session => Order(targets, session)[0]).ToDictionary();

                for (var i = 0; i < weights.Length; i++)
                {
                    var expected = (double)weights[i] / weights.Sum();
                    Assert.Equal(expected, first.GetValueOrDefault($"m{i}") / (double)Sessions, 0.02);
                }
            },
            iter: 20);
    }

    [Fact]
    public void When_a_target_goes_or_comes_only_its_own_sessions_move()
    {
        Gen.Select(Gen.Int[1, 5].Array[2, 6], Gen.Int[0, 5], Gen.Int[0, 1000]).Sample(
            (weights, gone, start) =>
            {
                var targets = weights.Select((weight, i) => Target(i, weight)).ToList();
                gone %= targets.Count;
                var left = targets.Where((_, i) => i != gone).ToList();
                for (var session = start; session < start + 200; session++)
                {
                    // Whoever is not the one that went stays where it is, and the others keep their order among themselves.
                    Assert.Equal(Order(targets, session).Where(name => name != $"m{gone}"), Order(left, session));
                }
            },
            iter: 50);
    }

    [Fact]
    public void The_order_does_not_depend_on_how_the_targets_are_written_down()
    {
        var targets = Enumerable.Range(0, 5).Select(i => Target(i, 1 + i % 2)).ToList();

        for (var session = 0; session < 200; session++) Assert.Equal(Order(targets, session), Order([.. targets.AsEnumerable().Reverse()], session));
    }

    // Replicas and later processes must agree: these were written down by another one.
    [Theory]
    [InlineData("00000000-0000-4000-8000-000000000001", "m1 m2 m0")]
    [InlineData("00000000-0000-4000-8000-000000000002", "m2 m1 m0")]
    [InlineData("00000000-0000-4000-8000-000000000003", "m1 m2 m0")]
    public void A_session_has_the_same_order_in_every_process(string session, string expected)
    {
        var headers = new Microsoft.AspNetCore.Http.HeaderDictionary { ["x-claude-code-session-id"] = session };
        var key = SessionKey.HashOf(headers, default)!.Value;

        Assert.Equal(expected, string.Join(' ', TargetOrder.Arrange([Target(0, 1), Target(1, 2), Target(2, 3)], key).Select(target => target.Model)));
    }

    [Fact]
    public void A_lower_priority_comes_only_after_all_of_a_higher_one_and_weight_0_after_everything()
    {
        List<TargetCandidate> targets = [Target(0, 1, priority: 1), Target(1, 0), Target(2, 1), Target(3, 5, priority: 2), Target(4, 9), Target(5, 0, priority: 1)];

        for (var session = 0; session < 200; session++)
        {
            var order = Order(targets, session);
            Assert.Equal(["m2", "m4"], order.Take(2).Order());
            Assert.Equal(["m0", "m3", "m1", "m5"], order.Skip(2));
        }
    }

    // failures.md G6
    [Fact]
    public void A_target_that_should_be_left_alone_comes_after_everything_and_its_sessions_alone_move()
    {
        List<TargetCandidate> well = [Target(0, 1), Target(1, 2), Target(2, 0), Target(3, 1, priority: 1)];
        List<TargetCandidate> ill = [well[0], well[1] with { Share = 0 }, well[2], well[3]];

        for (var session = 0; session < 200; session++)
        {
            Assert.Equal(["m0", "m3", "m2", "m1"], Order(ill, session));
            if (Order(well, session)[0] == "m0") Assert.Equal("m0", Order(ill, session)[0]);
        }
    }

    [Fact]
    public void A_target_that_recovers_gets_its_sessions_back_little_by_little()
    {
        var had = new HashSet<int>();
        foreach (var share in new[] { 0, 0.1, 0.5, 1 })
        {
            List<TargetCandidate> targets = [Target(0, 1), Target(1, 1) with { Share = share }];
            var has = Enumerable.Range(0, Sessions).Where(session => Order(targets, session)[0] == "m1").ToHashSet();

            Assert.Equal(share / (1 + share), has.Count / (double)Sessions, 0.02);
            Assert.Superset(had, has);
            had = has;
        }
    }

    private static TargetCandidate Target(int name, int weight, int priority = 0) =>
        new(new(null!, $"m{name}", null), new(new ModelTargetOptions("backend", $"m{name}") { Weight = weight, Priority = priority }, Everything));

    private static List<string> Order(List<TargetCandidate> targets, int session) =>
        [.. TargetOrder.Arrange(targets, (ulong)session * 0x9E3779B97F4A7C15).Select(target => target.Model)];
}
