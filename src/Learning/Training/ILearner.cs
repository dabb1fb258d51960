namespace CoMiGS.Learning.Training;

/// <summary>One user, or a stack of users with equal shapes and equal plans, in the middle of a round: what Algorithm 1
/// needs of a device.</summary>
public interface ILearner
{
    /// <summary>Draws the next accumulation micro-batches from the split, and leaves in the gradient buffer the
    /// gradient of their mean loss + λ LB for the parameters of the phase.</summary>
    ValueTask AccumulateAsync(Phase phase, DataSplit split);

    /// <summary>One AdamW step of the phase's parameters with the gradient just accumulated.</summary>
    void Update(Phase phase, float learningRate);
}
