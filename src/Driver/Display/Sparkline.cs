namespace CoMiGS.Driver.Display;

/// <summary>A few figures as one word: ▇▅▃▂▁.</summary>
internal static class Sparkline
{
    private const string Steps = "▁▂▃▄▅▆▇█";

    /// <param name="figures">Those that are not finite are left out.</param>
    public static string Of(IEnumerable<double> figures)
    {
        var finite = figures.Where(double.IsFinite).ToArray();
        if (finite.Length == 0)
        {
            return "";
        }

        var (low, high) = (finite.Min(), finite.Max());
        var step = (high - low) / (Steps.Length - 1);
        return string.Concat(finite.Select(figure =>
            Steps[step > 0 ? (int)Math.Round((figure - low) / step) : 0]));
    }
}
