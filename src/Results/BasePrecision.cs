using CoMiGS.Learning.Model;
using CoMiGS.Learning.Torch;

namespace CoMiGS.Results;

/// <summary>What products with the base were computed in.</summary>
/// <param name="Compared">How far that is from float32; null where it is float32, or where nothing was trained.</param>
internal sealed record BasePrecision(FloatType Type, PrecisionComparison? Compared);
