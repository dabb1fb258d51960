using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Replay;
using CoMiGS.Learning.Torch;
using CoMiGS.Learning.Training;
using CoMiGS.Learning.Training.Cpu;
using TorchSharp;

namespace CoMiGS.Learning.Tests.Torch;

/// <summary>Two implementations of the same maths, checked against each other, and how calls share the
/// device.</summary>
[Collection(nameof(TorchPresence))]
public class TorchTrainerTests
{
    private static readonly LocalWork[] Unequal =
    [
        TorchSamples.Work(1), TorchSamples.Work(2, experts: 4), TorchSamples.Work(3), TorchSamples.Work(4, topK: 1),
        TorchSamples.Work(5, experts: 1), TorchSamples.Work(6, routes: false), TorchSamples.Work(7),
    ];

    [Fact]
    public async Task TrainAsync_UnequalUsersAtOnce_EqualsTheCpuTrainer()
    {
        using var trainer = Open();
        using var model = PackedModel.Pack(TinyModel.Random(TorchSamples.Model, seed: 5));
        using var cpu = new CpuTrainer(model, 1);

        var ours = await Task.WhenAll(Unequal.Select(item => trainer.TrainAsync(item, default)));
        var theirs = await Task.WhenAll(Unequal.Select(item => cpu.TrainAsync(item, default)));

        for (var user = 0; user < Unequal.Length; user++)
        {
            AssertClose(1e-4, ours[user].User.Parameters, theirs[user].User.Parameters);
            AssertClose(1e-4, ours[user].User.FirstMoments, theirs[user].User.FirstMoments);
            AssertClose(1e-4, ours[user].User.SecondMoments, theirs[user].User.SecondMoments);
            Assert.Equal(theirs[user].User.ExpertSteps, ours[user].User.ExpertSteps);
            Assert.Equal(theirs[user].User.RouterSteps, ours[user].User.RouterSteps);
            AssertClose(2e-6, Numbers(ours[user]), Numbers(theirs[user]));
            Assert.Equal(
                theirs[user].Losses.Select(loss => loss.Phase), ours[user].Losses.Select(loss => loss.Phase));
        }
    }

    /// <summary>One step's first moments are its gradient, before AdamW's division amplifies rounding.</summary>
    [Fact]
    public async Task TrainAsync_OneStep_HasTheCpuTrainersGradient()
    {
        using var trainer = Open();
        using var model = PackedModel.Pack(TinyModel.Random(TorchSamples.Model, seed: 5));
        using var cpu = new CpuTrainer(model, 1);
        LocalWork[] work = [.. Unequal.Select(item => item with { Plan = item.Plan with { StepCount = 1 } })];

        var ours = await Task.WhenAll(work.Select(item => trainer.TrainAsync(item, default)));
        var theirs = await Task.WhenAll(work.Select(item => cpu.TrainAsync(item, default)));

        foreach (var (our, their) in ours.Zip(theirs))
        {
            AssertClose(1e-5, our.User.FirstMoments, their.User.FirstMoments);
        }
    }

    [Fact]
    public async Task TrainAsync_StackOfOneOrOfThree_GivesAUserTheSameUpToRounding()
    {
        using var alone = Open(new TorchSettings { Threads = 1, StackBytes = 1 });
        using var together = Open();
        LocalWork[] work = [TorchSamples.Work(1), TorchSamples.Work(2), TorchSamples.Work(3)];

        var apart = await Task.WhenAll(work.Select(item => alone.TrainAsync(item, default)));
        var stacked = await Task.WhenAll(work.Select(item => together.TrainAsync(item, default)));

        for (var user = 0; user < work.Length; user++)
        {
            AssertClose(1e-5, stacked[user].User.Parameters, apart[user].User.Parameters);
        }
    }

    [Fact]
    public async Task TrainAsync_SecondRound_GoesOnFromTheMomentsAndSteps()
    {
        using var trainer = Open();
        using var model = PackedModel.Pack(TinyModel.Random(TorchSamples.Model, seed: 5));
        using var cpu = new CpuTrainer(model, 1);
        var work = TorchSamples.Work(1);
        var first = await cpu.TrainAsync(work, default);
        var second = work with { User = first.User, Plan = work.Plan with { FirstStep = work.Plan.StepCount } };

        var ours = await trainer.TrainAsync(second, default);
        var theirs = await cpu.TrainAsync(second, default);

        AssertClose(1e-4, ours.User.Parameters, theirs.User.Parameters);
        Assert.Equal(theirs.User.RouterSteps, ours.User.RouterSteps);
    }

    [Fact]
    public async Task MeasureAsync_WindowsOfUnequalLength_EqualsTheCpuTrainer()
    {
        using var trainer = Open();
        using var model = PackedModel.Pack(TinyModel.Random(TorchSamples.Model, seed: 5));
        using var cpu = new CpuTrainer(model, 1);
        var windows = Enumerable.Range(0, 20).Select(i => TorchSamples.Tokens(i, 2 + (i % 12))).ToArray();
        var work = new MeasureWork(TorchSamples.User(1, experts: 3), windows);

        var ours = await trainer.MeasureAsync(work, default);
        var theirs = await cpu.MeasureAsync(work, default);

        Assert.Equal(theirs.Tokens, ours.Tokens);
        AssertClose(2e-6, [ours.LossSum], [theirs.LossSum]);
        Assert.Equal(theirs.Tally.Selected, ours.Tally.Selected);
        Assert.Equal(theirs.Tally.First, ours.Tally.First);
        AssertClose(2e-6, ours.Tally.ProbabilitySum, theirs.Tally.ProbabilitySum);
    }

    [Fact]
    public async Task InspectAsync_RoutedUser_EqualsTheCpuTrainer()
    {
        using var trainer = Open();
        using var model = PackedModel.Pack(TinyModel.Random(TorchSamples.Model, seed: 5));
        using var cpu = new CpuTrainer(model, 1);
        var work = new InspectWork(
            TorchSamples.User(1, experts: 3), 9, TorchSamples.Tokens(1, 18), TorchSamples.Tokens(2, 18), 0.01f);

        var ours = await trainer.InspectAsync(work, default);
        var theirs = await cpu.InspectAsync(work, default);

        AssertClose(2e-6, [ours.Loss.Optimised], [theirs.Loss.Optimised]);
        AssertClose(2e-6, [ours.Loss.CrossEntropy], [theirs.Loss.CrossEntropy]);
        AssertClose(2e-6, ours.Logits, theirs.Logits);
        Assert.Equal(theirs.FirstExperts, ours.FirstExperts);
        for (var block = 0; block < theirs.GateWeights.Count; block++)
        {
            AssertClose(2e-6, ours.GateWeights[block], theirs.GateWeights[block]);
        }
    }

    [Fact]
    public async Task TrainAsync_OneOfTwoCancelled_TheOtherIsTrained()
    {
        using var trainer = Open();
        var cancelled = trainer.TrainAsync(TorchSamples.Work(1), new CancellationToken(canceled: true));
        var other = trainer.TrainAsync(TorchSamples.Work(2), default);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.NotEmpty((await other).Losses);
    }

    [Fact]
    public async Task TrainAsync_CancelledInTheMiddle_StopsAndTheTrainerGoesOn()
    {
        using var trainer = Open();
        using var stop = new CancellationTokenSource();
        var work = TorchSamples.Work(1) with { Batches = new CancellingBatches(stop) };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.TrainAsync(work, stop.Token));
        Assert.NotEmpty((await trainer.TrainAsync(TorchSamples.Work(1), default)).Losses);
    }

    [Fact]
    public async Task Dispose_WhileACallIsUnderWay_EndsItAtItsNextStep()
    {
        var trainer = Open();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = TorchSamples.Work(1) with { Batches = new AnnouncingBatches(begun) };
        var training = trainer.TrainAsync(work with { Plan = work.Plan with { StepCount = 1_000_000 } }, default);

        await begun.Task;
        trainer.Dispose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => training);
    }

    [Fact]
    public async Task TrainAsync_TokenOutsideTheVocabulary_FailsAndTheTrainerGoesOn()
    {
        using var trainer = Open();
        var bad = TorchSamples.Work(1) with { Batches = new OutOfVocabulary() };

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => trainer.TrainAsync(bad, default));
        Assert.NotEmpty((await trainer.TrainAsync(TorchSamples.Work(1), default)).Losses);
    }

    [Fact]
    public async Task TrainAsync_UserOfAnotherBase_SaysBothSizes()
    {
        using var trainer = Open();
        var work = TorchSamples.Work(1);

        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => trainer.TrainAsync(work with { User = work.User with { Parameters = new float[7] } }, default));

        Assert.Contains(" 7 ", error.Message);
    }

    [Fact]
    public async Task Dispose_AfterWork_LeavesNoTensorAlive()
    {
        TorchPresence.Require();
        var before = torch.Tensor.TotalCount;
        using (var trainer = Open())
        {
            await trainer.TrainAsync(TorchSamples.Work(1), default);
            await trainer.MeasureAsync(new(TorchSamples.User(1), [TorchSamples.Tokens(1, 8)]), default);
        }

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Theory]
    [InlineData("abacus")]
    [InlineData("cuda:99")]
    [InlineData("cuda:x")]
    public void Open_DeviceThatIsNotThere_IsBadInputThatNamesIt(string device)
    {
        TorchPresence.Require();
        var error = Assert.Throws<BadInputException>(() => Open(new TorchSettings { Device = device }));
        Assert.Contains($"'{device}'", error.Message);
    }

    private static TorchTrainer Open(TorchSettings? settings = null)
    {
        TorchPresence.Require();
        return TorchTrainer.Open(
            TinyModel.Random(TorchSamples.Model, seed: 5), settings ?? new TorchSettings { Threads = 1 });
    }

    private static double[] Numbers(LocalOutcome outcome) =>
        [.. outcome.Losses.SelectMany(loss => new[] { loss.Optimised, loss.CrossEntropy })];

    private static void AssertClose(double tolerance, ReadOnlySpan<float> ours, ReadOnlySpan<float> theirs) =>
        AssertClose(tolerance, Array.ConvertAll(ours.ToArray(), value => (double)value),
            Array.ConvertAll(theirs.ToArray(), value => (double)value));

    private static void AssertClose(double tolerance, double[] ours, double[] theirs)
    {
        Assert.Equal(theirs.Length, ours.Length);
        var difference = new Difference("numbers", tolerance);
        difference.Compare("all", ours, theirs);
        Assert.True(difference.IsWithinTolerance, $"{difference.Largest:E1} apart, tolerance {tolerance:E1}");
    }

    private sealed class CancellingBatches(CancellationTokenSource stop) : IBatchSource
    {
        public void Fill(DataSplit split, int index, Span<int> tokens, Span<int> targets)
        {
            tokens.Clear();
            targets.Clear();
            stop.Cancel();
        }
    }

    private sealed class AnnouncingBatches(TaskCompletionSource begun) : IBatchSource
    {
        public void Fill(DataSplit split, int index, Span<int> tokens, Span<int> targets)
        {
            tokens.Clear();
            targets.Clear();
            begun.TrySetResult();
        }
    }

    private sealed class OutOfVocabulary : IBatchSource
    {
        public void Fill(DataSplit split, int index, Span<int> tokens, Span<int> targets) =>
            tokens.Fill(TorchSamples.Model.VocabularySize);
    }
}
