namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>Shares of a whole from logarithms of weights: weights may be far below the smallest double, or above the
/// largest.</summary>
internal static class Proportions
{
    /// <param name="logs">Of weights; at least one, none NaN or +∞.</param>
    /// <returns>As many numbers ≥ 0 with sum 1.</returns>
    public static double[] OfLogs(IReadOnlyCollection<double> logs)
    {
        var largest = logs.Max();
        double[] weights = [.. logs.Select(log => Math.Exp(log - largest))];
        var sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }
}
