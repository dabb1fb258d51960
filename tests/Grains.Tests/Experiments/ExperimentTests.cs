using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;

namespace CoMiGS.Grains.Tests.Experiments;

public sealed class ExperimentTests
{
    [Theory]
    [InlineData("comigs-1g1s")]
    [InlineData("comigs-2s")]
    [InlineData("fedavg")]
    [InlineData("local")]
    public async Task GetResult_FinishedRun_HasEveryUserAndTheTrainedTokens(string method)
    {
        using var run = new TestRun();
        run.Spec = run.Spec with { Method = method };
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());

        var result = await cluster.RunAsync();

        Assert.Equal(["u0", "u1", "u2", "u3"], result.Users.Select(user => user.Id));
        Assert.Equal(3 * 4 * 8, result.TrainedTokens);
        Assert.All(result.Users, user => Assert.Equal(64, user.TrainTokens));
        Assert.All(result.Users, user => Assert.Equal(63, user.Targets[0].Loss.Weight));
        Assert.All(result.Users, user => Assert.Equal(1, user.Targets[0].BaseLoss.Mean));
        Assert.Equal(method is "comigs-1g1s" or "fedavg", result.BytesSent > 0);
    }

    [Fact]
    public async Task Watch_LateWatcher_GetsPastRoundsFirstAndEndsWithTheRun()
    {
        using var run = new TestRun();
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        await cluster.RunAsync();

        var reports = await WatchAsync(cluster.Experiment, fromRound: 1);

        Assert.Equal([1, 2], reports.Select(report => report.Round));
        Assert.Equal(4, reports[0].Evaluations.Length);
        Assert.Empty(reports[1].Evaluations);
        Assert.All(reports, report => Assert.Equal(4, report.Receipts.Length));
    }

    [Fact]
    public async Task Start_SameSpecAgain_ChangesNothing_OtherSpec_IsRefused()
    {
        using var run = new TestRun();
        var trainer = new FakeTrainer();
        await using var cluster = await TestCluster.StartAsync(run, trainer);
        await cluster.RunAsync();

        await cluster.RunAsync();

        Assert.Equal(3, trainer.CountOf(0));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => cluster.Experiment.StartAsync(run.Spec with { Seed = 8 }, CancellationToken.None));
    }

    [Fact]
    public async Task Start_BadSpec_SaysWhichKeyAndLimit()
    {
        using var run = new TestRun();
        run.Spec = run.Spec with { Training = run.Spec.Training with { LocalSteps = 0 } };
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());

        var error = await Assert.ThrowsAsync<ExperimentFailedException>(
            () => cluster.Experiment.StartAsync(run.Spec, CancellationToken.None));

        Assert.Equal("Run 'run': training.localSteps is 0, but must be between 1 and 100000.", error.Message);
    }

    [Fact]
    public async Task GetResult_ShardDisappears_FailsWithOneSentenceNamingTheFile()
    {
        using var run = new TestRun();
        File.Delete(run.Spec.Users[2].Train[0].Shard);
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        await cluster.Experiment.StartAsync(run.Spec, CancellationToken.None);

        var error = await Assert.ThrowsAsync<ExperimentFailedException>(
            () => cluster.Experiment.GetResultAsync(CancellationToken.None));

        Assert.Contains("u2.bin", error.Message, StringComparison.Ordinal);
        Assert.Empty(await WatchAsync(cluster.Experiment, 0));
        var status = await cluster.Experiment.GetStatusAsync();
        Assert.Equal((ExperimentPhase.Failed, 0), (status.Phase, status.NextRound));
    }

    [Fact]
    public async Task Stop_DuringARound_EndsTheRunAndKeepsWhatIsCommitted()
    {
        using var run = new TestRun();
        var entered = new TaskCompletionSource();
        var trainer = new FakeTrainer();
        trainer.OnTrain = (user, stop) =>
        {
            if (trainer.CountOf(user) == 0)
            {
                return Task.CompletedTask;
            }

            entered.TrySetResult();
            return Task.Delay(Timeout.Infinite, stop);
        };
        await using var cluster = await TestCluster.StartAsync(run, trainer);
        await cluster.Experiment.StartAsync(run.Spec, CancellationToken.None);
        await entered.Task;

        await cluster.Experiment.StopAsync();

        var status = await cluster.Experiment.GetStatusAsync();
        Assert.Equal((ExperimentPhase.Stopped, 1), (status.Phase, status.NextRound));
        Assert.Single(await WatchAsync(cluster.Experiment, 0));
    }

    [Theory]
    [InlineData(StoredMoments.Float32)]
    [InlineData(StoredMoments.Bfloat16)]
    public async Task Experiment_OtherProcessAfterRoundOne_ContinuesAndEndsWithTheSameBytes(StoredMoments moments)
    {
        using var whole = new TestRun();
        whole.Spec = whole.Spec with { Training = whole.Spec.Training with { Moments = moments } };
        await using var uninterrupted = await TestCluster.StartAsync(whole, new FakeTrainer());
        await uninterrupted.RunAsync();
        var expected = await uninterrupted.ExportAsync();

        // Round 1 trains three users and then hangs on the fourth; the process ends there.
        using var run = new TestRun();
        run.Spec = run.Spec with { Training = whole.Spec.Training };
        var third = new TaskCompletionSource();
        var hanging = new FakeTrainer();
        hanging.OnTrain = (user, stop) =>
        {
            if (user < 3 || hanging.CountOf(user) == 0)
            {
                return Task.CompletedTask;
            }

            third.TrySetResult();
            return Task.Delay(Timeout.Infinite, stop);
        };
        await using (var first = await TestCluster.StartAsync(run, hanging))
        {
            await first.Experiment.StartAsync(run.Spec, CancellationToken.None);
            await third.Task;
        }

        var trainer = new FakeTrainer();
        await using var second = await TestCluster.StartAsync(run, trainer);
        await second.RunAsync();

        Assert.Equal(2, trainer.CountOf(3));
        Assert.Equal(expected, await second.ExportAsync());
    }

    private static async Task<List<RoundReport>> WatchAsync(IExperimentGrain experiment, int fromRound)
    {
        var reports = new List<RoundReport>();
        await foreach (var report in experiment.WatchAsync(fromRound, CancellationToken.None))
        {
            reports.Add(report);
        }

        return reports;
    }
}
