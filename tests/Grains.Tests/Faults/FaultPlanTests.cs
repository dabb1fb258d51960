using CoMiGS.Grains.Experiments;
using CoMiGS.Grains.Faults;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Grains.Tests.Faults;

public sealed class FaultPlanTests
{
    [Fact]
    public void Plan_AskedTwiceInAnyOrder_AnswersTheSame()
    {
        using var run = new TestRun();
        run.Spec = run.Spec with { Faults = [new() { Kind = FaultKind.DropBefore, Probability = 0.5 }] };
        var (one, other) = (new FaultPlan(run.Spec), new FaultPlan(run.Spec));

        var forward = Questions().Select(ask => one.Has(FaultKind.DropBefore, ask.Round, ask.User)).ToArray();
        var backward = Questions().Reverse().Select(ask => other.Has(FaultKind.DropBefore, ask.Round, ask.User));

        Assert.Equal(forward, backward.Reverse());
        Assert.InRange(forward.Count(struck => struck), 430, 570);   // of 1,000 with probability ½
    }

    [Fact]
    public void Plan_WithARuleOfAnotherKindBefore_StrikesTheSame()
    {
        using var run = new TestRun();
        var rule = new FaultRule { Kind = FaultKind.FlipSign, Probability = 0.3 };
        var alone = new FaultPlan(run.Spec with { Faults = [rule] });
        var after = new FaultPlan(run.Spec with { Faults = [new() { Kind = FaultKind.Crash }, rule] });

        Assert.All(Questions(), ask => Assert.Equal(
            alone.Has(FaultKind.FlipSign, ask.Round, ask.User), after.Has(FaultKind.FlipSign, ask.Round, ask.User)));
    }

    [Fact]
    public void Plan_OfUsersAndRounds_StrikesThoseOnly()
    {
        using var run = new TestRun();
        var plan = new FaultPlan(run.Spec with
        {
            Faults = [new() { Kind = FaultKind.DropAfter, Users = ["u1"], Rounds = [2] }],
        });

        Assert.Equal(
            [(1, "u1")], Questions().Where(ask => plan.Has(FaultKind.DropAfter, ask.Round, ask.User)));
    }

    [Theory]
    [InlineData(1, new[] { 2, 3, 4 })]
    [InlineData(0, new[] { 2, 3, 4, 5, 6 })]
    public void DeadSilos_KilledInRoundsTwoToFour_AreBackSoMuchLater(int back, int[] dead)
    {
        using var run = new TestRun();
        var plan = new FaultPlan(run.Spec with
        {
            Faults = [new() { Kind = FaultKind.KillSilo, Silo = 2, Rounds = [2, 3, 4], Back = back }],
        });

        Assert.Equal(dead, Enumerable.Range(0, 6).Where(round => plan.DeadSilos(round).Contains(2))
            .Select(round => round + 1));
    }

    [Fact]
    public void Delay_WithSpread_HasTheMedianOfItsRule()
    {
        using var run = new TestRun();
        var plan = new FaultPlan(run.Spec with
        {
            Faults = [new() { Kind = FaultKind.Delay, Seconds = 30, Spread = 1 }],
        });

        var delays = Questions().Select(ask => plan.DelaySeconds(ask.Round, ask.User)).Order().ToArray();

        Assert.InRange(delays[delays.Length / 2], 26, 34);
        Assert.True(delays[^1] > 150);
    }

    public static TheoryData<FaultRule, string> BadRules => new()
    {
        { new() { Probability = 0.5 }, "faults[1].kind is missing." },
        { new() { Kind = FaultKind.Scale }, "faults[1].factor is missing; scale needs it." },
        { new() { Kind = FaultKind.Crash, Factor = 2 }, "faults[1].factor is 2, but crash has none." },
        { new() { Kind = FaultKind.Delay }, "faults[1].seconds is missing; delay needs it." },
        { new() { Kind = FaultKind.KillSilo }, "faults[1].silo is missing; killSilo needs it." },
        {
            new() { Kind = FaultKind.Crash, Users = ["nobody"] },
            "faults[1].users names 'nobody', but the run has no such user."
        },
        {
            new() { Kind = FaultKind.LoseAggregator, Users = ["u1"] },
            "faults[1].users names 'u1', but loseAggregator does not concern users."
        },
        { new() { Kind = FaultKind.Crash, Rounds = [4] }, "faults[1].rounds has 4, but must be between 1 and 3." },
        {
            new() { Kind = FaultKind.Crash, Probability = 1.5 },
            "faults[1].probability is 1.5, but must be between 0 and 1."
        },
        {
            new() { Kind = FaultKind.Slow, Factor = 3 },
            "faults[1].kind is slow, but users have no devices that could be."
        },
    };

    [Theory]
    [MemberData(nameof(BadRules))]
    public void Rule_ThatMakesNoSense_IsRefusedInOneSentence(FaultRule rule, string problem)
    {
        using var run = new TestRun();
        Assert.Equal([problem], SpecCheck.Problems(run.Spec with { Faults = [rule] }));
    }

    [Fact]
    public void Slow_OfAMethodThatPoolsTheText_NeedsNoDevice()
    {
        using var run = new TestRun();
        FaultRule rule = new() { Kind = FaultKind.Slow, Factor = 3 };
        Assert.Empty(SpecCheck.Problems(run.Spec with { Method = "centralized", Faults = [rule] }));
    }

    private static IEnumerable<(int Round, string User)> Questions() =>
        from round in Enumerable.Range(0, 100)
        from user in Enumerable.Range(0, 10)
        select (round, $"u{user}");
}
