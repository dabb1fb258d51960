using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Training;

/// <summary>Algorithm 1, one user's part of one round, the same on every device.</summary>
public static class LocalRound
{
    /// <param name="stepsTaken">Local steps t the user has taken in earlier rounds.</param>
    /// <param name="stop">Looked at before every step.</param>
    /// <param name="beforeStep">See <see cref="LocalWork.BeforeStep"/>.</param>
    public static async Task RunAsync(
        ILearner learner, LocalPlan plan, int stepsTaken, CancellationToken stop, Action<Phase>? beforeStep = null)
    {
        var phase = plan.StepPhase;
        for (var step = 0; step < plan.StepCount; step++)
        {
            stop.ThrowIfCancellationRequested();
            beforeStep?.Invoke(phase);

            // 1. The experts step on train, the router fixed.
            await learner.AccumulateAsync(phase, DataSplit.Train);
            if (plan.Pruning is { } pruning)
            {
                learner.AddTerm(pruning.AddGradient);
            }

            learner.Update(phase, plan.ExpertRate.At(plan.FirstStep + step));

            // 2. Every τ steps the router steps s times, the experts fixed.
            if (plan.RouterFollows(stepsTaken + step + 1))
            {
                await RunRouterPhaseAsync(learner, plan, stop, beforeStep);
            }
        }
    }

    private static async Task RunRouterPhaseAsync(
        ILearner learner, LocalPlan plan, CancellationToken stop, Action<Phase>? beforeStep)
    {
        var split = plan.Router == RouterMode.AlternatingOnValid ? DataSplit.Valid : DataSplit.Train;
        for (var iteration = 0; iteration < plan.RouterIterations; iteration++)
        {
            stop.ThrowIfCancellationRequested();
            beforeStep?.Invoke(Phase.Router);
            await learner.AccumulateAsync(Phase.Router, split);
            learner.Update(Phase.Router, plan.RouterRate);
        }
    }
}
