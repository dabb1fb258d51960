using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;

namespace CoMiGS.Grains.Tests.Rounds;

/// <summary>Runs whose simulated time a person can add up, on a clock that stands still.</summary>
public sealed class VirtualClockTests
{
    /// <summary>Beside computing.</summary>
    private const double Transfers = 1 + 2 + (2 * 0.25);

    [Fact]
    public async Task Run_OnDevices_TakesTheSumOfItsSlowestUsers()
    {
        using var run = RunOf(index => 1 << index);   // 1, 2, 4 and 8 seconds
        run.Spec = run.Spec with { Round = new() { Cohort = 2 } };

        var (result, reports) = await RunAsync(run, new FakeTrainer());

        var slowest = reports.Select(report => Transfers + report.Receipts.Max(receipt => 1 << receipt.User[1] - '0'));
        Assert.Equal(slowest, reports.Select(report => report.Simulated!.Seconds));
        Assert.Equal(slowest.Sum(), result.SimulatedSeconds);
        var start = 0.0;
        foreach (var report in reports)
        {
            Assert.Equal(start, report.Simulated!.StartSeconds);
            Assert.Equal(
                report.Receipts.Select(receipt => receipt.User), report.Simulated.Users.Select(user => user.User));
            Assert.Equal(0, report.TrainingSeconds);   // nobody slept
            start += report.Simulated.Seconds;
        }
    }

    [Fact]
    public async Task Run_WithoutDevices_HasNoSimulatedTime()
    {
        using var run = new TestRun();

        var (result, reports) = await RunAsync(run, new FakeTrainer());

        Assert.Null(result.SimulatedSeconds);
        Assert.All(reports, report => Assert.Null(report.Simulated));
    }

    [Fact]
    public async Task Run_DeviceTooSlow_IsLateWithoutTrainingAndTheRoundLastsUntilTheDeadline()
    {
        using var run = RunOf(index => index == 2 ? 97 : 1);
        run.Spec = run.Spec with { Round = new() { Quorum = 0.75, SimulatedDeadlineSeconds = 60 } };
        var trainer = new FakeTrainer();

        var (result, reports) = await RunAsync(run, trainer);

        Assert.Equal(0, trainer.CountOf(2));
        Assert.Equal(3, trainer.CountOf(3));
        Assert.Equal(3 * 60, result.SimulatedSeconds);
        Assert.All(reports, report =>
        {
            Assert.Equal(["u2"], report.Missing);
            Assert.Equal([new SimulatedUser("u2", 97 + Transfers)], report.Simulated!.Late);
            Assert.Equal(["u0", "u1", "u3"], report.Receipts.Select(receipt => receipt.User));
        });
    }

    [Fact]
    public async Task Run_TooManyLate_FailsNamingThemAndTheirTime()
    {
        using var run = RunOf(index => index == 2 ? 97 : 1);
        run.Spec = run.Spec with { Round = new() { SimulatedDeadlineSeconds = 60 } };
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer(), time: new ManualTime());

        var error = await Assert.ThrowsAsync<ExperimentFailedException>(cluster.RunAsync);

        Assert.Equal(
            "Round 1: 3 of 4 users took part, but the quorum 1 needs 4; missing are 'u2' (late: its device needs "
            + "100.5 s, but round.simulatedDeadlineSeconds is 60).",
            error.Message);
    }

    /// <summary>A router phase comes every other round and takes longer than the deadline. A user who is late with one
    /// must not come to it again and again.</summary>
    [Fact]
    public async Task Run_LateForARouterPhase_TakesPartInTheNextRoundWithoutIt()
    {
        using var run = RunOf(index => index == 3 ? 1 : 1e-6);
        run.Spec = run.Spec with
        {
            Rounds = 5,
            Router = new() { Every = 4, Iterations = 100 },
            Round = new() { Quorum = 0.5, SimulatedDeadlineSeconds = 10 },
        };
        var trainer = new FakeTrainer();

        var (_, reports) = await RunAsync(run, trainer);

        Assert.Equal([1, 3], reports.Where(report => report.Missing is ["u3"]).Select(report => report.Round));
        Assert.Equal([0, 4, 8], trainer.Orders.Where(order => order.User == 3).Select(order => order.StepsTaken));
        Assert.Equal([0, 2, 4, 6, 8], trainer.Orders.Where(order => order.User == 0).Select(order => order.StepsTaken));
    }

    [Fact]
    public async Task Run_OtherProcessAfterRoundOne_GoesOnWithTheClock()
    {
        using var whole = RunOf(index => 1 << index, Sampling.Availability);
        var (expected, _) = await RunAsync(whole, new FakeTrainer());

        using var run = RunOf(index => 1 << index, Sampling.Availability);
        var (entered, hanging) = (new TaskCompletionSource(), new FakeTrainer());
        hanging.OnTrain = (_, stop) =>
        {
            if (hanging.Orders.All(order => order.StepsTaken == 0))
            {
                return Task.CompletedTask;
            }

            entered.TrySetResult();
            return Task.Delay(Timeout.Infinite, stop);
        };
        await using (var first = await TestCluster.StartAsync(run, hanging))
        {
            await first.Experiment.StartAsync(run.Spec, CancellationToken.None);
            await entered.Task;
        }

        var (result, reports) = await RunAsync(run, new FakeTrainer());

        Assert.Equal(expected.SimulatedSeconds, result.SimulatedSeconds);
        Assert.True(reports[1].Simulated!.StartSeconds > 0);
    }

    [Theory]
    [InlineData(Sampling.Size)]
    [InlineData(Sampling.Availability)]
    public async Task Run_OneOrThreeSilos_HasTheSameCohortsAndTimes_AsForecast(Sampling sampling)
    {
        using var one = RunOf(index => 1 << index, sampling);
        using var three = RunOf(index => 1 << index, sampling);

        var simulated = (await RunAsync(one, new FakeTrainer())).Reports.Select(report => report.Simulated!).ToArray();

        Assert.Equal(
            Text(simulated),
            Text((await RunAsync(three, new FakeTrainer(), silos: 3)).Reports.Select(report => report.Simulated!)));
        Assert.Equal(Text(simulated), Text(RoundForecast.Of(one.Spec, FakeTrainer.Shape)));
        Assert.True(simulated.Select(round => round.Seconds).Distinct().Count() > 1);
    }

    [Fact]
    public void Forecast_RunThatWillMissItsQuorum_FailsInTheSameRound()
    {
        using var run = RunOf(index => index == 2 ? 97 : 1);
        var spec = run.Spec with { Round = new() { Cohort = 2, SimulatedDeadlineSeconds = 60 } };
        var rounds = new List<SimulatedRound>();

        var failed = Assert.Throws<RoundFailedException>(
            () => rounds.AddRange(RoundForecast.Of(spec with { Rounds = 100 }, FakeTrainer.Shape)));

        Assert.StartsWith("Round ", failed.Message, StringComparison.Ordinal);
        Assert.Contains("1 of 2 users took part", failed.Message, StringComparison.Ordinal);
        Assert.Equal(["u2"], failed.Missing);
    }

    /// <summary>From the second round on everybody gets everybody's.</summary>
    [Fact]
    public void Forecast_MethodThatSendsEverybodysParameters_CountsThemAll()
    {
        using var run = new TestRun();
        const double Shared = 4 * (48 + (2 * 80));   // both experts
        var spec = Devices.On(run.Spec, _ => Devices.Fast with { DownBytesPerSecond = Shared }) with { Method = "pcl" };

        var seconds = RoundForecast.Of(spec, FakeTrainer.Shape).Select(round => round.Seconds).ToArray();

        Assert.Equal([1.0, 4.0, 4.0], seconds.Select(time => Math.Round(time, 6)));
    }

    [Fact]
    public void Forecast_MethodThatSharesNothing_SendsNothing()
    {
        using var run = RunOf(_ => 1);

        var first = RoundForecast.Of(run.Spec with { Method = "comigs-2s" }, FakeTrainer.Shape).First();

        Assert.Equal(1 + 0.5, first.Seconds);
    }

    private static TestRun RunOf(Func<int, double> seconds, Sampling sampling = Sampling.Uniform)
    {
        var run = new TestRun();
        run.Spec = Devices.On(run.Spec, index => Devices.Computing(seconds(index)) with { Availability = 0.7 })
            with { Round = new() { Sampling = sampling, Cohort = sampling == Sampling.Uniform ? 0 : 2 } };
        return run;
    }

    private static async Task<(ExperimentResult Result, List<RoundReport> Reports)> RunAsync(
        TestRun run, FakeTrainer trainer, int silos = 1)
    {
        await using var cluster = await TestCluster.StartAsync(run, trainer, silos, new ManualTime());
        var result = await cluster.RunAsync();
        var reports = new List<RoundReport>();
        await foreach (var report in cluster.Experiment.WatchAsync(0, CancellationToken.None))
        {
            reports.Add(report);
        }

        return (result, reports);
    }

    private static string Text(IEnumerable<SimulatedRound> rounds) =>
        System.Text.Encoding.UTF8.GetString(Json.ToBytes(rounds.ToArray()));
}
