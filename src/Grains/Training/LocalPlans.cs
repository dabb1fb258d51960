using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Training;

/// <summary>What a user has and does, out of a run's spec; no base model is needed.</summary>
public static class LocalPlans
{
    public static AdapterShape ShapeOf(RunSpec spec, Method method, UserSpec user) => new(
        user.Experts, user.MlpRank, user.AttentionRank, (float)spec.Experts.Alpha, spec.Experts.TopK,
        method.HasRouter);

    /// <summary>Null: users keep their rank.</summary>
    public static RankPruning? PruningOf(RunSpec spec, Method method) =>
        method.PrunesRank ? new(spec.Aggregation.PruningFactor, spec.Aggregation.PruningWeight) : null;

    public static LocalPlan Of(RunSpec spec, Method method, UserSpec user, int round)
    {
        var training = spec.Training;
        var routes = ShapeOf(spec, method, user).Routes;
        return new()
        {
            StepCount = user.LocalSteps,
            FirstStep = round * user.LocalSteps,
            MicroBatch = user.MicroBatch,
            Accumulation = user.Accumulation,
            SequenceLength = training.SequenceLength,
            ExpertRate = new(
                training.LearningRate, training.LearningRate * training.LearningRateFloor,
                spec.Rounds * user.LocalSteps),
            RouterRate = (float)spec.Router.LearningRate,
            Router = routes ? method.Router : RouterMode.None,
            RouterEvery = spec.Router.Every,
            RouterIterations = spec.Router.Iterations,
            AdamW = new(
                (float)training.Beta1, (float)training.Beta2, (float)training.Epsilon, (float)training.WeightDecay),
            BalanceWeight = routes ? (float)training.BalanceWeight : 0,
            FreezesA = method.FreezesA,
            Pruning = PruningOf(spec, method),
        };
    }
}
