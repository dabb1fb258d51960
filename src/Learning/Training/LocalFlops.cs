using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Training;

/// <summary>Floating-point operations of local work, a multiply-add counting two: what the kernels multiply
/// and no more. Norms, everything elementwise and AdamW count nothing, nor does what is computed twice to save memory.
/// d width · T tokens of a sequence · V vocabulary · r rank · k experts at work per token.</summary>
public static class LocalFlops
{
    /// <summary>One user's part of one round.</summary>
    /// <param name="stepsTaken">Local steps the user has taken in earlier rounds: they say when router phases
    /// come.</param>
    public static double OfRound(ModelShape model, AdapterShape adapters, LocalPlan plan, int stepsTaken)
    {
        var routerSteps = plan.RouterPhases(stepsTaken) * plan.RouterIterations;
        var tokensOfStep = (double)plan.Accumulation * plan.MicroBatch * plan.SequenceLength;
        return tokensOfStep
            * ((plan.StepCount * TrainingPerToken(model, adapters, plan.SequenceLength, plan.StepPhase))
                + (routerSteps * TrainingPerToken(model, adapters, plan.SequenceLength, Phase.Router)));
    }

    /// <summary>Forward, the gradient of what is in between, and the gradients of the phase.</summary>
    public static double TrainingPerToken(ModelShape model, AdapterShape adapters, int tokens, Phase phase)
    {
        var all = ForwardPerToken(model, adapters, tokens) + BackwardPerToken(model, adapters, tokens, phase);
        return all - NotNeededInFirstBlock(model, adapters, tokens, phase);
    }

    /// <summary>Measuring.</summary>
    public static double ForwardPerToken(ModelShape model, AdapterShape adapters, int tokens) =>
        BaseForwardPerToken(model, tokens)
        + (model.LayerCount * (AdaptersOf(model, adapters) + RouterOf(model, adapters)));

    /// <summary>The base model alone: the linear maps (24 d² a block) and the head (2 d V), each once forward and once
    /// for the gradient of its input, except the first block's qkv (6 d²), below which nothing is trained; causal
    /// attention over half the square, 2 d T forward and twice that backward.</summary>
    public static double BaseTrainingPerToken(ModelShape model, int tokens) =>
        BaseForwardPerToken(model, tokens) + BaseBackwardPerToken(model, tokens) - (6.0 * model.Width * model.Width);

    private static double BaseBackwardPerToken(ModelShape model, int tokens) =>
        BaseForwardPerToken(model, tokens) + (model.LayerCount * Attention(model, tokens));

    private static double BaseForwardPerToken(ModelShape model, int tokens)
    {
        double d = model.Width;
        return (model.LayerCount * ((24 * d * d) + Attention(model, tokens))) + (2 * d * model.VocabularySize);
    }

    /// <summary>Of all inputs, and of the phase's parameters.</summary>
    private static double BackwardPerToken(ModelShape model, AdapterShape adapters, int tokens, Phase phase)
    {
        var inputs = BaseBackwardPerToken(model, tokens)
            + (model.LayerCount * (AdaptersOf(model, adapters) + RouterOf(model, adapters)));
        var parameters = (phase == Phase.Router ? 0 : AdaptersOf(model, adapters))
            + (phase == Phase.Experts ? 0 : RouterOf(model, adapters));
        return inputs + (model.LayerCount * parameters);
    }

    /// <summary>Below the first block nothing is trained, so no gradient flows there: not through its qkv, and in a
    /// router phase through nothing below the experts' hidden layer.</summary>
    private static double NotNeededInFirstBlock(ModelShape model, AdapterShape adapters, int tokens, Phase phase)
    {
        double d = model.Width;
        return phase != Phase.Router
            ? (6 * d * d) + (2 * adapters.AttentionRank * d)
            : (16 * d * d) + (2 * Attention(model, tokens)) + AttentionAdapters(model, adapters)
                + (ExpertAdapters(model, adapters) / 2) + RouterOf(model, adapters);
    }

    /// <summary>QKᵀ and its product with V, each d T over half the square.</summary>
    private static double Attention(ModelShape model, int tokens) => 2.0 * model.Width * tokens;

    private static double AdaptersOf(ModelShape model, AdapterShape adapters) =>
        AttentionAdapters(model, adapters) + ExpertAdapters(model, adapters);

    /// <summary>d → r → 3d and d → r → d.</summary>
    private static double AttentionAdapters(ModelShape model, AdapterShape adapters) =>
        12.0 * adapters.AttentionRank * model.Width;

    /// <summary>d → r → 4d and 4d → r → d, for each expert a token goes to.</summary>
    private static double ExpertAdapters(ModelShape model, AdapterShape adapters) =>
        20.0 * adapters.MlpRank * model.Width * (adapters.Routes ? adapters.RoutedCount : adapters.ExpertCount);

    private static double RouterOf(ModelShape model, AdapterShape adapters) =>
        adapters.Routes ? 2.0 * model.Width * adapters.ExpertCount : 0;
}
