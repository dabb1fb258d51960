namespace CoMiGS.Learning.Methods;

/// <summary>FDLoRA's last step: a user takes w_0·local + w_1·global, (w_0, w_1) ∈ [−1, 1]², found without derivatives
/// by the loss on its valid text + 0.05 · mean |w|.</summary>
public static class AdapterFusion
{
    /// <summary>Most losses that are computed.</summary>
    public const int Budget = 25;

    private const double Penalty = 0.05;
    private const double FirstStep = 0.5;
    private const double SmallestStep = 0.05;

    /// <summary>Compass search from (½, ½): the first of the four neighbours that is better is the next point; when
    /// none is, the step is halved.</summary>
    /// <param name="loss">Cross-entropy on valid text, nats, of a combination.</param>
    /// <returns>The best weights seen.</returns>
    public static async Task<(double Local, double Global)> SearchAsync(
        Func<(double Local, double Global), Task<double>> loss)
    {
        var best = (Local: 0.5, Global: 0.5);
        var (lowest, used) = (await ObjectiveAsync(best, loss), 1);
        for (var step = FirstStep; step >= SmallestStep;)
        {
            var improved = false;
            foreach (var next in Neighbours(best, step).Where(next => next != best))
            {
                if (used++ == Budget)
                {
                    return best;
                }

                var value = await ObjectiveAsync(next, loss);
                if (value < lowest)
                {
                    (best, lowest, improved) = (next, value, true);
                    break;
                }
            }

            step = improved ? step : step / 2;
        }

        return best;
    }

    private static async Task<double> ObjectiveAsync(
        (double Local, double Global) weights, Func<(double Local, double Global), Task<double>> loss) =>
        await loss(weights) + (Penalty * (Math.Abs(weights.Local) + Math.Abs(weights.Global)) / 2);

    private static IEnumerable<(double Local, double Global)> Neighbours(
        (double Local, double Global) at, double step) =>
    [
        (at.Local, Math.Min(1, at.Global + step)),
        (Math.Min(1, at.Local + step), at.Global),
        (Math.Max(-1, at.Local - step), at.Global),
        (at.Local, Math.Max(-1, at.Global - step)),
    ];
}
