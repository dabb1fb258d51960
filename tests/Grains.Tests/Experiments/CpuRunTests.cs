using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Tests;
using CoMiGS.Learning.Training.Cpu;

namespace CoMiGS.Grains.Tests.Experiments;

/// <summary>Whole runs on the CPU with a small random base.</summary>
public sealed class CpuRunTests
{
    private static readonly ModelShape Shape = new(2, 2, 16, VocabularySize: 32, PositionCount: 16);

    [Theory]
    [InlineData("comigs-1g1s")]
    [InlineData("comigs-1g1s", StoredMoments.Bfloat16)]
    [InlineData("comigs-1gks")]
    [InlineData("fedavg")]
    [InlineData("local")]
    public async Task Run_AnyThreadsAndSilos_EndsWithTheSameBytesOfEveryAdapter(
        string method, StoredMoments moments = StoredMoments.Float32)
    {
        var one = await BytesOfRunAsync(method, moments, threads: 1, silos: 1);

        Assert.Equal(one, await BytesOfRunAsync(method, moments, threads: 2, silos: 1));
        Assert.Equal(one, await BytesOfRunAsync(method, moments, threads: 2, silos: 3));
    }

    [Fact]
    public async Task Run_MomentsInBfloat16_EndsElsewhere() => Assert.NotEqual(
        await BytesOfRunAsync("comigs-1g1s", StoredMoments.Float32, threads: 2, silos: 1),
        await BytesOfRunAsync("comigs-1g1s", StoredMoments.Bfloat16, threads: 2, silos: 1));

    [Fact]
    public async Task Run_TextWithAPattern_MeasuresBetterThanTheBase()
    {
        using var run = NewRun("comigs-1g1s");
        run.Spec = run.Spec with { Rounds = 6 };
        using var model = PackedModel.Pack(TinyModel.Random(Shape, seed: 1));
        await using var cluster = await TestCluster.StartAsync(run, new CpuTrainer(model, threads: 2));

        var result = await cluster.RunAsync();

        Assert.All(result.Users, user => Assert.True(
            user.Targets[0].Loss.Mean < user.Targets[0].BaseLoss.Mean,
            $"{user.Id}: {user.Targets[0].Loss.Mean} nats, base {user.Targets[0].BaseLoss.Mean}"));
        Assert.All(result.Users, user => Assert.Equal(Shape.LayerCount, user.Targets[0].GeneralistShare.Length));
        Assert.All(result.Users[0].Targets[0].GeneralistShare, share => Assert.InRange(share, 0, 1));
    }

    private static async Task<IReadOnlyList<byte[]>> BytesOfRunAsync(
        string method, StoredMoments moments, int threads, int silos)
    {
        using var run = NewRun(method);
        run.Spec = run.Spec with { Training = run.Spec.Training with { Moments = moments } };
        using var model = PackedModel.Pack(TinyModel.Random(Shape, seed: 1));
        await using var cluster = await TestCluster.StartAsync(run, new CpuTrainer(model, threads), silos);
        await cluster.RunAsync();
        return await cluster.ExportAsync();
    }

    /// <summary>Three users who count in steps of 1, 2 and 3, with router phases in every round.</summary>
    private static TestRun NewRun(string method)
    {
        var run = new TestRun(users: 3);
        run.WriteCounting(Shape.VocabularySize);
        run.Spec = run.Spec with
        {
            Method = method,
            Rounds = 2,
            Training = new() { SequenceLength = 8, LearningRate = 1e-2 },
            Router = new() { Every = 3, Iterations = 2 },
            Users =
            [
                .. run.Spec.Users.Select((user, index) => user with
                {
                    Experts = method == "comigs-1gks" ? index + 1 : 2,
                    LocalSteps = 4,
                    MicroBatch = 3,
                }),
            ],
        };
        return run;
    }
}
