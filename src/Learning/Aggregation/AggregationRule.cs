using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Aggregation;

/// <summary>What the server makes of what users send.</summary>
public enum AggregationRule
{
    /// <summary>The mean, A and B apart: uniform, or weighted by train tokens. A sum is enough, so every silo adds its
    /// own users'.</summary>
    Mean,

    /// <summary>HetLoRA: all ranks padded with zeros to the largest, the mean weighted by ‖B A‖_F.</summary>
    ZeroPad,

    /// <summary>FlexLoRA: the mean of the products γ B A, and of that the best part of the largest rank; of which a
    /// user's first components are the best part of its own rank.</summary>
    Product,

    /// <summary>Everybody's parameters as they are (PCL): users mix them themselves.</summary>
    Stack,

    /// <summary>The median of every coordinate (<see cref="Aggregation.TrimmedMean"/>): less than half of the users
    /// may send anything, and cannot take it further than the others are.</summary>
    Median,

    /// <summary>The mean of every coordinate without its lowest and highest values
    /// (<see cref="Aggregation.TrimmedMean"/>).</summary>
    TrimmedMean,
}

/// <summary>The rules.</summary>
public static class AggregationRules
{
    /// <summary>What the server sends.</summary>
    /// <param name="uploads">At least one, in order of user id.</param>
    /// <param name="shared">Of the largest rank.</param>
    /// <param name="trim">Share of the users cut at each end of a trimmed mean, in [0, 0.5).</param>
    /// <returns>[shared length]; for a stack that many per user.</returns>
    public static float[] Combine(
        this AggregationRule rule, IReadOnlyList<Upload> uploads, SharedParameters shared, double trim = 0) =>
        rule switch
        {
            AggregationRule.Mean => Mean(uploads, shared),
            AggregationRule.ZeroPad => ZeroPaddedMean.Of(uploads, shared),
            AggregationRule.Product => ProductMean.Of(uploads, shared),
            AggregationRule.Stack => UploadStack.Of(uploads),
            AggregationRule.Median => TrimmedMean.Of(uploads, shared, TrimmedMean.CutOfMedian),
            AggregationRule.TrimmedMean => TrimmedMean.Of(uploads, shared, users => TrimmedMean.CutOf(trim, users)),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "Unknown rule."),
        };

    /// <summary>How much each user counts. They sum to 1.</summary>
    public static double[] Weights(this AggregationRule rule, IReadOnlyList<Upload> uploads)
    {
        double[] weights = rule == AggregationRule.ZeroPad
            ? [.. uploads.Select(ZeroPaddedMean.NormOf)]
            : [.. uploads.Select(upload => upload.Weight)];
        var total = weights.Sum();
        return [.. weights.Select(weight => total > 0 ? weight / total : 1.0 / uploads.Count)];
    }

    /// <summary>What a user of another rank makes of what the server sends.</summary>
    /// <param name="values">[<paramref name="from"/> length]</param>
    /// <returns>[<paramref name="to"/> length]</returns>
    public static float[] Fit(
        this AggregationRule rule, float[] values, SharedParameters from, SharedParameters to) =>
        from.Length == to.Length
            ? values   // the same ranks: the server has the largest of each
            : rule == AggregationRule.Product
                ? RankFit.KeepingProducts(values, from, to)
                : RankFit.Of(values, from, to);

    private static float[] Mean(IReadOnlyList<Upload> uploads, SharedParameters shared)
    {
        var sum = new FixedPointSum(shared.Length);
        foreach (var upload in uploads)
        {
            UploadCheck.RequireInRange(upload.Values, upload.Shared);
            sum.Add(upload.Weight, upload.Values);
        }

        return sum.Mean(uploads.Sum(upload => upload.Weight));
    }
}
