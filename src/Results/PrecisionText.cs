using System.Globalization;
using CoMiGS.Learning.Torch;

namespace CoMiGS.Results;

/// <summary>What bfloat16 costs and brings, in a sentence.</summary>
internal static class PrecisionText
{
    public static string Of(PrecisionComparison compared) => string.Create(
        CultureInfo.InvariantCulture,
        $"Base in bfloat16: on the first micro-batch the loss is {Figures.Relative(compared.LossError)} and the "
        + $"adapters' gradient {Figures.Relative(compared.GradientError)} from float32's (relative), at "
        + $"{compared.Speedup:0.00} times its speed.");
}
