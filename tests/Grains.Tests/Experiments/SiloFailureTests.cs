using CoMiGS.Grains.Experiments;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Grains.Training;
using CoMiGS.Grains.Users;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Users;
using CoMiGS.Silo;
using CoMiGS.Silo.Storage;
using Microsoft.Extensions.DependencyInjection;
using InProcessTestCluster = Orleans.TestingHost.InProcessTestCluster;
using InProcessTestClusterBuilder = Orleans.TestingHost.InProcessTestClusterBuilder;

namespace CoMiGS.Grains.Tests.Experiments;

public sealed class SiloFailureTests
{
    [Fact]
    public async Task Run_SiloDiesDuringARound_ContinuesOnTheOthersAndEndsWithTheSameBytes()
    {
        using var whole = new TestRun(users: 9);
        await using var undisturbed = await TestCluster.StartAsync(whole, new FakeTrainer());
        await undisturbed.RunAsync();
        var expected = await undisturbed.ExportAsync();

        // Goal: a silo without the experiment dies while its users train in round 1; they come back elsewhere.
        using var run = new TestRun(users: 9);
        var (trainer, inRoundOne, died) = (new FakeTrainer(), NewSignal(), NewSignal());
        trainer.OnTrain = (user, stop) =>
        {
            if (trainer.CountOf(user) == 0)
            {
                return Task.CompletedTask;
            }

            inRoundOne.TrySetResult();
            return died.Task.WaitAsync(stop);
        };
        using var trainers = new TrainerPool(_ => trainer);
        SiloAddress? home = null;
        await using var cluster = await StartThreeSilosAsync(run, trainers, silo => home = silo);
        var experiment = cluster.Client.GetGrain<IExperimentGrain>(run.Spec.Experiment);
        await experiment.StartAsync(run.Spec, CancellationToken.None);
        await inRoundOne.Task;

        await cluster.KillSiloAsync(cluster.Silos.First(silo => !silo.SiloAddress.Equals(home)));
        died.SetResult();
        await experiment.GetResultAsync(CancellationToken.None);

        var files = new List<byte[]>();
        foreach (var user in run.Spec.Users)
        {
            var key = new UserKey(run.Spec.Experiment, user.Id).ToString();
            await cluster.Client.GetGrain<IUserGrain>(key).ExportAsync(null, CancellationToken.None);
            files.Add(
                await File.ReadAllBytesAsync(Path.Combine(run.Spec.Output, "adapters", user.Id + ".safetensors")));
        }

        Assert.Equal(expected, files);
    }

    [Fact]
    public async Task Run_AnotherActivationHasTakenOver_WritesNothingAndLeavesItsEndToTheOther()
    {
        using var run = new TestRun(users: 3);
        var (trainer, inRoundOne, taken) = (new FakeTrainer(), NewSignal(), NewSignal());
        trainer.OnTrain = (user, stop) =>
        {
            if (trainer.CountOf(user) == 0 || taken.Task.IsCompleted)
            {
                return Task.CompletedTask;
            }

            inRoundOne.TrySetResult();
            return taken.Task.WaitAsync(stop);
        };
        await using var cluster = await TestCluster.StartAsync(run, trainer);
        await cluster.Experiment.StartAsync(run.Spec, CancellationToken.None);
        var told = cluster.Experiment.GetResultAsync(CancellationToken.None);
        await inRoundOne.Task;

        // What an activation on another silo does first, when it takes this one's silo for dead.
        var head = new RecoverableState<RunHead>(
            new FileGrainStorage(run.StateFolder), RunArchive.HeadName, cluster.Experiment.GetGrainId());
        await head.ReadAsync();
        await head.WriteAsync(head.Value with { Life = 7 });
        taken.SetResult();

        await Assert.ThrowsAsync<ExperimentInterruptedException>(() => told);
        await cluster.Experiment.GetResultAsync(CancellationToken.None);
        await head.ReadAsync();
        Assert.Equal((ExperimentPhase.Finished, 8), (head.Value.Phase, head.Value.Life));
    }

    [Fact]
    public async Task Result_OfARunWhoseSpecIsGone_IsThatItCannotGoOn()
    {
        using var run = new TestRun();
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        await new RecoverableState<RunHead>(
                new FileGrainStorage(run.StateFolder), RunArchive.HeadName, cluster.Experiment.GetGrainId())
            .WriteAsync(new() { Phase = ExperimentPhase.Running });

        await Assert.ThrowsAsync<ExperimentFailedException>(
            () => cluster.Experiment.GetResultAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Run_ItsOwnSiloIsToldToStop_UsersFinishThereAndTheRunGoesOnElsewhere()
    {
        using var run = new TestRun(users: 9);
        var (trainer, inRoundOne, draining, begun) = (new FakeTrainer(), NewSignal(), NewSignal(), 0);
        trainer.OnTrain = (user, stop) =>
        {
            Interlocked.Increment(ref begun);
            if (trainer.CountOf(user) != 1)
            {
                return Task.CompletedTask;
            }

            inRoundOne.TrySetResult();
            return draining.Task.WaitAsync(stop);
        };
        using var trainers = new TrainerPool(_ => trainer);
        SiloAddress? home = null;
        await using var cluster = await StartThreeSilosAsync(
            run, trainers, silo => home = silo, () => draining.TrySetResult());
        var experiment = cluster.Client.GetGrain<IExperimentGrain>(run.Spec.Experiment);
        await experiment.StartAsync(run.Spec, CancellationToken.None);
        await inRoundOne.Task;

        await cluster.StopSiloAsync(cluster.Silos.First(silo => silo.SiloAddress.Equals(home)));
        var result = await cluster.Client.GetGrain<IExperimentGrain>(run.Spec.Experiment)
            .GetResultAsync(CancellationToken.None);

        // Nobody was cancelled, so nobody began a round twice.
        Assert.Equal(3, result.Rounds);
        Assert.Equal(9 * 3, begun);
    }

    private static async Task<InProcessTestCluster> StartThreeSilosAsync(
        TestRun run, TrainerPool trainers, Action<SiloAddress> onStart, Action? onDraining = null)
    {
        var builder = new InProcessTestClusterBuilder(3);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddCoMiGS(new()
            {
                StateFolder = run.StateFolder,
                Trainers = trainers,
                Drain = TimeSpan.FromMinutes(1),
            });
            silo.Services.AddSingleton<IIncomingGrainCallFilter>(provider =>
            {
                var here = provider.GetRequiredService<ILocalSiloDetails>();
                provider.GetRequiredService<SiloLife>().Draining.Register(() => onDraining?.Invoke());
                return new CallLog
                {
                    Before = call =>
                    {
                        if (call.Request.GetMethodName() == nameof(IExperimentGrain.StartAsync))
                        {
                            onStart(here.SiloAddress);
                        }
                    },
                };
            });
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
