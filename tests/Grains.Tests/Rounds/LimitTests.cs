using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Users;
using Microsoft.Extensions.DependencyInjection;

namespace CoMiGS.Grains.Tests.Rounds;

/// <summary>Nothing a run waits for can hold it for ever.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Deadlines_AsLongAsTheyMayBe_AreTimersThatCanBeSet()
    {
        using var run = new TestRun();
        run.Spec = run.Spec with
        {
            Round = new() { DeadlineSeconds = 4e6 }, Evaluation = run.Spec.Evaluation with { DeadlineSeconds = 4e6 },
        };
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        await cluster.RunAsync();
    }

    [Fact]
    public async Task Round_AnswerIsLateButParametersAreNot_TheUserTookPart()
    {
        using var run = new TestRun();
        run.Spec = run.Spec with { Rounds = 1, Round = new() { Quorum = 0.75 } };
        var (time, calls, never) = (new ManualTime(), new CallLog(), NewSignal());
        var trained = calls.Count(nameof(IUserGrain.TrainAsync), 4);
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer(), time: time, configure: silo =>
        {
            silo.AddIncomingGrainCallFilter(async call =>
            {
                await call.Invoke();
                if (call.MethodName == nameof(IUserGrain.TrainAsync) && $"{call.TargetId.Key}" == "run/u3")
                {
                    await never.Task;
                }
            });
            silo.Services.AddSingleton<IIncomingGrainCallFilter>(calls);
        });
        await cluster.Experiment.StartAsync(run.Spec, CancellationToken.None);
        await trained;
        await using var reports = cluster.Experiment.WatchAsync(0, CancellationToken.None).GetAsyncEnumerator();
        var next = reports.MoveNextAsync().AsTask();

        await cluster.AdvanceAsync(time, run.Spec.Round.DeadlineSeconds);

        Assert.True(await next);
        never.SetResult();
        var averaged = Assert.Single(calls.Messages.OfType<Aggregate>()).Receipts.Select(receipt => receipt.User);
        Assert.Equal(["u0", "u1", "u2", "u3"], averaged);
        Assert.Equal(averaged, reports.Current.Receipts.Select(receipt => receipt.User));
        Assert.Empty(reports.Current.Missing);
        Assert.Equal(0, (await cluster.Experiment.GetVersionAsync("u3")).Version);
    }

    [Fact]
    public async Task Measurement_UserHangs_FailsTheRunAtItsDeadline()
    {
        using var run = new TestRun();
        run.Spec = run.Spec with { Evaluation = new() { Every = 1, DeadlineSeconds = 60 } };
        var (time, measuring) = (new ManualTime(), NewSignal());
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer(), time: time, configure: silo =>
            silo.AddIncomingGrainCallFilter(async call =>
            {
                if (call.MethodName == nameof(IUserGrain.EvaluateAsync))
                {
                    measuring.TrySetResult();
                    await Task.Delay(Timeout.Infinite, (CancellationToken)call.Request.GetArgument(1)!);
                }

                await call.Invoke();
            }));
        await cluster.Experiment.StartAsync(run.Spec, CancellationToken.None);
        await measuring.Task;

        await cluster.AdvanceAsync(time, 60);

        Assert.Equal(
            "Measuring users took longer than 60 s, the limit in evaluation.deadlineSeconds.",
            (await FailureOfAsync(cluster)).Message);
    }

    [Fact]
    public async Task Commit_StoreHangs_FailsTheRun()
    {
        using var run = new TestRun();
        var (time, blobs) = (new ManualTime(), new StuckBlobs());
        await using var cluster = await TestCluster.StartAsync(
            run, new FakeTrainer(), time: time, configure: silo => silo.Services.AddSingleton<IBlobStore>(blobs));
        await cluster.Experiment.StartAsync(run.Spec, CancellationToken.None);
        await blobs.Stuck.Task;

        await cluster.AdvanceAsync(time, 61);

        Assert.Equal("Run 'run' could not be saved within 60 s.", (await FailureOfAsync(cluster)).Message);
    }

    private static Task<ExperimentFailedException> FailureOfAsync(TestCluster cluster) =>
        Assert.ThrowsAsync<ExperimentFailedException>(() => cluster.Experiment.GetResultAsync(CancellationToken.None));

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Stores everything but reports, which it never finishes.</summary>
    private sealed class StuckBlobs : IBlobStore
    {
        private readonly CrashingBlobs blobs = new();

        public TaskCompletionSource Stuck { get; } = NewSignal();

        public Task WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken stop)
        {
            if (!name.Contains("/reports/", StringComparison.Ordinal))
            {
                return blobs.WriteAsync(name, bytes, stop);
            }

            Stuck.TrySetResult();
            return Task.Delay(Timeout.Infinite, CancellationToken.None);
        }

        public Task<byte[]?> ReadAsync(string name, CancellationToken stop) => blobs.ReadAsync(name, stop);

        public Task DeleteAsync(string name) => blobs.DeleteAsync(name);

        public Task<IReadOnlyList<string>> ListAsync(string folder) => blobs.ListAsync(folder);
    }
}
