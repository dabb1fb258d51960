using System.Collections.Immutable;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Grains.Tests.Experiments;

public sealed class RunsTests
{
    [Fact]
    public async Task Submit_TwoRuns_RunOneAfterAnotherWithoutAnybodyWatching()
    {
        using var run = new TestRun();
        var trainer = new FakeTrainer();
        await using var cluster = await TestCluster.StartAsync(run, trainer);
        var (first, second) = (run.Spec, run.Spec with { Experiment = "second", After = "run" });
        var (entered, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        trainer.OnTrain = (_, _) =>
        {
            entered.TrySetResult();
            return go.Task;
        };

        await Runs(cluster).SubmitAsync(SubmissionOf(first, second), [first, second]);
        await entered.Task;
        var during = await StatusesAsync(cluster);
        go.SetResult();
        await cluster.Grains.GetGrain<IExperimentGrain>("second").GetResultAsync(CancellationToken.None);

        Assert.Equal([(ExperimentPhase.Running, 0), (ExperimentPhase.Running, 0)], during);
        Assert.Equal([(ExperimentPhase.Finished, 3), (ExperimentPhase.Finished, 3)], await StatusesAsync(cluster));
    }

    [Fact]
    public async Task Submit_FirstRunFails_EndsTheSecondNamingTheFirst()
    {
        using var run = new TestRun();
        File.Delete(run.Spec.Users[0].Train[0].Shard);
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        var second = run.Spec with { Experiment = "second", After = "run" };

        await Runs(cluster).SubmitAsync(SubmissionOf(run.Spec, second), [run.Spec, second]);

        var error = await Assert.ThrowsAsync<ExperimentFailedException>(
            () => cluster.Grains.GetGrain<IExperimentGrain>("second").GetResultAsync(CancellationToken.None));
        Assert.Equal("Run 'run', which comes first, did not finish.", error.Message);
    }

    [Fact]
    public async Task Submit_SameAgain_ChangesNothing_OtherSettings_AreRefusedNamingTheResults()
    {
        using var run = new TestRun();
        var trainer = new FakeTrainer();
        await using var cluster = await TestCluster.StartAsync(run, trainer);
        var submission = SubmissionOf(run.Spec);
        await Runs(cluster).SubmitAsync(submission, [run.Spec]);
        await cluster.Experiment.GetResultAsync(CancellationToken.None);

        await Runs(cluster).SubmitAsync(submission, [run.Spec]);

        Assert.Equal(3, trainer.CountOf(0));
        var refused = await Assert.ThrowsAsync<ExperimentFailedException>(
            () => Runs(cluster).SubmitAsync(submission with { RunFile = "seed: 8" }, [run.Spec with { Seed = 8 }]));
        Assert.Contains("/results/mine", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_RunIdOfAnotherRun_IsRefusedAndLeavesNothingBehind()
    {
        using var run = new TestRun();
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        await cluster.RunAsync();
        ImmutableArray<RunSpec> runs =
            [run.Spec with { Experiment = "fresh" }, run.Spec with { Seed = 8, After = "fresh" }];

        await Assert.ThrowsAsync<ExperimentFailedException>(
            () => Runs(cluster).SubmitAsync(SubmissionOf([.. runs]), runs));

        Assert.Empty(await Runs(cluster).ListAsync());
        var fresh = await cluster.Grains.GetGrain<IExperimentGrain>("fresh").GetStatusAsync();
        Assert.NotEqual(ExperimentPhase.Running, fresh.Phase);
        await Runs(cluster).KeepGoingAsync();
    }

    [Fact]
    public async Task Get_UnknownName_IsRefusedNamingWhatThereIs()
    {
        using var run = new TestRun();
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        await Runs(cluster).SubmitAsync(SubmissionOf(run.Spec), [run.Spec]);

        Assert.Equal(["run"], (await Runs(cluster).GetAsync("mine")).Runs);
        var refused = await Assert.ThrowsAsync<ExperimentFailedException>(() => Runs(cluster).GetAsync("yours"));
        Assert.Equal("This cluster has no run 'yours'; it has 'mine'.", refused.Message);
    }

    [Fact]
    public async Task Stop_RunUnderWayAndOneThatWaits_EndsBoth()
    {
        using var run = new TestRun();
        var (entered, trainer) = (new TaskCompletionSource(), new FakeTrainer());
        trainer.OnTrain = (_, stop) =>
        {
            entered.TrySetResult();
            return Task.Delay(Timeout.Infinite, stop);
        };
        await using var cluster = await TestCluster.StartAsync(run, trainer);
        var second = run.Spec with { Experiment = "second", After = "run" };
        await Runs(cluster).SubmitAsync(SubmissionOf(run.Spec, second), [run.Spec, second]);
        await entered.Task;

        await Runs(cluster).StopAsync("mine");

        var statuses = await StatusesAsync(cluster);
        Assert.Equal((ExperimentPhase.Stopped, 0), statuses[0]);
        Assert.NotEqual(ExperimentPhase.Running, statuses[1].Phase);
    }

    [Fact]
    public async Task KeepGoing_ProcessEndedDuringARun_GoesOnInTheNextOne()
    {
        using var run = new TestRun();
        var (entered, hanging) = (new TaskCompletionSource(), new FakeTrainer());
        hanging.OnTrain = (_, stop) =>
        {
            entered.TrySetResult();
            return Task.Delay(Timeout.Infinite, stop);
        };
        await using (var first = await TestCluster.StartAsync(run, hanging))
        {
            await Runs(first).SubmitAsync(SubmissionOf(run.Spec), [run.Spec]);
            await entered.Task;
        }

        // Nobody asks for the run itself: its silo's keeper does.
        var (finished, calls) = (new TaskCompletionSource(), new FakeTrainer());
        calls.OnTrain = (user, _) =>
        {
            if (calls.CountOf(user) == 2)
            {
                finished.TrySetResult();
            }

            return Task.CompletedTask;
        };
        await using var second = await TestCluster.StartAsync(run, calls);
        await finished.Task;
    }

    private static IRunsGrain Runs(TestCluster cluster) => cluster.Grains.GetGrain<IRunsGrain>(IRunsGrain.Key);

    private static Submission SubmissionOf(params RunSpec[] runs) =>
        new("mine", "seed: 7", "/results/mine", [.. runs.Select(run => run.Experiment)]);

    private static async Task<(ExperimentPhase Phase, int Rounds)[]> StatusesAsync(TestCluster cluster) =>
    [
        .. (await Runs(cluster).ListAsync()).Single().Runs.Select(run => (run.Status.Phase, run.Status.NextRound)),
    ];
}
