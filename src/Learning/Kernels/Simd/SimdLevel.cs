using System.Runtime.Intrinsics;

namespace CoMiGS.Learning.Kernels;

/// <summary>Which vectors the kernels use. Results are the same bytes at the same level; levels differ by
/// rounding.</summary>
public enum SimdLevel
{
    /// <summary>Whatever <see cref="System.Numerics.Vector{T}"/> is on this machine.</summary>
    Portable,

    /// <summary>Eight floats (AVX2 and FMA).</summary>
    Vector256,

    /// <summary>Sixteen floats (AVX-512).</summary>
    Vector512,
}

public static class SimdLevels
{
    /// <summary>The widest level this machine runs in hardware.</summary>
    public static SimdLevel Best =>
        Vector512.IsHardwareAccelerated ? SimdLevel.Vector512
        : Vector256.IsHardwareAccelerated ? SimdLevel.Vector256
        : SimdLevel.Portable;

    /// <summary>Floats in a vector of this level.</summary>
    public static int Width(this SimdLevel level) => level switch
    {
        SimdLevel.Vector512 => Simd512.Width,
        SimdLevel.Vector256 => Simd256.Width,
        _ => SimdPortable.Width,
    };
}
