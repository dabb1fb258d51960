namespace CoMiGS.Learning.Training;

/// <summary>Load balance of the paper's eq. 10–11: LB = [f_0 P_0 + (n−1) Σ_{j≥1} f_j P_j] / ((n−1)² + 1), averaged over
/// blocks; f_j = share of tokens whose top-k contains j (a constant for the gradient), P_j = mean probability of
/// j.</summary>
public static class LoadBalance
{
    /// <summary>The mean over blocks, unweighted by λ; 0 for one expert.</summary>
    public static double Loss(RoutingTally tally)
    {
        if (tally.ExpertCount == 1 || tally.TokenCount == 0)
        {
            return 0;
        }

        double sum = 0, tokens = tally.TokenCount;
        for (var i = 0; i < tally.Selected.Length; i++)
        {
            sum += Importance(tally, i) * (tally.Selected[i] / tokens) * (tally.ProbabilitySum[i] / tokens);
        }

        return sum / tally.LayerCount;
    }

    /// <summary>d(scale · Loss)/d(probability of expert j for one token of block l), the same for every
    /// token.</summary>
    /// <param name="slopes">Receives [layer, expert].</param>
    public static void Slopes(RoutingTally tally, double scale, Span<float> slopes)
    {
        double tokens = tally.TokenCount;
        for (var i = 0; i < slopes.Length; i++)
        {
            slopes[i] = tally.ExpertCount == 1 ? 0 : (float)(scale * Importance(tally, i)
                * (tally.Selected[i] / tokens) / tokens / tally.LayerCount);
        }
    }

    private static double Importance(RoutingTally tally, int index)
    {
        double specialists = tally.ExpertCount - 1;
        return (index % tally.ExpertCount == 0 ? 1 : specialists) / ((specialists * specialists) + 1);
    }
}
