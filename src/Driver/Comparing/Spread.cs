using System.Globalization;
using CoMiGS.Results;

namespace CoMiGS.Driver.Comparing;

/// <summary>Figures of several seeds.</summary>
/// <param name="Deviation">Sample standard deviation (n − 1); null for one seed.</param>
internal sealed record Spread(double Mean, double? Deviation, int Count)
{
    /// <param name="figures">At least one.</param>
    public static Spread Of(IReadOnlyCollection<double> figures)
    {
        var mean = figures.Average();
        return new(
            mean,
            figures.Count > 1
                ? Math.Sqrt(figures.Sum(figure => Math.Pow(figure - mean, 2)) / (figures.Count - 1))
                : null,
            figures.Count);
    }

    /// <summary>Perplexity, e.g. 26.1 ± 0.1.</summary>
    public override string ToString() => Deviation is { } deviation
        ? $"{Figures.Perplexity(Mean)} ± {Figures.Perplexity(deviation)}"
        : Figures.Perplexity(Mean);

    /// <summary>A difference of perplexities, e.g. +1.83 ± 0.12.</summary>
    public string Signed() =>
        double.IsFinite(Mean) && Math.Abs(Mean) < 1e6
            ? Mean.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture)
                + (Deviation is { } deviation
                    ? string.Create(CultureInfo.InvariantCulture, $" ± {deviation:0.00}")
                    : "")
            : "-";
}
