namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>The symmetric Dirichlet distribution. Computed in logarithms: with a small α most proportions are far below
/// the smallest double, and their quotients must stay right.</summary>
internal static class Dirichlet
{
    /// <summary>One draw: <paramref name="count"/> proportions ≥ 0 with sum 1.</summary>
    /// <param name="random">Advanced.</param>
    /// <param name="alpha">Greater than 0; large: even, small: concentrated on few.</param>
    /// <param name="count">At least 1.</param>
    public static double[] Draw(Randomness random, double alpha, int count)
    {
        var logs = new double[count];
        for (var i = 0; i < count; i++)
        {
            logs[i] = LogGamma(random, alpha);
        }

        return Proportions.OfLogs(logs);
    }

    /// <summary>Logarithm of a Gamma(α, 1) variate: Marsaglia and Tsang, TOMS 2000, and for α &lt; 1 their remark that
    /// Gamma(α) is Gamma(α + 1)·U^(1/α).</summary>
    private static double LogGamma(Randomness random, double alpha)
    {
        if (alpha < 1)
        {
            var log = LogGamma(random, alpha + 1);
            return log + (Math.Log(1 - random.NextDouble()) / alpha);
        }

        var d = alpha - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = random.NextNormal();
            var root = 1 + (c * x);
            var v = root * root * root;
            var u = 1 - random.NextDouble();   // in (0, 1]
            if (v > 0 && Math.Log(u) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
            {
                return Math.Log(d * v);
            }
        }
    }
}
