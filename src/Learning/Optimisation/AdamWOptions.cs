namespace CoMiGS.Learning.Optimisation;

/// <summary>AdamW with decoupled weight decay: p ← p(1 − lr·decay) − lr·m̂ / (√v̂ + ε), m̂ and v̂ corrected for bias.</summary>
public sealed record AdamWOptions(float Beta1, float Beta2, float Epsilon, float WeightDecay)
{
    /// <summary>Algorithm 1: 0.9, 0.95, 1e-8, 1e-2.</summary>
    public static AdamWOptions Default { get; } = new(0.9f, 0.95f, 1e-8f, 1e-2f);
}
