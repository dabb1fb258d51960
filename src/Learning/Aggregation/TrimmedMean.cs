using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Aggregation;

/// <summary>Of every coordinate the mean without its lowest and its highest values, as many at each end; with all but
/// the middle one or two cut it is the median (Yin et al. 2018, "Byzantine-Robust Distributed Learning: Towards
/// Optimal Statistical Rates"). Users count alike. The sum is one in fixed point, so the order of users cannot change
/// a bit, and with nothing cut this is the plain mean to the bit.</summary>
public static class TrimmedMean
{
    /// <summary>Users cut at each end.</summary>
    /// <param name="trim">Share of the users at each end, in [0, 0.5); rounded down to whole users.</param>
    public static int CutOf(double trim, int users) =>
        (int)Math.Floor((trim * users) + 1e-9);   // 0.29 · 100 is 28.999…

    /// <summary>The same where only the median is left.</summary>
    public static int CutOfMedian(int users) => (users - 1) / 2;

    /// <param name="uploads">At least one, all values in range.</param>
    /// <param name="shared">Of the largest rank. Only users whose rank reaches a coordinate count there; one that
    /// nobody has is zero.</param>
    /// <param name="cutOf">How many to cut at each end, of how many values.</param>
    /// <returns>[shared length]</returns>
    public static float[] Of(IReadOnlyList<Upload> uploads, SharedParameters shared, Func<int, int> cutOf)
    {
        float[][] users =
        [
            .. uploads.Select(upload => upload.Shared.Length == shared.Length
                ? upload.Values
                : RankFit.Of(upload.Values, upload.Shared, shared, missing: float.NaN)),
        ];
        var result = new float[shared.Length];
        Span<float> values = new float[users.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var count = 0;
            foreach (var user in users)
            {
                if (!float.IsNaN(user[i]))
                {
                    values[count++] = user[i];
                }
            }

            if (count > 0)
            {
                values[..count].Sort();
                var cut = cutOf(count);
                result[i] = FixedPointSum.MeanOf(values[cut..(count - cut)]);
            }
        }

        return result;
    }
}
