using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Tests.Training;

/// <summary>Algorithm 1 as a sequence of what it asks of a device.</summary>
public class LocalRoundTests
{
    [Theory]
    [InlineData(RouterMode.None, 0, "E E E E")]
    [InlineData(RouterMode.Joint, 0, "J J J J")]
    [InlineData(RouterMode.AlternatingOnValid, 0, "E E E Rv Rv E")]
    [InlineData(RouterMode.AlternatingOnTrain, 0, "E E E Rt Rt E")]
    [InlineData(RouterMode.AlternatingOnValid, 4, "E E Rv Rv E E")]
    [InlineData(RouterMode.AlternatingOnValid, 5, "E Rv Rv E E E Rv Rv")]
    public async Task Round_OfFourStepsWithTauThree_AsksInThisOrder(RouterMode mode, int stepsTaken, string expected)
    {
        var learner = new RecordingLearner();

        await LocalRound.RunAsync(learner, Plan(mode), stepsTaken, default);

        Assert.Equal(expected, string.Join(' ', learner.Asked));
    }

    [Fact]
    public async Task Round_EveryStep_IsAnnouncedWithItsPhase()
    {
        var learner = new RecordingLearner();

        await LocalRound.RunAsync(
            learner, Plan(RouterMode.AlternatingOnValid), 0, default,
            phase => learner.Asked.Add($"before {phase.ToString()[..1]}:"));

        Assert.Equal(
            "before E: E before E: E before E: E before R: Rv before R: Rv before E: E",
            string.Join(' ', learner.Asked));
    }

    [Fact]
    public async Task ExpertRate_FollowsTheCosineOfTheWholeRun_RouterRateIsConstant()
    {
        var learner = new RecordingLearner();

        await LocalRound.RunAsync(learner, Plan(RouterMode.AlternatingOnValid) with { FirstStep = 4 }, 4, default);

        var schedule = Plan(RouterMode.None).ExpertRate;
        Assert.Equal(
            [schedule.At(4), schedule.At(5), 0.5f, 0.5f, schedule.At(6), schedule.At(7)], learner.Rates);
    }

    [Fact]
    public async Task CancelledRound_StopsBeforeTheNextStep()
    {
        using var stop = new CancellationTokenSource();
        var learner = new RecordingLearner { OnUpdate = stop.Cancel };

        await Assert.ThrowsAsync<OperationCanceledException>(
            () => LocalRound.RunAsync(learner, Plan(RouterMode.None), 0, stop.Token));

        Assert.Single(learner.Asked);
    }

    private static LocalPlan Plan(RouterMode mode) => new()
    {
        StepCount = 4,
        FirstStep = 0,
        MicroBatch = 1,
        Accumulation = 1,
        SequenceLength = 1,
        ExpertRate = new(1, 0.1, 8),
        RouterRate = 0.5f,
        Router = mode,
        RouterEvery = 3,
        RouterIterations = 2,
        AdamW = new AdamWSettings(),
        BalanceWeight = 0,
    };

    private sealed class RecordingLearner : ILearner
    {
        public List<string> Asked { get; } = [];

        public List<float> Rates { get; } = [];

        public Action? OnUpdate { get; init; }

        public ValueTask AccumulateAsync(Phase phase, DataSplit split)
        {
            var data = phase != Phase.Router ? "" : split == DataSplit.Valid ? "v" : "t";
            Asked.Add(phase.ToString()[..1] + data);
            return ValueTask.CompletedTask;
        }

        public void AddTerm(ParameterTerm term) => Asked.Add("+");

        public void Update(Phase phase, float learningRate)
        {
            Rates.Add(learningRate);
            OnUpdate?.Invoke();
        }
    }
}
