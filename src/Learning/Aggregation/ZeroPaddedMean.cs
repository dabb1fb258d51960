using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Aggregation;

/// <summary>HetLoRA's server (Cho et al. 2024): every user's factors padded with zeros to the largest rank, and their
/// mean with weights ∝ ‖B A‖_F over all of the user's adapters, so that users whose adapters say more count more. With
/// equal ranks and norms it is the uniform mean.</summary>
public static class ZeroPaddedMean
{
    /// <param name="uploads">At least one, in an order of their own.</param>
    /// <param name="shared">Of the largest rank.</param>
    /// <returns>[shared length]</returns>
    public static float[] Of(IReadOnlyList<Upload> uploads, SharedParameters shared)
    {
        var mean = new double[shared.Length];
        foreach (var (upload, weight) in uploads.Zip(AggregationRule.ZeroPad.Weights(uploads)))
        {
            var padded = RankFit.Of(upload.Values, upload.Shared, shared);
            for (var i = 0; i < mean.Length; i++)
            {
                mean[i] += weight * padded[i];
            }
        }

        return [.. mean.Select(value => (float)value)];
    }

    /// <summary>√Σ ‖B A‖²_F over the adapters of a user, without γ.</summary>
    public static double NormOf(Upload upload) => Math.Sqrt(AdapterPair.Of(upload.Shared).Sum(pair =>
    {
        // ‖B A‖²_F = Σ (Bᵀ B) ∘ (A Aᵀ): r × r instead of d_out × d_in.
        var (a, b) = (pair.AOf(upload.Values), pair.BOf(upload.Values));
        return b.TransposeThisAndMultiply(b).PointwiseMultiply(a.TransposeAndMultiply(a)).Enumerate().Sum();
    }));
}
