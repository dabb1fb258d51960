using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;

namespace CoMiGS.Grains.Tests.Faults;

/// <summary>Each kind of fault among four users in three rounds: what it does, and how the round notices.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData(FaultKind.DropBefore, "dropped before training", 2)]
    [InlineData(FaultKind.DropDuring, "dropped during training", 3)]
    [InlineData(FaultKind.DropAfter, "dropped after training", 3)]
    [InlineData(FaultKind.LoseUpload, "its parameters did not arrive", 3)]
    [InlineData(FaultKind.FailWrite, "its state could not be written", 3)]
    public async Task User_ThatFallsSilentInRoundTwo_IsMissingThereAndBackInRoundThree(
        FaultKind kind, string detected, int trained)
    {
        using var run = Run(new FaultRule { Kind = kind, Users = ["u2"], Rounds = [2] });
        var (reports, trainer) = await ReportsAsync(run);

        Assert.Equal(["", "u2", ""], reports.Select(report => string.Join(' ', report.Missing)));
        var fault = Assert.Single(reports[1].Faults);
        Assert.Equal(("u2", kind, detected), (fault.User, fault.Kind, fault.Detected));
        Assert.NotNull(fault.Seconds);
        Assert.Equal((trained, 3), (trainer.CountOf(2), trainer.CountOf(1)));
    }

    [Fact]
    public async Task State_ThatIsTorn_IsNoticedBeforeItCounts()
    {
        using var run = Run(new FaultRule { Kind = FaultKind.TearWrite, Users = ["u2"], Rounds = [2] });
        var (reports, trainer) = await ReportsAsync(run);

        Assert.Equal(["", "u2", ""], reports.Select(report => string.Join(' ', report.Missing)));
        Assert.Contains("is damaged", Assert.Single(reports[1].Faults).Detected!, StringComparison.Ordinal);
        Assert.Equal(3, trainer.CountOf(2));
    }

    [Fact]
    public async Task State_ThatIsTornOnAnotherSilo_IsToldInTheSameWords()
    {
        using var run = Run(new FaultRule { Kind = FaultKind.TearWrite, Rounds = [2] });
        run.Spec = run.Spec with { Round = new() { OnFailure = FailedRound.Skip } };

        var (reports, _) = await ReportsAsync(run, silos: 3);

        Assert.Equal(4, reports[1].Faults.Length);
        Assert.All(
            reports[1].Faults, fault => Assert.Contains("is damaged", fault.Detected!, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(FaultKind.NotANumber, "is NaN")]
    [InlineData(FaultKind.WrongShape, "has 508 bytes")]
    public async Task Upload_ThatCannotBeRight_IsRefusedAndTheRestIsAveraged(FaultKind kind, string detected)
    {
        using var run = Run(new FaultRule { Kind = kind, Users = ["u2"], Rounds = [2] });
        var (reports, _) = await ReportsAsync(run);

        Assert.Equal(["u2"], reports[1].Missing);
        Assert.Contains(detected, Assert.Single(reports[1].Faults).Detected!, StringComparison.Ordinal);
        Assert.Equal(["u0", "u1", "u3"], reports[1].Receipts.Select(receipt => receipt.User));
    }

    [Theory]
    [InlineData(FaultKind.Scale, 3.0)]
    [InlineData(FaultKind.FlipSign, null)]
    public async Task Upload_ThatIsPoisoned_ChangesTheMeanAndIsNotNoticed(FaultKind kind, double? factor)
    {
        using var honest = Run();
        using var run = Run(new FaultRule { Kind = kind, Users = ["u2"], Rounds = [2], Factor = factor });
        var ((expected, _), (reports, _)) = (await ReportsAsync(honest), await ReportsAsync(run));

        Assert.Equal(expected[0].Generalist, reports[0].Generalist);
        Assert.NotEqual(expected[1].Generalist, reports[1].Generalist);
        Assert.Equal(new FaultRecord("u2", kind, null, null), Assert.Single(reports[1].Faults));
    }

    [Theory]
    [InlineData(FaultKind.Crash, 1)]
    [InlineData(FaultKind.Crash, 0.25)]
    [InlineData(FaultKind.LoseAggregator, 1)]
    [InlineData(FaultKind.LoseAggregator, 0.25)]
    [InlineData(FaultKind.DuplicateUpload, 1)]
    public async Task Fault_ThatTheSystemRecoversFrom_ChangesNoByte(FaultKind kind, double quorum)
    {
        using var honest = Run();
        using var run = Run(new FaultRule { Kind = kind, Rounds = [2] });
        run.Spec = run.Spec with { Round = new() { Quorum = quorum } };
        var ((expected, _), (reports, _)) = (await ReportsAsync(honest), await ReportsAsync(run));

        Assert.Equal(expected.Select(report => report.Generalist), reports.Select(report => report.Generalist));
        Assert.All(reports, report => Assert.Empty(report.Missing));
        Assert.All(reports[1].Faults, fault => Assert.Equal(kind, fault.Kind));
        Assert.Equal(kind == FaultKind.LoseAggregator ? 1 : 4, reports[1].Faults.Length);
        Assert.All(reports[1].Faults, fault => Assert.NotNull(fault.Detected));
    }

    [Theory]
    [InlineData(FaultKind.DropBefore, FaultKind.DuplicateUpload)]
    [InlineData(FaultKind.DropBefore, FaultKind.Crash)]
    [InlineData(FaultKind.DropDuring, FaultKind.NotANumber)]
    public async Task Fault_ThatAnotherForestalls_HasNotHappened(FaultKind first, FaultKind other)
    {
        using var run = Run(
            new FaultRule { Kind = first, Users = ["u2"], Rounds = [2] },
            new FaultRule { Kind = other, Users = ["u2"], Rounds = [2] });

        var (reports, _) = await ReportsAsync(run);

        Assert.Equal(first, Assert.Single(reports[1].Faults).Kind);
    }

    [Theory]
    [InlineData(FaultKind.DropAfter, true)]
    [InlineData(FaultKind.LoseUpload, false)]
    [InlineData(FaultKind.NotANumber, false)]
    [InlineData(FaultKind.LoseAggregator, false)]
    public async Task Fault_WhereNothingIsShared_IsMetOnlyByWhoCanMeetIt(FaultKind kind, bool isMet)
    {
        using var run = Run(new FaultRule { Kind = kind, Rounds = [2], Probability = 0.9 });
        run.Spec = run.Spec with { Method = "local", Round = new() { OnFailure = FailedRound.Skip } };

        var (reports, _) = await ReportsAsync(run);

        Assert.Equal(isMet, reports[1].Missing.Length > 0);
        Assert.Equal(isMet, reports[1].Faults.Length > 0);
    }

    [Fact]
    public async Task Round_BelowItsQuorum_IsTriedAgainWithTheRest()
    {
        using var run = Run(new FaultRule { Kind = FaultKind.DropDuring, Users = ["u1", "u2"], Rounds = [2] });
        run.Spec = run.Spec with { Round = new() { OnFailure = FailedRound.Retry } };
        var (reports, trainer) = await ReportsAsync(run);

        Assert.Equal(["u0", "u3"], reports[1].Receipts.Select(receipt => receipt.User));
        Assert.Equal(["u1", "u2"], reports[1].Missing);
        Assert.StartsWith("Round 2: 2 of 4 users took part", reports[1].Failure, StringComparison.Ordinal);
        Assert.Equal(3, trainer.CountOf(0));   // answered the second time from its receipt
        Assert.Null(reports[2].Failure);
    }

    [Fact]
    public async Task Round_BelowItsQuorum_IsSkippedIfTheRunSaysSo()
    {
        using var run = Run(new FaultRule { Kind = FaultKind.DropBefore, Users = ["u1"], Rounds = [2] });
        run.Spec = run.Spec with { Round = new() { OnFailure = FailedRound.Skip } };
        var (reports, _) = await ReportsAsync(run);

        Assert.Equal([4, 0, 4], reports.Select(report => report.Receipts.Length));
        Assert.Equal(reports[0].Generalist, reports[1].Generalist);
        Assert.NotNull(reports[1].Failure);
    }

    [Fact]
    public async Task Round_WithNobodyLeft_FailsWhateverTheRunSays()
    {
        using var run = Run(new FaultRule { Kind = FaultKind.DropBefore, Rounds = [2] });
        run.Spec = run.Spec with { Round = new() { OnFailure = FailedRound.Retry } };

        var failed = await Assert.ThrowsAsync<ExperimentFailedException>(() => ReportsAsync(run));

        Assert.StartsWith("Round 2: 0 of 4 users took part", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delay_PastTheDeadline_MakesAUserLateOnTheVirtualClock()
    {
        using var run = Run(new FaultRule { Kind = FaultKind.Delay, Users = ["u3"], Rounds = [2], Seconds = 90 });
        run.Spec = run.Spec with { Round = new() { Quorum = 0.5, SimulatedDeadlineSeconds = 60 } };
        var (reports, trainer) = await ReportsAsync(run);

        Assert.Equal([0.0, 60, 0], reports.Select(report => report.Simulated!.Seconds));
        Assert.Equal(["u3"], reports[1].Missing);
        Assert.StartsWith("late", Assert.Single(reports[1].Faults).Detected, StringComparison.Ordinal);
        Assert.Equal(2, trainer.CountOf(3));
    }

    [Fact]
    public async Task OverSelection_WithOneDropped_ClosesTheRoundWithTheOthers()
    {
        using var run = Run(new FaultRule { Kind = FaultKind.DropBefore, Users = ["u2"], Rounds = [1, 2, 3] });
        run.Spec = run.Spec with { Round = new() { Cohort = 2, OverSelection = 2 } };
        var (reports, _) = await ReportsAsync(run);

        Assert.All(reports, report =>
        {
            Assert.Equal(2, report.Receipts.Length);
            Assert.Equal(["u2"], report.Missing);
            Assert.Single(report.Simulated!.Surplus);
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Run_WithTheSamePlan_LeavesTheSameTraceAndBytes(int silos)
    {
        FaultRule[] rules =
        [
            new() { Kind = FaultKind.DropAfter, Probability = 0.3 },
            new() { Kind = FaultKind.Scale, Probability = 0.3, Factor = 0.5 },
            new() { Kind = FaultKind.Crash, Probability = 0.3 },
        ];
        using var one = Run(rules);
        using var other = Run(rules);

        var ((expected, _), (reports, _)) = (await ReportsAsync(one), await ReportsAsync(other, silos));

        Assert.Equal(Trace(expected), Trace(reports));
        Assert.NotEmpty(Trace(expected));
        Assert.Equal(expected.Select(report => report.Generalist), reports.Select(report => report.Generalist));
    }

    private static IEnumerable<FaultRecord> Trace(IEnumerable<RoundReport> reports) =>
        reports.SelectMany(report => report.Faults).Select(fault => fault with { Seconds = null });

    private static TestRun Run(params FaultRule[] rules)
    {
        var run = new TestRun();
        run.Spec = run.Spec with { Faults = [.. rules], Round = new() { Quorum = 0.5 } };
        return run;
    }

    private static async Task<(IReadOnlyList<RoundReport> Reports, FakeTrainer Trainer)> ReportsAsync(
        TestRun run, int silos = 1)
    {
        var trainer = new FakeTrainer();
        var time = new ManualTime { Skips = TimeSpan.FromSeconds(4) };   // pauses before users are asked again
        await using var cluster = await TestCluster.StartAsync(run, trainer, silos, time);
        await cluster.RunAsync();
        return (await cluster.Experiment.WatchAsync(0, CancellationToken.None).ToListAsync(), trainer);
    }
}
