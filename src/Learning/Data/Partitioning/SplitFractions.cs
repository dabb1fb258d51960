using System.Globalization;

namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>How much of a user's text goes where: three numbers above 0 with sum 1.</summary>
public sealed record SplitFractions
{
    private SplitFractions(double train, double valid, double test) => (Train, Valid, Test) = (train, valid, test);

    public double Train { get; }

    public double Valid { get; }

    public double Test { get; }

    /// <summary>From TRAIN:VALID:TEST, in percent or any other unit: 80:10:10 and 8:1:1 are the same.</summary>
    /// <returns>Null if it is something else, or a part is not above 0.</returns>
    public static SplitFractions? Parse(string text)
    {
        double[] parts = [.. text.Split(':').Select(part =>
            double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0)];
        var sum = parts.Sum();
        return parts.Length == 3 && parts.All(part => part > 0) && double.IsFinite(sum)
            ? new(parts[0] / sum, parts[1] / sum, parts[2] / sum)
            : null;
    }
}
