using CoMiGS.Learning.Experts;

namespace CoMiGS.Learning.Training;

/// <summary>One user, or a stack of users with equal shapes and equal plans, in the middle of a round: what Algorithm 1
/// needs of a device.</summary>
public interface ILearner
{
    /// <summary>Draws the next accumulation micro-batches from the split, and leaves in the gradient buffer the
    /// gradient of their mean loss + λ LB for the parameters of the phase.</summary>
    ValueTask AccumulateAsync(Phase phase, DataSplit split);

    /// <summary>Adds a further term of the loss, which depends on nothing but the parameters, to the gradient and to
    /// the losses of the step's micro-batches.</summary>
    void AddTerm(ParameterTerm term);

    /// <summary>One AdamW step of the phase's parameters with the gradient just accumulated.</summary>
    void Update(Phase phase, float learningRate);
}

/// <summary>A function of one user's parameters; adds its gradient.</summary>
/// <param name="parameters">[layout length]</param>
/// <param name="gradient">[layout length]; added to.</param>
/// <returns>Its value.</returns>
public delegate double ParameterTerm(ParameterLayout layout, ReadOnlySpan<float> parameters, Span<float> gradient);
