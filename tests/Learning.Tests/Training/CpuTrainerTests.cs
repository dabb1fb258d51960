using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;
using CoMiGS.Learning.Training.Cpu;

namespace CoMiGS.Learning.Tests.Training;

/// <summary>What the trainer adds to the kernels: the same bytes whatever runs beside, and cancellation.</summary>
public sealed class CpuTrainerTests : IDisposable
{
    private static readonly ModelShape Shape = new(2, 2, 16, 40, 12);
    private readonly PackedModel model = PackedModel.Pack(TinyModel.Random(Shape, seed: 5));

    public static TheoryData<int, int, bool> UserShapes() => new()
    {
        { 1, 2, true }, { 2, 2, true }, { 4, 2, true }, { 3, 1, true }, { 2, 2, false },
    };

    [Theory, MemberData(nameof(UserShapes))]
    public async Task Train_WithOneOrThreeThreadsAloneOrInACrowd_GivesTheSameBytes(int experts, int topK, bool routes)
    {
        var work = Work(User(experts, topK, routes, seed: 1));
        using var single = new CpuTrainer(model, 1);
        using var crowded = new CpuTrainer(model, 3);

        var alone = await single.TrainAsync(work, default);
        var crowd = Enumerable.Range(2, 6).Select(seed => crowded.TrainAsync(Work(User(2, 2, true, seed)), default));
        var together = crowded.TrainAsync(work, default);
        await Task.WhenAll([.. crowd, together]);

        Assert.Equal(alone.User.Parameters, (await together).User.Parameters);
        Assert.Equal(alone.User.FirstMoments, (await together).User.FirstMoments);
        Assert.Equal(alone.User.SecondMoments, (await together).User.SecondMoments);
        Assert.Equal(alone.Losses, (await together).Losses);
    }

    [Fact]
    public async Task Train_LeavesItsInputAlone_AndCountsSteps()
    {
        var user = User(2, 2, true, seed: 1);
        var before = user.Copy();
        using var trainer = new CpuTrainer(model, 2);

        var outcome = await trainer.TrainAsync(Work(user), default);

        Assert.Equal(before.Parameters, user.Parameters);
        Assert.NotEqual(user.Parameters, outcome.User.Parameters);
        Assert.Equal((4, 4), (outcome.User.ExpertSteps, outcome.User.RouterSteps));
        Assert.Equal(8 * 2, outcome.Losses.Count);
    }

    /// <summary>τ = 2: the router's phases of four steps begin after the second, or one sooner.</summary>
    [Theory]
    [InlineData(0, "E E R R E E R R")]
    [InlineData(1, "E R R E E R R E")]
    public async Task Train_StepsLost_CountTowardsTheRoutersNextPhaseAndNothingElse(int lost, string expected)
    {
        using var trainer = new CpuTrainer(model, 1);

        var outcome = await trainer.TrainAsync(Work(User(2, 2, true, seed: 1)) with { StepsLost = lost }, default);

        var steps = outcome.Losses.Chunk(Plan.Accumulation).Select(step => step[0].Phase.ToString()[..1]);
        Assert.Equal(expected, string.Join(' ', steps));
        Assert.Equal(4, outcome.User.ExpertSteps);
    }

    [Fact]
    public async Task Train_OnOneBatchAgainAndAgain_LowersTheLoss()
    {
        using var trainer = new CpuTrainer(model, 2);
        var work = Work(User(2, 2, true, seed: 1));

        var outcome = await trainer.TrainAsync(work with { Plan = work.Plan with { StepCount = 60 } }, default);

        Assert.True(outcome.Losses[^1].CrossEntropy < 0.8 * outcome.Losses[0].CrossEntropy);
    }

    [Fact]
    public async Task Train_WithCancelledToken_ThrowsAndTheTrainerGoesOn()
    {
        using var trainer = new CpuTrainer(model, 2);
        var work = Work(User(2, 2, true, seed: 1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.TrainAsync(work, new(canceled: true)));

        Assert.NotEmpty((await trainer.TrainAsync(work, default)).Losses);
    }

    [Fact]
    public async Task Measure_OfAnUntrainedUser_EqualsTheBaseAndCountsEveryTarget()
    {
        using var trainer = new CpuTrainer(model, 2);
        var windows = Enumerable.Range(0, 100).Select(i => Tokens(i, 1 + (i % Shape.PositionCount) + 1)).ToArray();
        var layout = ParameterLayout.Of(Shape, new(1, 4, 4, 16, 2, false));
        var plain = UserModel.Start(layout.Adapters, new float[layout.Length]);

        var ofUser = await trainer.MeasureAsync(new(User(2, 2, true, seed: 1), windows), default);
        var ofBase = await trainer.MeasureAsync(new(plain, windows), default);

        Assert.Equal(windows.Sum(window => window.Length - 1), ofUser.Tokens);
        Assert.Equal(ofBase.LossSum, ofUser.LossSum, 3);
        Assert.Equal(ofUser.Tokens, ofUser.Tally.First[0] + ofUser.Tally.First[1]);
    }

    [Fact]
    public async Task Measure_OfAWindowLongerThanTheBase_SaysBothSizes()
    {
        using var trainer = new CpuTrainer(model, 1);

        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => trainer.MeasureAsync(new(User(2, 2, true, seed: 1), [Tokens(0, 14)]), default));

        Assert.Contains("13", error.Message);
        Assert.Contains("12", error.Message);
    }

    public void Dispose() => model.Dispose();

    private static int[] Tokens(int seed, int count) =>
        [.. Enumerable.Range(0, count).Select(i => ((seed * 31) + (i * i * 7)) % Shape.VocabularySize)];

    /// <summary>Random A and router, zero B: adapters that do nothing yet.</summary>
    private static UserModel User(int experts, int topK, bool routes, int seed)
    {
        var layout = ParameterLayout.Of(Shape, new(experts, 4, 4, 16, topK, routes));
        var parameters = new float[layout.Length];
        foreach (var parameter in layout.Parameters.Where(parameter => parameter.Factor != Factor.B))
        {
            TinyModel.Fill(parameters.AsSpan(parameter.Offset, parameter.Length), seed + parameter.Offset, 0.25f);
        }

        return UserModel.Start(layout.Adapters, parameters);
    }

    private static LocalWork Work(UserModel user) => new(user, Plan, new SameBatches());

    private static LocalPlan Plan => TinyModel.Plan with { StepCount = 4, MicroBatch = 10 };

    private sealed class SameBatches : IBatchSource
    {
        public void Fill(DataSplit split, int index, Span<int> tokens, Span<int> targets)
        {
            Tokens(3, tokens.Length).CopyTo(tokens);
            Tokens(3, tokens.Length + 1).AsSpan(1).CopyTo(targets);
        }
    }
}
