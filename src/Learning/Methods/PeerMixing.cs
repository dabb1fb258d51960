namespace CoMiGS.Learning.Methods;

/// <summary>PCL's strategy 2: θ_i ← Σ_j w_ij θ_j with w_i = softmax_j(−perplexity of model j on user i's valid text).
/// </summary>
public static class PeerMixing
{
    /// <param name="perplexities">Of every model on one user's text; a model that is not finite weighs
    /// nothing.</param>
    /// <returns>Weights that sum to 1.</returns>
    public static double[] Weights(IReadOnlyList<double> perplexities)
    {
        var best = perplexities.Where(double.IsFinite).DefaultIfEmpty(0).Min();
        double[] weights =
            [.. perplexities.Select(perplexity => double.IsFinite(perplexity) ? Math.Exp(best - perplexity) : 0)];
        var total = weights.Sum();
        return [.. weights.Select(weight => total > 0 ? weight / total : 1.0 / weights.Length)];
    }

    /// <summary>Σ_j w_j θ_j, in double precision, in order.</summary>
    /// <param name="models">Each of one length.</param>
    public static float[] Mix(IReadOnlyList<float[]> models, IReadOnlyList<double> weights)
    {
        var mixed = new double[models[0].Length];
        foreach (var (model, weight) in models.Zip(weights))
        {
            for (var i = 0; i < mixed.Length; i++)
            {
                mixed[i] += weight * model[i];
            }
        }

        return [.. mixed.Select(value => (float)value)];
    }
}
