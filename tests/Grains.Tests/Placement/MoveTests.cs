using CoMiGS.Grains.Tests.Support;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Silo;
using InProcessTestCluster = Orleans.TestingHost.InProcessTestCluster;
using InProcessTestClusterBuilder = Orleans.TestingHost.InProcessTestClusterBuilder;

namespace CoMiGS.Grains.Tests.Placement;

public sealed class MoveTests
{
    [Fact]
    public async Task Run_SiloJoins_GetsUsersInALaterRound()
    {
        // Rounds go on until the newcomer has users.
        using var run = new TestRun(users: 8);
        run.Spec = run.Spec with { Rounds = 100_000, Evaluation = new() { Every = 0 } };
        using var trainers = new TrainerPool(_ => new FakeTrainer());
        await using var cluster = await StartTwoSilosAsync(run, trainers);
        var experiment = cluster.Client.GetGrain<IExperimentGrain>(run.Spec.Experiment);
        await experiment.StartAsync(run.Spec, CancellationToken.None);
        var shares = new List<int[]>();
        await foreach (var report in experiment.WatchAsync(0, CancellationToken.None))
        {
            shares.Add([.. report.UsersBySilo.Values.Order()]);
            if (report.Round == 2)
            {
                await cluster.StartAdditionalSiloAsync();
            }

            if (shares[^1].Length == 3)
            {
                break;
            }
        }

        await experiment.StopAsync();
        Assert.Equal([4, 4], shares[0]);
        Assert.Equal(3, shares[^1].Length);
        Assert.Equal(8, shares[^1].Sum());
    }

    [Fact]
    public async Task Report_RoundOverSilos_CountsOneBlobAndOneSumForEveryOtherSilo()
    {
        using var run = new TestRun(users: 9);
        run.Spec = run.Spec with { Evaluation = new() { Every = 0 } };
        await using var three = await TestCluster.StartAsync(run, new FakeTrainer(), silos: 3);
        await three.RunAsync();
        var reports = new List<RoundReport>();
        await foreach (var report in three.Experiment.WatchAsync(0, CancellationToken.None))
        {
            reports.Add(report);
        }

        // Two silos are not the aggregator's: each fetches float32 once, and sends back int64 once, with the probes of
        // its users' products: 8 numbers for each of the 3d + d + 4d + d outputs of a block.
        var shared = reports[0].Receipts[0].BytesSent;
        var probes = 8L * sizeof(long) * FakeTrainer.Shape.LayerCount * 9 * FakeTrainer.Shape.Width;
        Assert.All(reports, report => Assert.Equal(2 * (shared + (2 * shared) + probes), report.BytesAcrossSilos));
        Assert.All(reports, report => Assert.Equal([3, 3, 3], report.UsersBySilo.Values));
    }

    private static async Task<InProcessTestCluster> StartTwoSilosAsync(TestRun run, TrainerPool trainers)
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((_, silo) => silo.AddCoMiGS(
            new() { StateFolder = run.StateFolder, Trainers = trainers, Capacity = new(TrainerSlots: 2) }));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }
}
