using System.Collections.Immutable;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Tests;
using CoMiGS.Learning.Training.Cpu;

namespace CoMiGS.Grains.Tests.Experiments;

/// <summary>Every method as a whole run on the CPU with a small random base, and what holds between them.</summary>
public sealed class MethodTests
{
    private static readonly ModelShape Shape = new(2, 2, 16, VocabularySize: 32, PositionCount: 16);

    public static TheoryData<string> Names => [.. MethodCatalog.All.Select(method => method.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Run_AnyMethodAndSilos_EndsWithTheSameBytesAndSendsWhatItSays(string method)
    {
        var one = await OutcomeOfAsync(method);
        var three = await OutcomeOfAsync(method, silos: 3);

        Assert.Equal(one.Adapters, three.Adapters);
        Assert.Equal(one.Losses, three.Losses);
        Assert.All(one.Losses, loss => Assert.InRange(loss, 0.01, 20));
        var sends = MethodCatalog.Named(method) is { Sharing: not Sharing.Nothing, PoolsData: false };
        Assert.All(one.Reports, report => Assert.Equal(sends, report.BytesSent > 0));
    }

    /// <summary>With one user there is nothing to pool; the mean over it alone is itself, up to the 2^-40 of sums.
    /// </summary>
    [Fact]
    public async Task Centralized_OneUser_IsLocal()
    {
        var central = await OutcomeOfAsync("centralized", users: 1);
        var local = await OutcomeOfAsync("local", users: 1);

        Assert.Equal(local.Losses[0], central.Losses[0], tolerance: 1e-7);
    }

    [Fact]
    public async Task Centralized_SeveralUsers_OneTrainsOnAllTextAndAllHaveWhatItLearned()
    {
        var central = await OutcomeOfAsync("centralized");

        Assert.All(central.Reports, report => Assert.Equal(["u0"], report.Receipts.Select(receipt => receipt.User)));
        Assert.All(central.Reports, report => Assert.Empty(report.Missing));
        Assert.True(central.Adapters[0].AsSpan(^64..).SequenceEqual(central.Adapters[2].AsSpan(^64..)));
    }

    [Fact]
    public async Task Comigs1gks_OneExpert_IsFedavgWithOneExpert()
    {
        var comigs = await OutcomeOfAsync("comigs-1gks", experts: 1);
        var fedavg = await OutcomeOfAsync("fedavg", experts: 1);

        Assert.Equal(fedavg.Losses, comigs.Losses);
        Assert.Equal(fedavg.Reports.Select(report => report.Generalist), comigs.Reports.Select(r => r.Generalist));
    }

    [Fact]
    public async Task Comigs2s_NeverSendsAByte()
    {
        var run = await OutcomeOfAsync("comigs-2s", silos: 2);

        Assert.All(run.Reports, report => Assert.Equal((0, 0), (report.BytesSent, report.BytesAcrossSilos)));
        Assert.All(run.Reports, report => Assert.Null(report.Generalist));
    }

    [Fact]
    public async Task Pretrained_IsTheBase()
    {
        var run = await OutcomeOfAsync("pretrained");

        Assert.Equal(run.BaseLosses, run.Losses);
        Assert.All(run.Reports, report => Assert.Equal(0, report.Tokens));
    }

    [Fact]
    public async Task ProductGap_MeanOfFactors_IsReportedEveryRoundAndMeanOfProductsIsCloser()
    {
        var factors = await OutcomeOfAsync("comigs-1g1s");
        var products = await OutcomeOfAsync("comigs-1g1s", averages: Averaged.Products);

        Assert.All(factors.Reports, report => Assert.InRange(report.ProductGap!.Value, 1e-6, 1));
        Assert.InRange(
            products.Reports[0].ProductGap!.Value, 0, factors.Reports[0].ProductGap!.Value);
        Assert.Null((await OutcomeOfAsync("local")).Reports[0].ProductGap);
    }

    [Fact]
    public async Task Weights_UnequalUsers_MoveTheMean()
    {
        var uniform = await OutcomeOfAsync("fedavg");
        var weighted = await OutcomeOfAsync("fedavg", weights: [1, 0.5, 0.125]);

        Assert.NotEqual(uniform.Reports[0].Generalist, weighted.Reports[0].Generalist);
    }

    /// <summary>Ranks 2, 4 and 6 in one run: what the paper's rivals are for.</summary>
    [Theory]
    [InlineData("hetlora")]
    [InlineData("flexlora")]
    [InlineData("local")]
    public async Task Run_UnequalRanks_SendsByRank(string method)
    {
        var run = await OutcomeOfAsync(method, ranks: [2, 4, 6], silos: 2);

        var sent = run.Reports[0].Receipts.Select(receipt => receipt.BytesSent).ToArray();
        Assert.Equal(method == "local" ? [0, 0, 0] : sent.Order(), sent);
        Assert.Equal(sent[2] - sent[1], sent[1] - sent[0]);
        Assert.All(run.Losses, loss => Assert.InRange(loss, 0.01, 20));
    }

    /// <summary>One to three experts, 3 to 5 steps, 1 to 3 sequences and a part of the text each, in one run.</summary>
    [Fact]
    public async Task Run_UnequalUsers_EachTrainsItsOwnSizeAndTheGeneralistIsOne()
    {
        var run = await OutcomeOfAsync("comigs-1gks", silos: 2, change: (user, index) => user with
        {
            Experts = index + 1,
            LocalSteps = index + 3,
            MicroBatch = index + 1,
            Train = [user.Train[0] with { Share = 0.5 + (0.25 * index) }],
        });

        // Experts' steps of 8 tokens a sequence; the router's, 2 in every phase, only where there is one.
        long[] experts = [.. Enumerable.Range(0, 3).Select(index => (index + 3) * (index + 1) * 8L)];
        Assert.All(run.Reports, report => Assert.Equal(experts[0], report.Receipts[0].Tokens));
        Assert.All(run.Reports, report => Assert.True(report.Receipts[1].Tokens > experts[1]));
        Assert.All(run.Reports, report => Assert.Single(report.Receipts.Select(r => r.BytesSent).Distinct()));
        Assert.Equal([200, 300, 400], run.TrainTokens);
    }

    private static async Task<Outcome> OutcomeOfAsync(
        string method, int users = 3, int? experts = null, int silos = 1, Averaged averages = Averaged.Factors,
        double[]? weights = null, int[]? ranks = null, Func<UserSpec, int, UserSpec>? change = null)
    {
        using var run = new TestRun(users);
        run.WriteCounting(Shape.VocabularySize);
        var merged = MethodCatalog.Named(method).Experts == ExpertCounts.Merged;
        run.Spec = run.Spec with
        {
            Method = method,
            Rounds = method == "pretrained" ? 1 : 2,
            Training = new() { SequenceLength = 8, LearningRate = 1e-2 },
            Router = new() { Every = 3, Iterations = 2 },
            Aggregation = new() { Averages = averages, ValidTokens = 64 },
            Users =
            [
                .. run.Spec.Users.Select((user, index) => user with
                {
                    Experts = experts ?? (merged ? 1 : 2),
                    MlpRank = ranks?[index] ?? 2,
                    LocalSteps = 4,
                    Weight = weights?[index] ?? 1,
                    Trains = method != "centralized" || index == 0,
                    Train = method == "centralized" && index == 0
                        ? [.. run.Spec.Users.SelectMany(other => other.Train)]
                        : user.Train,
                }),
            ],
        };
        run.Spec = run.Spec with { Users = [.. run.Spec.Users.Select(change ?? ((user, _) => user))] };
        using var model = PackedModel.Pack(TinyModel.Random(Shape, seed: 1));
        await using var cluster = await TestCluster.StartAsync(run, new CpuTrainer(model, threads: 2), silos);
        var result = await cluster.RunAsync();
        var reports = new List<RoundReport>();
        await foreach (var report in cluster.Experiment.WatchAsync(0, CancellationToken.None))
        {
            reports.Add(report);
        }

        return new(
            [.. result.Users.Select(user => user.Targets[0].Loss.Mean)],
            [.. result.Users.Select(user => user.Targets[0].BaseLoss.Mean)],
            [.. result.Users.Select(user => user.TrainTokens)], [.. reports], await cluster.ExportAsync());
    }

    private sealed record Outcome(
        ImmutableArray<double> Losses, ImmutableArray<double> BaseLosses, ImmutableArray<long> TrainTokens,
        ImmutableArray<RoundReport> Reports, IReadOnlyList<byte[]> Adapters);
}
